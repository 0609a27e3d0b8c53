/*
 * A program that leaks 64 objects of 1000 bytes and then lives in a sandbox of
 * its own making. A filter that ends the process leaves no doubt that a system
 * call was made which it does not allow.
 *
 *	--filter KIND	in all threads; can be given several times
 *	--own KIND	in the main thread only
 *	--sleeps	threads of it only wait with a time-out
 *	--cancels	it has used pthread_cancel(3)
 *
 *	leak		64 objects more; "leaked"
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { MAX_FILTERS = 8, MAX_CALLS = 48, OBJECTS = 64 };

#define KILL SECCOMP_RET_KILL_PROCESS
#define ALLOW SECCOMP_RET_ALLOW
#define FAIL(e) (SECCOMP_RET_ERRNO | (e))

/* What a service like this one does itself. */
#define OWN_CALLS                                                         \
	SYS_read, SYS_write, SYS_poll, SYS_pause, SYS_clock_nanosleep,    \
		SYS_futex, SYS_mmap, SYS_munmap, SYS_madvise, SYS_getpid, \
		SYS_prctl, SYS_seccomp, SYS_exit_group

/* What a snapshot adds to that. */
#define SNAPSHOT_CALLS                                                     \
	SYS_creat, SYS_openat, SYS_close, SYS_getpid, SYS_rt_sigreturn,    \
		SYS_restart_syscall, SYS_rt_sigaction, SYS_rt_sigprocmask, \
		SYS_mprotect, SYS_clone3, SYS_clone, SYS_set_robust_list,  \
		SYS_rseq, SYS_exit

static const struct kind {
	const char *name;
	uint32_t others; /* what calls that are not listed get */
	uint32_t listed;
	int calls[MAX_CALLS]; /* ends with -1 */
} kinds[] = {
	{ "allow", ALLOW, ALLOW, { -1 } },
	{ "log", SECCOMP_RET_LOG, ALLOW, { -1 } },
	{ "own", KILL, ALLOW, { OWN_CALLS, -1 } },
	{ "list",
	  KILL,
	  ALLOW,
	  { OWN_CALLS, SNAPSHOT_CALLS, SYS_memfd_create, -1 } },
	{ "list-fails",
	  FAIL(EPERM),
	  ALLOW,
	  { OWN_CALLS, SNAPSHOT_CALLS, SYS_memfd_create, -1 } },
	{ "list-file", KILL, ALLOW, { OWN_CALLS, SNAPSHOT_CALLS, -1 } },
	{ "no-memfd", ALLOW, KILL, { SYS_memfd_create, -1 } },
	{ "no-fcntl", ALLOW, KILL, { SYS_fcntl, -1 } },
	{ "memfd-eperm", ALLOW, FAIL(EPERM), { SYS_memfd_create, -1 } },
	{ "memfd-zero", ALLOW, FAIL(0), { SYS_memfd_create, -1 } },
	{ "no-clone", ALLOW, KILL, { SYS_clone, SYS_clone3, -1 } },
	{ "clone-zero", ALLOW, FAIL(0), { SYS_clone, SYS_clone3, -1 } },
	{ "clone3-enosys", ALLOW, FAIL(ENOSYS), { SYS_clone3, -1 } },
	{ "clone3-eperm", ALLOW, FAIL(EPERM), { SYS_clone3, -1 } },
	{ "no-creat", ALLOW, SECCOMP_RET_TRAP, { SYS_creat, -1 } },
	{ "creat-traced", ALLOW, SECCOMP_RET_TRACE, { SYS_creat, -1 } },
	{ "no-sigreturn",
	  ALLOW,
	  SECCOMP_RET_KILL_THREAD,
	  { SYS_rt_sigreturn, -1 } },
	{ "no-restart", ALLOW, KILL, { SYS_restart_syscall, -1 } },
	{ "unlink-kills", ALLOW, KILL, { SYS_unlinkat, SYS_unlink, -1 } },
	/* No number that is not known, above all not -1; and no code that is
	 * made at run time: see add_kind(). */
	{ "known", ALLOW, ALLOW, { -1 } },
	{ "no-exec", ALLOW, ALLOW, { -1 } },
	/* No file of another user's rights: RestrictSUIDSGID= of systemd, which
	 * DynamicUser= has, too. */
	{ "no-suid", ALLOW, ALLOW, { -1 } },
};

struct program {
	struct sock_filter code[2 * MAX_CALLS + 8];
	unsigned short n;
	bool own;
};

static struct program programs[MAX_FILTERS];
static size_t n_programs;
static bool sleeps, cancels;
static void *kept[1 << 16];
static size_t n_kept;

static void add(struct program *p, struct sock_filter instruction)
{
	p->code[p->n++] = instruction;
}

static void add_load(struct program *p, size_t offset)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					    (uint32_t)offset));
}

static void add_return(struct program *p, uint32_t action)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* @action for what the jump is taken by, else on. */
static void add_check(struct program *p, uint16_t jump, uint32_t k,
		      uint32_t action)
{
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | jump | BPF_K, k, 0, 1));
	add_return(p, action);
}

static void add_kind(struct program *p, const struct kind *kind)
{
	const int *call;

	add_load(p, offsetof(struct seccomp_data, arch));
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
					    AUDIT_ARCH_X86_64, 1, 0));
	add_return(p, KILL);
	add_load(p, offsetof(struct seccomp_data, nr));
	for (call = kind->calls; *call >= 0; call++)
		add_check(p, BPF_JEQ, (uint32_t)*call, kind->listed);
	if (!strcmp(kind->name, "known"))
		add_check(p, BPF_JGT, 480, KILL);
	if (!strcmp(kind->name, "no-exec")) {
		add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						    SYS_mmap, 1, 0));
		add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						    SYS_mprotect, 0, 3));
		add_load(p, offsetof(struct seccomp_data, args[2]));
		add_check(p, BPF_JSET, PROT_EXEC, KILL);
	}
	if (!strcmp(kind->name, "no-suid")) {
		add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						    SYS_creat, 0, 3));
		add_load(p, offsetof(struct seccomp_data, args[1]));
		add_check(p, BPF_JSET, S_ISUID | S_ISGID, FAIL(EPERM));
	}
	add_return(p, kind->others);
}

static bool option(const char *name, const char *value)
{
	size_t i;

	if (!strcmp(name, "--sleeps")) {
		sleeps = !strcmp(value, "yes");
		return true;
	}
	if (!strcmp(name, "--cancels")) {
		cancels = !strcmp(value, "yes");
		return true;
	}
	if (strcmp(name, "--filter") != 0 && strcmp(name, "--own") != 0)
		return false;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(value, kinds[i].name) != 0 ||
		    n_programs == MAX_FILTERS)
			continue;
		programs[n_programs].own = !strcmp(name, "--own");
		add_kind(&programs[n_programs++], &kinds[i]);
		return true;
	}
	return false;
}

static void *wait_for_end(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void cancel(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_end, NULL) ||
	    pthread_cancel(thread) || pthread_join(thread, NULL))
		exit(2);
}

static void install(struct program *p)
{
	struct sock_fprog prog = { .len = p->n, .filter = p->code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    p->own ? 0 : SECCOMP_FILTER_FLAG_TSYNC, &prog)) {
		perror("seccomp");
		exit(2);
	}
}

static void leak(void)
{
	size_t i;

	for (i = 0; i < OBJECTS && n_kept < sizeof(kept) / sizeof(*kept); i++) {
		kept[n_kept] = malloc(1000);
		memset(kept[n_kept++], 'x', 1000);
	}
}

static bool command(const char *line)
{
	if (strcmp(line, "leak") != 0)
		return false;
	leak();
	victim_say("leaked");
	return true;
}

/* Waits with a time-out, for input: poll(2) goes on by restart_syscall(2). */
static void await_input(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	int n;

	while ((n = poll(&fd, 1, 1000)) <= 0) {
		if (n < 0 && errno == EINTR)
			victim_interrupted();
	}
}

int main(int argc, char **argv)
{
	size_t i;

	victim_begin(argc, argv, option);
	leak();
	if (cancels)
		cancel();
	for (i = 0; i < n_programs; i++)
		install(&programs[i]);
	victim_ready();
	if (sleeps)
		await_input();
	victim_obey(command);
	return 0;
}
