#include "mallctl/recovery.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attach/helper_mark.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "mallctl/dump_file.h"
#include "mallctl/helper_fd.h"
#include "mallctl/mallctl.h"
#include "proc/memfd.h"
#include "proc/proc_path.h"
#include "proc/status.h"
#include "proc/task.h"

/* Finds a thread that an earlier run left in a call: its helper thread, or one
 * of the service's that it had borrowed. A helper thread that sleeps between
 * two snapshots is in nobody's way. */
static struct hs_error *find_in_call(const struct identity *id, pid_t *ret,
				     bool *helper)
{
	struct task_list tasks = { 0 };
	struct hs_error *err, *unread;
	struct status s;
	size_t i;

	*ret = 0;
	err = task_list_read(id->pid, &tasks);
	if (err)
		return err;
	for (i = 0; i < tasks.n && !*ret; i++) {
		unread = status_read_thread(id->pid, tasks.tids[i], &s);
		if (!unread && helper_mark_in_call(&s) &&
		    !helper_mark_rests(&s)) {
			*ret = tasks.tids[i];
			*helper = helper_mark_works(&s);
		}
		hs_error_free(unread);
	}
	task_list_release(&tasks);
	return NULL;
}

/* Borrowing one more thread would only block that one as well. */
struct hs_error *recovery_await(const struct identity *id,
				const struct deadline *d)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	struct hs_error *err;
	bool helper;
	pid_t tid;

	for (;;) {
		err = find_in_call(id, &tid, &helper);
		if (err || !tid)
			return err;
		err = deadline_check(d);
		if (err)
			break;
		nanosleep(&pause, NULL);
	}
	if (helper)
		return hs_error_hint(
			hs_error_wrap(err,
				      "helper thread %d of an earlier run is "
				      "still at work in it",
				      (int)tid),
			"it ends when it gets what it waits for");
	return hs_error_hint(
		hs_error_wrap(err,
			      "thread %d of it still stands still in a call of "
			      "an earlier run",
			      (int)tid),
		"it goes on when it gets what it waits for, and never if that "
		"is a lock that it holds itself");
}

/* An error when @thread has another tracer or is a helper thread that is not
 * ours and at work. The kernel hides a tracer in another pid namespace, but not
 * the state of its thread. */
static struct hs_error *check_thread(const struct session *s,
				     const struct status *thread)
{
	struct hs_error *err, *unread;
	struct status tracer = { 0 };

	if (thread->pid == helper_tid(&s->helper) ||
	    helper_mark_rests(thread) ||
	    !(thread->tracer || thread->state == 't' ||
	      helper_mark_works(thread)))
		return NULL;
	if (!thread->tracer) {
		err = hs_error_new(HS_ERROR_DENIED,
				   "another heapsnap is at work on it, in "
				   "thread %d",
				   (int)thread->pid);
	} else {
		unread = status_read(thread->tracer, &tracer);
		hs_error_free(unread);
		err = hs_error_new(HS_ERROR_DENIED,
				   "process %d ('%s') has begun to trace it as "
				   "well",
				   (int)thread->tracer,
				   unread ? "?" : tracer.name);
	}
	return hs_error_hint(err, "try again when the other one has ended");
}

struct hs_error *recovery_alone(const struct session *s)
{
	struct task_list tasks = { 0 };
	struct hs_error *err, *unread;
	struct status thread;
	size_t i;

	err = task_list_read(s->id->pid, &tasks);
	for (i = 0; i < tasks.n && !err; i++) {
		unread = status_read_thread(s->id->pid, tasks.tids[i], &thread);
		if (!unread)
			err = check_thread(s, &thread);
		hs_error_free(unread);
	}
	task_list_release(&tasks);
	return err;
}

/* What a killed run may leave open. */
struct leftover {
	const char *memfd; /* a memfd of that name */
	const char *file;  /* or a file; NULL: only the memfd */
};

/* Descriptor @fd in the folder @dir is one. Its link says so, which is soon
 * read; of a memfd it is proved then. What the service puts into a file of the
 * name that is reserved for us is not for us to keep open. */
static bool is_leftover(DIR *dir, const char *fd, const struct leftover *what)
{
	_cleanup_close_ int found = -1;
	char target[PATH_MAX] = "", wanted[64];
	const char *name;

	if (readlinkat(dirfd(dir), fd, target, sizeof(target) - 1) <= 0)
		return false;
	name = strrchr(target, '/');
	if (what->file && name &&
	    !strncmp(name + 1, what->file, strlen(what->file)))
		return true;
	snprintf(wanted, sizeof(wanted), "/memfd:%s (deleted)", what->memfd);
	if (strcmp(target, wanted) != 0)
		return false;
	found = memfd_find(dirfd(dir), fd, what->memfd);
	return found >= 0;
}

/* Finds the next descriptor in the folder @dir that is @what; false: no
 * more. */
static bool next_leftover(DIR *dir, const struct leftover *what, uint64_t *ret)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (is_leftover(dir, entry->d_name, what) &&
		    parse_u64(entry->d_name, strlen(entry->d_name), ret))
			return true;
	return false;
}

/* NULL when we may not read it: then nothing is found. */
static DIR *open_descriptors(pid_t pid, pid_t tid)
{
	return opendir(proc_task_path(pid, tid, "fd").text);
}

static bool has_memfd(pid_t pid, pid_t tid, const char *name)
{
	const struct leftover what = { .memfd = name };
	DIR *dir = open_descriptors(pid, tid);
	uint64_t fd;
	bool found;

	if (!dir)
		return false;
	found = next_leftover(dir, &what, &fd);
	closedir(dir);
	return found;
}

/* Reduces @tasks to the threads that have the memfd. A process has few
 * descriptor tables, but may have many threads and descriptors, so each table
 * is read once, through the first of its threads. */
static struct hs_error *keep_holders(pid_t pid, const char *name,
				     struct task_list *tasks)
{
	struct table {
		pid_t tid;
		bool holds;
	} *tables = calloc(tasks->n, sizeof(*tables));
	size_t i, j, n = 0, n_holders = 0;

	if (!tables)
		return hs_error_nomem();
	for (i = 0; i < tasks->n; i++) {
		const pid_t tid = tasks->tids[i];

		for (j = 0; j < n && !task_shares_files(tables[j].tid, tid);)
			j++;
		if (j == n)
			tables[n++] = (struct table){ tid, has_memfd(pid, tid,
								     name) };
		if (tables[j].holds)
			tasks->tids[n_holders++] = tid;
	}
	tasks->n = n_holders;
	free(tables);
	return NULL;
}

struct hs_error *recovery_find(const struct identity *id, const char *name,
			       struct task_list *ret)
{
	struct hs_error *err;

	*ret = (struct task_list){ 0 };
	err = task_list_read(id->pid, ret);
	if (!err)
		err = keep_holders(id->pid, name, ret);
	return err;
}

/* A descriptor that is to be closed. */
struct closing {
	DIR *dir;
	uint64_t fd;
	const struct leftover *what;
};

static bool is_still_left(const void *arg)
{
	const struct closing *c = arg;
	char fd[32];

	snprintf(fd, sizeof(fd), "%" PRIu64, c->fd);
	return is_leftover(c->dir, fd, c->what);
}

/* Closes all that are @what in the helper thread's table. */
static struct hs_error *
close_leftovers(struct session *s, const struct leftover *what, size_t *closed)
{
	DIR *dir = open_descriptors(s->id->pid, helper_tid(&s->helper));
	struct closing c = { .dir = dir, .what = what };
	struct hs_error *err = NULL;
	int64_t result = 0;

	*closed = 0;
	if (!dir)
		return NULL;
	while (!err && next_leftover(dir, what, &c.fd)) {
		err = helper_fd_close(s, (int64_t)c.fd, is_still_left, &c,
				      &s->deadline, &result);
		*closed += !err && result == 0;
	}
	closedir(dir);
	return err;
}

struct hs_error *recovery_close(struct session *s, const char *name,
				size_t *closed)
{
	return close_leftovers(s, &(struct leftover){ .memfd = name }, closed);
}

struct hs_error *recovery_reclaim(struct session *s)
{
	char file[DUMP_FILE_NAME];
	const struct leftover what = { .memfd = RECOVERY_MEMFD, .file = file };
	struct hs_error *err;
	size_t closed;

	dump_file_name(s, file);
	err = close_leftovers(s, &what, &closed);
	if (err)
		return hs_error_wrap(
			err, "cannot clear away an earlier run's descriptor");
	return dump_file_sweep(s);
}
