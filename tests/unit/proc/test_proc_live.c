/* Identity, memory and files of real processes: this one, and children that
 * sleep, end, are deleted, or live below another root. */
#include "proc/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/identity.h"
#include "proc/mapped_file.h"
#include "proc/maps.h"
#include "proc/memory.h"
#include "proc/status.h"
#include "proc/task.h"
#include "tests/unit/hs_check.h"

static char secret[] = "the memory of the child";

/* A child that has run @prepare (may be NULL) and sleeps until it is killed. */
static pid_t child_start(void (*prepare)(void))
{
	int fds[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (prepare)
			prepare();
		if (write(fds[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	close(fds[0]);
	return pid;
}

static void child_end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(own_identity)
{
	struct identity id;
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	ck_assert_int_gt(n, 0);
	exe[n] = '\0';
	hs_ck_ok(identity_open(getpid(), &id));
	ck_assert_int_eq(id.pid, getpid());
	ck_assert_uint_gt(id.start_time, 0);
	ck_assert_str_eq(id.command, "test_proc_live");
	ck_assert_str_eq(id.executable, exe);
	ck_assert_ptr_nonnull(strstr(id.command_line, "test_proc_live"));
	ck_assert_ptr_null(strstr(id.command_line, "(deleted)"));
	hs_ck_ok(identity_check(&id));
	identity_close(&id);
	identity_close(&id);
}
END_TEST

/* Perl, unlike sleep, takes arguments that make no sense to it. */
static void run_sleep(void)
{
	execlp("perl", "perl", "-e", "sleep 60", "", "a b", (char *)NULL);
	_exit(127);
}

START_TEST(command_line_is_joined)
{
	struct identity id;
	pid_t pid = fork();

	if (!pid)
		run_sleep();
	/* Until exec it is still our own command line, and in the middle of
	 * it there is none. */
	for (;;) {
		hs_ck_ok(identity_open(pid, &id));
		if (!strncmp(id.command_line, "perl", 4) &&
		    !strcmp(id.command, "perl"))
			break;
		identity_close(&id);
	}
	ck_assert_str_eq(id.command_line, "perl -e sleep 60  a b");
	ck_assert_str_eq(id.command, "perl");
	identity_close(&id);
	child_end(pid);
}
END_TEST

START_TEST(no_such_process)
{
	struct identity id;

	hs_ck_err_hint(identity_open(999999999, &id), HS_ERROR_GONE,
		       "no process 999999999",
		       "'pgrep -a NAME' finds processes by name");
	hs_ck_err(identity_open(0, &id), HS_ERROR_GONE, "no process 0");
	hs_ck_err(identity_open(-1, &id), HS_ERROR_GONE, "no process -1");
}
END_TEST

static void *report_tid(void *arg)
{
	int *fds = arg;
	pid_t tid = (pid_t)syscall(SYS_gettid);

	if (write(fds[1], &tid, sizeof(tid)) != sizeof(tid))
		return NULL;
	for (;;)
		pause();
}

START_TEST(a_thread_is_no_process)
{
	struct identity id;
	char want[100], hint[100];
	pthread_t thread;
	int fds[2];
	pid_t tid;

	ck_assert_int_eq(pipe(fds), 0);
	pthread_create(&thread, NULL, report_tid, fds);
	ck_assert_int_eq(read(fds[0], &tid, sizeof(tid)), sizeof(tid));
	snprintf(want, sizeof(want), "%d is a thread of process %d", (int)tid,
		 (int)getpid());
	snprintf(hint, sizeof(hint), "use the process: -p %d", (int)getpid());
	hs_ck_err_hint(identity_open(tid, &id), HS_ERROR_DENIED, want, hint);
}
END_TEST

START_TEST(a_zombie_is_refused)
{
	struct identity id;
	siginfo_t info;
	char want[100], hint[100];
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	snprintf(want, sizeof(want), "process %d is a zombie: it has ended",
		 (int)pid);
	snprintf(hint, sizeof(hint),
		 "its parent, process %d, has not waited "
		 "for it",
		 (int)getpid());
	hs_ck_err_hint(identity_open(pid, &id), HS_ERROR_DENIED, want, hint);
	waitpid(pid, NULL, 0);
}
END_TEST

static void *outlive_main(void *arg)
{
	if (write(((int *)arg)[1], "r", 1) != 1)
		return NULL;
	for (;;)
		pause();
}

static void end_main_thread(int *fds)
{
	pthread_t thread;

	pthread_create(&thread, NULL, outlive_main, fds);
	pthread_exit(NULL);
}

START_TEST(a_process_without_its_main_thread)
{
	struct identity id;
	struct status st;
	char want[100];
	/* Not on the stack, which is gone when the thread looks. */
	static int fds[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid)
		end_main_thread(fds);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	do
		hs_ck_ok(status_read(pid, &st));
	while (st.state != 'Z');
	snprintf(want, sizeof(want),
		 "the main thread of process %d has ended, so its memory "
		 "cannot be seen",
		 (int)pid);
	hs_ck_err(identity_open(pid, &id), HS_ERROR_DENIED, want);
	child_end(pid);
}
END_TEST

/* In a pid namespace of its own there is none to be seen. */
START_TEST(a_kernel_thread_is_refused)
{
	struct identity id;
	struct status st;
	struct hs_error *err = status_read(2, &st);

	if (err || strcmp(st.name, "kthreadd")) {
		hs_error_free(err);
		return;
	}
	ck_assert(st.kernel_thread);
	hs_ck_err(identity_open(2, &id), HS_ERROR_DENIED,
		  "process 2 is a kernel thread");
}
END_TEST

START_TEST(check_notices_the_end)
{
	pid_t pid = child_start(NULL);
	struct identity id;
	siginfo_t info;
	char want[64];

	snprintf(want, sizeof(want), "process %d has ended", (int)pid);
	hs_ck_ok(identity_open(pid, &id));
	hs_ck_ok(identity_check(&id));
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	hs_ck_err(identity_check(&id), HS_ERROR_GONE, want);
	waitpid(pid, NULL, 0);
	hs_ck_err(identity_check(&id), HS_ERROR_GONE, want);
	identity_close(&id);
}
END_TEST

START_TEST(status_of_a_thread)
{
	struct status st;

	hs_ck_ok(status_read_thread(getpid(), getpid(), &st));
	ck_assert_int_eq(st.pid, getpid());
	ck_assert_int_eq(st.ppid, getppid());
	ck_assert_uint_eq(st.euid, geteuid());
	ck_assert_int_eq(st.state, 'R');
	ck_assert_uint_gt(st.vm_rss, 0);
	hs_ck_err(status_read(999999999, &st), HS_ERROR_GONE,
		  "cannot read '/proc/999999999/status': No such file or "
		  "directory");
}
END_TEST

START_TEST(memory_goes_both_ways)
{
	char want[100];
	pid_t pid = child_start(NULL);
	uint64_t addr = (uint64_t)(uintptr_t)secret;
	char buf[sizeof(secret)], *string;
	int memory;

	hs_ck_ok(memory_open(pid, pid, &memory));
	hs_ck_ok(memory_read(pid, addr, buf, sizeof(buf)));
	ck_assert_str_eq(buf, "the memory of the child");
	hs_ck_ok(memory_put(memory, addr + 4, "MEMORY", 6));
	hs_ck_ok(memory_get(memory, addr + 4, buf, 6));
	ck_assert_mem_eq(buf, "MEMORY", 6);
	hs_ck_ok(memory_read_string(pid, addr, 100, &string));
	ck_assert_str_eq(string, "the MEMORY of the child");
	ck_assert_str_eq(secret, "the memory of the child");
	free(string);
	hs_ck_ok(memory_read(pid, 0, buf, 0));
	child_end(pid);
	snprintf(want, sizeof(want),
		 "cannot write memory at 0x%llx: the program is gone",
		 (unsigned long long)addr);
	hs_ck_err(memory_put(memory, addr, "the", 3), HS_ERROR_GONE, want);
	close(memory);
}
END_TEST

START_TEST(memory_of_several_places)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char a[4] = "", b[4] = "", want[100];
	struct memory_piece pieces[MEMORY_PIECES + 1] = {
		{ (uint64_t)(uintptr_t)(secret + 4), a, 3 },
		{ (uint64_t)(uintptr_t)(p + page - 2), b, 2 },
	};
	struct hs_error *err;

	memcpy(p + page - 2, "ab", 2);
	ck_assert_int_eq(munmap(p + page, page), 0);
	hs_ck_ok(memory_read_pieces(getpid(), pieces, 0));
	hs_ck_ok(memory_read_pieces(getpid(), pieces, 2));
	ck_assert_str_eq(a, "mem");
	ck_assert_str_eq(b, "ab");
	pieces[1].len = 3;
	snprintf(want, sizeof(want),
		 "cannot read memory at %p of process %d: Bad address",
		 (void *)(p + page), (int)getpid());
	hs_ck_err(memory_read_pieces(getpid(), pieces, 2), HS_ERROR_SYSTEM,
		  want);
	err = memory_read_pieces(getpid(), pieces, MEMORY_PIECES + 1);
	ck_assert_ptr_nonnull(err);
	hs_error_free(err);
}
END_TEST

/* A string that ends with the last byte of a mapping, and one that does not
 * end there. */
START_TEST(memory_has_edges)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t end = (uint64_t)(uintptr_t)(p + page);
	char want[100], buf[16], *string;
	int memory;

	hs_ck_ok(memory_open(getpid(), getpid(), &memory));
	munmap(p + page, page);
	memset(p, 'x', page);
	snprintf(want, sizeof(want),
		 "cannot read memory at 0x%llx of process %d: Bad address",
		 (unsigned long long)end, (int)getpid());
	hs_ck_err(memory_read(getpid(), end - 8, buf, 16), HS_ERROR_SYSTEM,
		  want);
	hs_ck_err(memory_read_string(getpid(), end - 8, 100, &string),
		  HS_ERROR_SYSTEM, want);
	p[page - 1] = '\0';
	hs_ck_ok(memory_read_string(getpid(), end - 8, 7, &string));
	ck_assert_str_eq(string, "xxxxxxx");
	free(string);
	snprintf(want, sizeof(want),
		 "string at 0x%llx of process %d is longer than 6 bytes",
		 (unsigned long long)end - 8, (int)getpid());
	hs_ck_err(memory_read_string(getpid(), end - 8, 6, &string),
		  HS_ERROR_SYSTEM, want);
	snprintf(want, sizeof(want),
		 "cannot write memory at 0x%llx: Input/output error",
		 (unsigned long long)end);
	hs_ck_err(memory_put(memory, end - 4, "12345678", 8), HS_ERROR_SYSTEM,
		  want);
	close(memory);
	snprintf(want, sizeof(want),
		 "cannot read memory at 0x%llx of process 999999999: No such "
		 "process",
		 (unsigned long long)end);
	hs_ck_err(memory_read(999999999, end, buf, 1), HS_ERROR_GONE, want);
}
END_TEST

START_TEST(own_maps)
{
	struct maps maps;
	const struct mapping *m;

	hs_ck_ok(maps_read(getpid(), &maps));
	m = maps_find(&maps, (uint64_t)(uintptr_t)child_end);
	ck_assert_ptr_nonnull(m);
	ck_assert(m->exec && !m->write && mapping_has_file(m));
	m = maps_find(&maps, (uint64_t)(uintptr_t)&maps);
	ck_assert_ptr_nonnull(m);
	ck_assert(m->write && !mapping_has_file(m));
	maps_release(&maps);
	hs_ck_err(maps_read(999999999, &maps), HS_ERROR_GONE,
		  "cannot read '/proc/999999999/maps': No such file or "
		  "directory");
}
END_TEST

static char dir[] = "/tmp/hs-proc-live-XXXXXX";

/* A file with the byte @c in it at @dir/@name. */
static void make_file(const char *name, char c)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, &c, 1), 1);
	close(fd);
}

static void *map_file(const char *name)
{
	char path[100];
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
	close(fd);
	return p;
}

static void remove_file(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static char first_byte(int fd)
{
	char c = '?';

	ck_assert_int_eq(read(fd, &c, 1), 1);
	close(fd);
	return c;
}

/* By map_files when it is allowed; with a range that is no mapping's the way
 * by path is gone. Both give the file itself. */
START_TEST(a_mapped_file_is_opened)
{
	struct mapping m;
	struct maps maps;
	void *p;
	int fd;

	hs_ck_mkdtemp(dir);
	make_file("a b\nc", 'x');
	p = map_file("a b\nc");
	hs_ck_ok(maps_read(getpid(), &maps));
	m = *maps_find(&maps, (uint64_t)(uintptr_t)p);
	hs_ck_ok(mapped_file_open(getpid(), &m, &fd));
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(first_byte(fd), 'x');
	m.start++;
	hs_ck_ok(mapped_file_open(getpid(), &m, &fd));
	ck_assert_int_eq(first_byte(fd), 'x');
	maps_release(&maps);
	remove_file("a b\nc");
	rmdir(dir);
}
END_TEST

/* What took the path of a file that is still mapped is not that file. */
START_TEST(a_replaced_file_is_not_taken_for_the_old_one)
{
	struct mapping m;
	struct maps maps;
	char want[200];
	void *p;
	int fd;

	hs_ck_mkdtemp(dir);
	make_file("lib", 'x');
	p = map_file("lib");
	remove_file("lib");
	make_file("lib", 'y');
	hs_ck_ok(maps_read(getpid(), &maps));
	m = *maps_find(&maps, (uint64_t)(uintptr_t)p);
	ck_assert(m.deleted);
	if (geteuid() == 0) {
		hs_ck_ok(mapped_file_open(getpid(), &m, &fd));
		ck_assert_int_eq(first_byte(fd), 'x');
	}
	m.start++; /* not a mapping: no map_files entry */
	snprintf(want, sizeof(want),
		 "'%s/lib' is not the file that process %d has mapped", dir,
		 (int)getpid());
	hs_ck_err_hint(mapped_file_open(getpid(), &m, &fd), HS_ERROR_NOT_FOUND,
		       want,
		       "a file that was replaced or deleted, or is outside of "
		       "its root, can be read with CAP_SYS_ADMIN or "
		       "CAP_CHECKPOINT_RESTORE");
	remove_file("lib");
	snprintf(want, sizeof(want),
		 "cannot open '%s/lib' of process %d: No such file or "
		 "directory",
		 dir, (int)getpid());
	hs_ck_err(mapped_file_open(getpid(), &m, &fd), HS_ERROR_NOT_FOUND,
		  want);
	maps_release(&maps);
	rmdir(dir);
}
END_TEST

START_TEST(anonymous_memory_has_no_file)
{
	struct mapping m = { .start = 0x1000, .end = 0x2000, .path = "[heap]" };
	int fd;

	hs_ck_err(mapped_file_open(getpid(), &m, &fd), HS_ERROR_NOT_FOUND,
		  "no file is mapped at 0x1000");
}
END_TEST

static void enter_root(void)
{
	if (chroot(dir))
		_exit(1);
}

/* A link in the target's root that points to "/inside" means the file below
 * that root, never ours. */
START_TEST(links_stay_in_the_root_of_the_target)
{
	char path[100];
	pid_t pid;
	int fd;

	if (geteuid())
		return; /* only root can chroot(2) */
	hs_ck_mkdtemp(dir);
	make_file("inside", 'i');
	snprintf(path, sizeof(path), "%s/link", dir);
	ck_assert_int_eq(symlink("/../../inside", path), 0);
	pid = child_start(enter_root);
	hs_ck_ok(file_open_in_root(pid, "/link", O_RDONLY, 0, &fd));
	ck_assert_int_eq(first_byte(fd), 'i');
	hs_ck_ok(file_open_in_root(pid, "/new", O_WRONLY | O_CREAT | O_EXCL,
				   0600, &fd));
	close(fd);
	snprintf(path, sizeof(path), "%s/new", dir);
	ck_assert_int_eq(unlink(path), 0);
	snprintf(path, sizeof(path),
		 "cannot open '/etc/passwd' of process %d: No such file or "
		 "directory",
		 (int)pid);
	hs_ck_err(file_open_in_root(pid, "/etc/passwd", O_RDONLY, 0, &fd),
		  HS_ERROR_NOT_FOUND, path);
	child_end(pid);
	remove_file("link");
	remove_file("inside");
	rmdir(dir);
}
END_TEST

static void map_and_enter_root(void)
{
	map_file("inside");
	enter_root();
}

/* The mapping's path is ours, but not one in the root of the target. */
START_TEST(a_file_is_opened_by_our_path_too)
{
	struct mapping m;
	struct maps maps;
	size_t i;
	pid_t pid;
	int fd;

	if (geteuid())
		return; /* only root can chroot(2) */
	hs_ck_mkdtemp(dir);
	make_file("inside", 'i');
	pid = child_start(map_and_enter_root);
	hs_ck_ok(maps_read(pid, &maps));
	for (i = 0; i < maps.n; i++)
		if (strstr(maps.items[i].path, "/inside"))
			break;
	ck_assert_uint_lt(i, maps.n);
	m = maps.items[i];
	m.start++; /* not a mapping: no map_files entry */
	hs_ck_ok(mapped_file_open(pid, &m, &fd));
	ck_assert_int_eq(first_byte(fd), 'i');
	maps_release(&maps);
	child_end(pid);
	remove_file("inside");
	rmdir(dir);
}
END_TEST

START_TEST(reading_proc_files)
{
	char *text;
	size_t len;

	hs_ck_ok(file_read_proc("/proc/self/comm", &text, &len));
	ck_assert_str_eq(text, "test_proc_live\n");
	ck_assert_uint_eq(len, strlen(text));
	free(text);
	/* More than one read(2), and longer than a page. */
	hs_ck_ok(file_read_proc("/proc/self/smaps", &text, &len));
	ck_assert_uint_eq(strlen(text), len);
	ck_assert_uint_gt(len, 4096);
	ck_assert_int_eq(text[len - 1], '\n');
	free(text);
	hs_ck_err(file_read_proc("/proc/self/nothing", &text, &len),
		  HS_ERROR_GONE,
		  "cannot read '/proc/self/nothing': No such file or "
		  "directory");
}
END_TEST

int main(void)
{
	return hs_check_run(
		"proc", own_identity, command_line_is_joined, no_such_process,
		a_thread_is_no_process, a_zombie_is_refused,
		a_process_without_its_main_thread, a_kernel_thread_is_refused,
		check_notices_the_end, status_of_a_thread,
		memory_goes_both_ways, memory_of_several_places,
		memory_has_edges, own_maps, a_mapped_file_is_opened,
		a_replaced_file_is_not_taken_for_the_old_one,
		anonymous_memory_has_no_file, a_file_is_opened_by_our_path_too,
		links_stay_in_the_root_of_the_target, reading_proc_files);
}
