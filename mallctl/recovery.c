#include "mallctl/recovery.h"

#include <dirent.h>
#include <string.h>
#include <time.h>

#include "base/parse.h"
#include "mallctl/dump_file.h"
#include "mallctl/helper_fd.h"
#include "mallctl/mallctl.h"
#include "proc/status.h"
#include "proc/task.h"

/* A guest: our name, and the signals blocked as only a guest has them. */
static bool is_guest(const struct status *s)
{
	/* Of whichever libc: what both block. */
	uint64_t mask = remote_signal_mask(false) & remote_signal_mask(true);

	return !strcmp(s->name, GUEST_NAME) && s->tgid != s->pid &&
	       (s->sig_blocked & mask) == mask;
}

static struct hs_error *find_guest(const struct identity *id, pid_t *ret)
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
		if (!unread && is_guest(&s))
			*ret = tasks.tids[i];
		hs_error_free(unread);
	}
	task_list_release(&tasks);
	return NULL;
}

struct hs_error *leftovers_await(const struct identity *id,
				 const struct deadline *d)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	struct hs_error *err;
	pid_t tid = 0;

	for (;;) {
		err = find_guest(id, &tid);
		if (err || !tid)
			return err;
		err = deadline_check(d);
		if (err)
			break;
		nanosleep(&pause, NULL);
	}
	err = hs_error_wrap(err,
			    "guest thread %d of an earlier run is still at "
			    "work in it",
			    (int)tid);
	return hs_error_hint(err, "it waits for a lock, or to write, and ends "
				  "by itself when it gets on");
}

/* Another tracer, or a guest that is not ours. Its tracer is not told, but its
 * state is, when it is in another pid namespace. */
static struct hs_error *refuse_thread(const struct session *s,
				      const struct status *thread)
{
	struct hs_error *err, *unread;
	struct status tracer = { 0 };

	if (thread->pid == helper_tid(&s->guest) ||
	    !(thread->tracer || thread->state == 't' || is_guest(thread)))
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

struct hs_error *leftovers_alone(const struct session *s)
{
	struct task_list tasks = { 0 };
	struct hs_error *err, *unread;
	struct status thread;
	size_t i;

	err = task_list_read(s->id->pid, &tasks);
	for (i = 0; i < tasks.n && !err; i++) {
		unread = status_read_thread(s->id->pid, tasks.tids[i], &thread);
		if (!unread)
			err = refuse_thread(s, &thread);
		hs_error_free(unread);
	}
	task_list_release(&tasks);
	return err;
}

static struct hs_error *reclaim_memfds(struct session *s)
{
	struct hs_error *err = NULL;
	struct dirent *entry;
	char folder[GUEST_FD_PATH];
	DIR *dir;

	guest_fd_folder(s, folder);
	dir = opendir(folder);
	if (!dir)
		return NULL; /* not allowed to look: nothing to be found */
	while (!err && (entry = readdir(dir))) {
		uint64_t args[6] = { 0 };
		int64_t result;

		if (!parse_u64(entry->d_name, strlen(entry->d_name),
			       &args[0]) ||
		    !guest_fd_is_memfd(s, (int64_t)args[0], LEFTOVERS_MEMFD))
			continue;
		err = guest_syscall(&s->guest, arch_syscalls.close, args,
				    &s->deadline, &result);
	}
	closedir(dir);
	return hs_error_wrap(err, "cannot clear away an earlier run's memfd");
}

struct hs_error *leftovers_reclaim(struct session *s)
{
	struct hs_error *err = reclaim_memfds(s);

	return err ? err : dump_file_sweep(s);
}
