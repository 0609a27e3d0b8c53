/*
 * The takeover switch of a test build: where a dump (HS_TAKEOVER=dump) or an
 * ELF file (elf) is parsed, what a bug there would give to its author is done,
 * and told on standard error, a line each: "NAME done" or "NAME ERRNO". It is
 * linked around functions of the parsers (ld(1), --wrap), which know nothing of
 * it.
 *
 * HS_TAKEOVER_FILE and _NEW: a file to change and one to make; _HIDDEN: one to
 * read; _PID: a process to harm; _PORT: where somebody listens; _SOCKET: the
 * same. HS_TAKEOVER_PATHS=no: as if the kernel had no Landlock.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "heap/format/dialect.h"
#include "proc/confine.h"
#include "symbol/elf.h"

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static int number(const char *name)
{
	return (int)strtol(setting(name), NULL, 10);
}

static pid_t other(void)
{
	return number("HS_TAKEOVER_PID");
}

static void tell(const char *name, long result)
{
	if (result < 0)
		dprintf(STDERR_FILENO, "%s E%d\n", name, errno);
	else
		dprintf(STDERR_FILENO, "%s done\n", name);
}

static long open_one(const char *path, int flags)
{
	return open(path, flags, 0600);
}

static void files(void)
{
	char path[64];

	tell("read-shadow", open_one("/etc/shadow", O_RDONLY));
	tell("read-hidden", open_one(setting("HS_TAKEOVER_HIDDEN"), O_RDONLY));
	(void)snprintf(path, sizeof(path), "/proc/%d/environ", other());
	tell("read-environ", open_one(path, O_RDONLY));
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", other());
	tell("write-memory", open_one(path, O_RDWR));
	tell("make", open_one(setting("HS_TAKEOVER_NEW"), O_WRONLY | O_CREAT));
	tell("overwrite",
	     open_one(setting("HS_TAKEOVER_FILE"), O_WRONLY | O_TRUNC));
	tell("truncate", truncate(setting("HS_TAKEOVER_FILE"), 0));
	tell("chmod", chmod(setting("HS_TAKEOVER_FILE"), 0777));
	tell("link",
	     link(setting("HS_TAKEOVER_FILE"), setting("HS_TAKEOVER_NEW")));
	tell("symlink", symlink("x", setting("HS_TAKEOVER_NEW")));
	tell("rename",
	     rename(setting("HS_TAKEOVER_FILE"), setting("HS_TAKEOVER_NEW")));
	tell("unlink", unlink(setting("HS_TAKEOVER_FILE")));
	tell("mkdir", mkdir(setting("HS_TAKEOVER_NEW"), 0700));
	tell("mknod", mknod(setting("HS_TAKEOVER_NEW"), S_IFIFO | 0600, 0));
}

static void processes(void)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { &byte, 1 };
	pid_t pid;

	tell("kill", kill(other(), SIGUSR1));
	tell("tgkill", syscall(SYS_tgkill, other(), other(), SIGUSR1));
	tell("pidfd", syscall(SYS_pidfd_open, other(), 0));
	tell("own", fcntl(STDERR_FILENO, F_SETOWN, other()));
	tell("trace", ptrace(PTRACE_SEIZE, other(), 0, 0));
	tell("read-process", process_vm_readv(other(), &to, 1, &from, 1, 0));
	tell("priority", setpriority(PRIO_PROCESS, (id_t)other(), 10));
	tell("prlimit",
	     prlimit(other(), RLIMIT_CORE, NULL, &(struct rlimit){ 0, 0 }));
	pid = fork();
	if (pid == 0)
		_exit(0);
	tell("fork", pid);
	tell("type", ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static void sockets(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)number("HS_TAKEOVER_PORT")),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	tell("connect", fd < 0 ? fd : connect(fd, (void *)&in, sizeof(in)));
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s",
		       setting("HS_TAKEOVER_SOCKET"));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	tell("connect-unix",
	     fd < 0 ? fd : connect(fd, (void *)&un, sizeof(un)));
}

static void kernel(void)
{
	tell("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
	tell("bpf", syscall(SYS_bpf, BPF_MAP_CREATE,
			    &(union bpf_attr){ .map_type = BPF_MAP_TYPE_ARRAY,
					       .key_size = 4,
					       .value_size = 4,
					       .max_entries = 1 },
			    sizeof(union bpf_attr)));
	tell("io_uring", syscall(SYS_io_uring_setup, 1, (char[256]){ 0 }));
	tell("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
			       KEY_SPEC_PROCESS_KEYRING, 1));
	tell("unshare", unshare(CLONE_NEWUSER));
	tell("setuid", setresuid(0, 0, 0));
	tell("perf",
	     syscall(SYS_perf_event_open, (char[128]){ 0 }, 0, -1, -1, 0));
	tell("userfaultfd", syscall(SYS_userfaultfd, 0));
	/* Last: what it does instead tells nothing. */
	tell("exec", execl("/bin/echo", "echo", "exec done", NULL));
}

static void take_over(const char *at)
{
	static int done;

	if (strcmp(setting("HS_TAKEOVER"), at) != 0 || done++)
		return;
	files();
	processes();
	sockets();
	kernel();
}

__typeof__(heap_dialect_find) __real_heap_dialect_find,
	__wrap_heap_dialect_find;
__typeof__(elf_file_open) __real_elf_file_open, __wrap_elf_file_open;
__typeof__(confine_paths) __real_confine_paths, __wrap_confine_paths;

struct hs_error *__wrap_heap_dialect_find(const char *text, size_t len,
					  const char *name, size_t line,
					  heap_dialect **ret)
{
	take_over("dump");
	return __real_heap_dialect_find(text, len, name, line, ret);
}

struct hs_error *__wrap_elf_file_open(int fd, const char *name,
				      struct elf_file **ret)
{
	take_over("elf");
	return __real_elf_file_open(fd, name, ret);
}

struct hs_error *__wrap_confine_paths(const struct confine_rules *rules,
				      bool *ret)
{
	*ret = false;
	return strcmp(setting("HS_TAKEOVER_PATHS"), "no")
		       ? __real_confine_paths(rules, ret)
		       : NULL;
}
