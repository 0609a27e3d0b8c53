/* Headroom for one more thread, and for the memory that a snapshot takes.
 * Without headroom for a thread a snapshot is still possible: in a borrowed
 * thread. */
#include "mallctl/check_headroom.h"

#include <dirent.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "proc/capability.h"
#include "proc/cgroup.h"
#include "proc/file.h"
#include "proc/limits.h"
#include "proc/status.h"
#include "target/headroom.h"

/* The threads of user @uid, which RLIMIT_NPROC counts. */
static uint64_t threads_of_user(uid_t uid)
{
	struct dirent *entry;
	uint64_t n = 0, pid;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		struct hs_error *err;
		struct status s;

		if (!parse_u64(entry->d_name, strlen(entry->d_name), &pid))
			continue;
		err = status_read((pid_t)pid, &s);
		if (!err && s.uid == uid)
			n += s.threads;
		hs_error_free(err);
	}
	if (dir)
		closedir(dir);
	return n;
}

/* From RLIMIT_NPROC (kernel/fork.c, copy_process()). */
static bool is_exempt(pid_t pid, const struct status *s)
{
	return capability_has(pid, s, CAP_SYS_RESOURCE) ||
	       capability_has(pid, s, CAP_SYS_ADMIN) ||
	       (!s->uid && capability_in_initial_namespace(pid));
}

/* Threads in the system and their limit. */
static bool system_threads(uint64_t *used, uint64_t *limit)
{
	_cleanup_free_ char *text = NULL, *load = NULL;
	struct hs_error *err;
	const char *slash;
	size_t len;

	err = file_read_proc("/proc/sys/kernel/threads-max", &text, &len);
	if (!err && !parse_u64(text, strcspn(text, "\n"), limit))
		return false;
	if (!err)
		err = file_read_proc("/proc/loadavg", &load, &len);
	if (err) {
		hs_error_free(err);
		return false;
	}
	/* "0.20 0.18 0.12 1/80 11206": running/existing, proc(5) */
	slash = strchr(load, '/');
	return slash && parse_u64(slash + 1, strcspn(slash + 1, " "), used);
}

/* *what is NULL when there is headroom. */
static struct hs_error *find_thread_limit(const struct identity *id,
					  const char **what, uint64_t *used,
					  uint64_t *limit)
{
	struct cgroup_headroom headroom;
	struct limits limits;
	struct hs_error *err;
	struct status s;

	*what = NULL;
	err = status_read(id->pid, &s);
	if (!err)
		err = cgroup_headroom(id->pid, CGROUP_PIDS, &headroom);
	if (err)
		return err;
	if (headroom.limited && headroom.used >= headroom.limit) {
		*what = "its pids control group";
		*used = headroom.used;
		*limit = headroom.limit;
		return NULL;
	}
	err = limits_read(id->pid, &limits);
	if (err)
		return err;
	if (limits.processes != LIMITS_NONE && !is_exempt(id->pid, &s)) {
		*limit = limits.processes;
		*used = threads_of_user(s.uid);
		if (*used >= *limit)
			*what = "RLIMIT_NPROC of its user";
	}
	if (!*what && system_threads(used, limit) && *used >= *limit)
		*what = "kernel.threads-max";
	return NULL;
}

static struct hs_error *check_threads(struct check *check,
				      const struct identity *id)
{
	uint64_t used = 0, limit = 0;
	const char *what;
	struct hs_error *err;

	err = find_thread_limit(id, &what, &used, &limit);
	if (err)
		return err;
	if (!what)
		return check_add(check, "room for threads", CHECK_YES,
				 "for at least one more");
	return check_add(check, "room for threads", CHECK_WARNING,
			 "%s is full (%" PRIu64 " of %" PRIu64
			 "): a thread of its own would be borrowed and "
			 "stopped for as long as the dump takes",
			 what, used, limit);
}

struct hs_error *check_headroom(struct check *check, const struct identity *id)
{
	static const char name[] = "room for memory";
	struct cgroup_headroom headroom;
	struct hs_error *err;

	err = check_threads(check, id);
	if (!err)
		err = cgroup_headroom(id->pid, CGROUP_MEMORY, &headroom);
	if (err)
		return err;
	err = headroom_for_memory(id);
	if (!err)
		err = headroom_for_addresses(id);
	if (err && hs_error_code(err) == HS_ERROR_DENIED)
		return check_add_no(check, name, err);
	if (err)
		return err;
	if (headroom.limited)
		return check_add(check, name, CHECK_YES,
				 "%" PRIu64 " MiB left in its control group",
				 (headroom.limit - headroom.used) >> 20);
	return check_add(check, name, CHECK_YES, "not limited");
}
