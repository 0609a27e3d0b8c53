#include "proc/identity.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "proc/file.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"
#include "proc/status.h"
#include "proc/task.h"

/* include/linux/sched.h; in field 9 of /proc/PID/stat, proc(5). */
enum { PF_KTHREAD = 0x00200000 };

/* The fields of /proc/PID/stat that are used here. */
struct stat_line {
	uint64_t flags;
	uint64_t start_time;
	uint64_t start_stack; /* 0: no permission */
};

/* The name (field 2) is in parentheses and may hold spaces and parentheses
 * itself: the fields are counted from the last ')'. */
static bool stat_line_parse(const char *text, size_t len, struct stat_line *ret)
{
	const char *p = memrchr(text, ')', len);
	const char *end = text + len;
	int field = 2;

	if (!p)
		return false;
	p++;
	while (p < end && *p == ' ') {
		const char *word = ++p;

		while (p < end && *p != ' ' && *p != '\n')
			p++;
		field++;
		if (field == 9 &&
		    !parse_u64(word, (size_t)(p - word), &ret->flags))
			return false;
		if (field == 22 &&
		    !parse_u64(word, (size_t)(p - word), &ret->start_time))
			return false;
		if (field == 28)
			return parse_u64(word, (size_t)(p - word),
					 &ret->start_stack);
	}
	return false;
}

static struct hs_error *stat_line_read(pid_t pid, struct stat_line *ret)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *err = proc_text_read(proc_path(pid, "stat"), &t);

	if (!err && !stat_line_parse(t.s, t.len, ret))
		err = hs_error_new(HS_ERROR_INPUT,
				   "%s:1: not a process's state", t.path.text);
	return err;
}

/* kill(2) finds what /proc does not show, mounted with hidepid= or not at
 * all. */
static struct hs_error *hidden_process(pid_t pid)
{
	return hs_error_hint(
		hs_error_new(HS_ERROR_DENIED,
			     "process %d is there, but /proc hides it",
			     (int)pid),
		"where /proc is mounted with hidepid=, run as root, as the "
		"user of the process or in the group of its option gid=");
}

static struct hs_error *no_process(pid_t pid)
{
	/* In this order: one that has just ended is not hidden. To kill(2), 0
	 * and below are groups of processes. */
	if (pid > 0 && access(proc_path(pid, "stat").text, F_OK) &&
	    errno == ENOENT && (!kill(pid, 0) || errno == EPERM))
		return hidden_process(pid);
	return hs_error_hint(hs_error_new(HS_ERROR_GONE, "no process %d",
					  (int)pid),
			     "'pgrep -a NAME' finds processes by name");
}

/* Replaces a "gone" of a file in /proc by a sentence about the process. */
static struct hs_error *about_process(struct hs_error *err, pid_t pid)
{
	if (!err || hs_error_code(err) != HS_ERROR_GONE)
		return err;
	hs_error_free(err);
	return no_process(pid);
}

/* An exiting thread gives up its memory, then its descriptors, and is a zombie
 * after that (kernel/exit.c, do_exit()). */
static bool is_living(const struct status *st)
{
	return st->state != 'Z' && st->state != 'X' && st->vm_size;
}

/* Whether any thread is left: the main thread may have ended first. */
static bool has_living_thread(pid_t pid)
{
	struct task_list tasks = { 0 };
	struct hs_error *err;
	struct status st;
	bool living = false;
	size_t i;

	err = task_list_read(pid, &tasks);
	for (i = 0; !err && i < tasks.n && !living; i++) {
		struct hs_error *unread =
			status_read_thread(pid, tasks.tids[i], &st);

		living = !unread && is_living(&st);
		hs_error_free(unread);
	}
	hs_error_free(err);
	task_list_release(&tasks);
	return living;
}

/* Rejects what has a number in /proc but is no process that can be used. */
static struct hs_error *check_kind(const struct status *st,
				   const struct stat_line *stat)
{
	int pid = (int)st->pid;

	if (st->tgid != st->pid)
		return hs_error_hint(
			hs_error_new(HS_ERROR_DENIED,
				     "%d is a thread of process %d", pid,
				     (int)st->tgid),
			"use the process: -p %d", (int)st->tgid);
	if (stat->flags & PF_KTHREAD)
		return hs_error_new(HS_ERROR_DENIED,
				    "process %d is a kernel thread", pid);
	if (st->state != 'Z' && st->state != 'X')
		return NULL;
	if (has_living_thread(st->pid))
		/* pthread_exit(3) in main(): /proc/PID shows the first
		 * thread, which has no memory any more. */
		return hs_error_new(HS_ERROR_DENIED,
				    "the main thread of process %d has ended, "
				    "so its memory cannot be seen",
				    pid);
	return hs_error_hint(hs_error_new(HS_ERROR_DENIED,
					  "process %d is a zombie: it has "
					  "ended",
					  pid),
			     "its parent, process %d, has not waited for it",
			     (int)st->ppid);
}

static struct hs_error *open_pidfd(pid_t pid, int *ret)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0 && errno == ESRCH)
		return no_process(pid);
	if (fd < 0 && errno == ENOSYS)
		return hs_error_new(HS_ERROR_SYSTEM,
				    "the kernel is too old: pidfd_open(2) "
				    "needs Linux 5.3");
	if (fd < 0)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot open process %d", (int)pid);
	*ret = (int)fd;
	return NULL;
}

/* A pid can be given to a new process at any time (a pidfd does not keep the
 * number): the data read before pidfd_open() belong to the pidfd only if the
 * start time is still the same afterwards. */
static struct hs_error *open_stable(pid_t pid, struct identity *id,
				    struct status *st)
{
	struct stat_line before, after;
	struct hs_error *err;

	err = stat_line_read(pid, &before);
	if (!err)
		err = status_read(pid, st);
	if (!err)
		err = check_kind(st, &before);
	if (!err)
		err = open_pidfd(pid, &id->pidfd);
	if (!err)
		err = stat_line_read(pid, &after);
	if (err)
		return about_process(err, pid);
	if (before.start_time != after.start_time)
		return no_process(pid);
	id->start_time = before.start_time;
	id->start_stack = after.start_stack;
	return NULL;
}

/* The arguments end with a NUL each; a process may have overwritten them with a
 * title, and left NULs at the end. */
static struct hs_error *read_command_line(pid_t pid, const char *command,
					  char **ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len, i;

	err = file_read_proc(proc_path(pid, "cmdline").text, &text, &len);
	if (err)
		return about_process(err, pid);
	while (len && text[len - 1] == '\0')
		len--;
	if (!len)
		strbuf_addf(&sb, "[%s]", command);
	for (i = 0; i < len; i++)
		strbuf_addc(&sb, text[i] ? text[i] : ' ');
	return strbuf_finish(&sb, ret);
}

/* It may be unreadable without error: it is only for display. */
static struct hs_error *read_executable(pid_t pid, char **ret)
{
	static const char suffix[] = " (deleted)";
	const size_t suffix_len = sizeof(suffix) - 1;
	char target[PATH_MAX + sizeof(suffix)];
	ssize_t n;

	n = readlink(proc_path(pid, "exe").text, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	if (n > (ssize_t)suffix_len &&
	    !strcmp(target + (size_t)n - suffix_len, suffix))
		target[(size_t)n - suffix_len] = '\0';
	*ret = strdup(target);
	return *ret ? NULL : hs_error_nomem();
}

struct hs_error *identity_open(pid_t pid, struct identity *ret)
{
	struct identity id = { .pid = pid, .pidfd = -1 };
	struct hs_error *err;
	struct status st;

	if (pid <= 0)
		return no_process(pid);
	err = open_stable(pid, &id, &st);
	if (!err) {
		id.command = strdup(st.name);
		if (!id.command)
			err = hs_error_nomem();
	}
	if (!err)
		err = read_command_line(pid, id.command, &id.command_line);
	if (!err)
		err = read_executable(pid, &id.executable);
	if (err) {
		identity_close(&id);
		return err;
	}
	*ret = id;
	return NULL;
}

/* A pidfd becomes readable when the last thread of the process has ended,
 * whether or not anybody has waited for it. */
struct hs_error *identity_check(const struct identity *id)
{
	struct pollfd pfd = { .fd = id->pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&pfd, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot poll process %d", (int)id->pid);
	if (n)
		return hs_error_new(HS_ERROR_GONE, "process %d has ended",
				    (int)id->pid);
	return NULL;
}

/* execve(2) keeps the pid and the start time, but makes another stack, at
 * another address (where those are randomised). An ending process has none. */
static bool has_changed(const struct identity *id)
{
	struct stat_line stat = { 0 };
	struct hs_error *err = stat_line_read(id->pid, &stat);

	if (!err)
		return stat.start_time == id->start_time && stat.start_stack &&
		       id->start_stack && stat.start_stack != id->start_stack;
	hs_error_free(err);
	return false;
}

/* The process or its main thread, which /proc/PID shows, has ended. (For its
 * pidfd a zombie has not "ended" while threads of it are left, even those whose
 * tracer has not waited for them yet.) */
static bool is_gone(const struct identity *id)
{
	struct hs_error *err;
	struct status st;

	err = status_read(id->pid, &st);
	if (err) {
		hs_error_free(err);
		return true;
	}
	return !is_living(&st);
}

static struct hs_error *ended(const struct identity *id, struct hs_error *err)
{
	bool changed = has_changed(id);

	hs_error_free(err);
	if (!changed && has_living_thread(id->pid))
		return hs_error_new(HS_ERROR_GONE,
				    "its main thread has ended meanwhile, so "
				    "its memory cannot be seen");
	if (!changed)
		return hs_error_new(HS_ERROR_GONE, "it ended meanwhile");
	return hs_error_hint(hs_error_new(HS_ERROR_GONE,
					  "it has become another program "
					  "meanwhile, by execve(2)"),
			     "try again: what it was is gone");
}

struct hs_error *identity_explain_end(const struct identity *id,
				      struct hs_error *err)
{
	/* When a thread other than the main one calls execve(2), the process
	 * seems to be gone for a moment (fs/exec.c, de_thread()). */
	enum { DYING_US = 1000000, EXEC_MS = 100 };
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct deadline d = deadline_in(DYING_US, NULL);
	int gone_ms = 0;

	if (!err || hs_error_code(err) == HS_ERROR_INTERRUPTED)
		return err;
	if (has_changed(id))
		return ended(id, err);
	/* Errors of a process without its main thread name what failed, but not
	 * the cause: even its /proc/self/fd is empty. */
	if (hs_error_code(err) != HS_ERROR_GONE && !is_gone(id))
		return err;
	while (gone_ms < EXEC_MS && !has_changed(id)) {
		gone_ms = is_gone(id) ? gone_ms + 1 : 0;
		if (!gone_ms && !deadline_left(&d))
			return err;
		nanosleep(&pause, NULL);
	}
	return ended(id, err);
}

void identity_close(struct identity *id)
{
	if (id->pid && id->pidfd >= 0)
		close(id->pidfd);
	free(id->command);
	free(id->command_line);
	free(id->executable);
	*id = (struct identity){ 0 };
}
