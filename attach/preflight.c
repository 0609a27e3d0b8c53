#include "attach/preflight.h"

#include <elf.h>
#include <errno.h>
#include <unistd.h>

#include "attach/ptrace_access.h"
#include "base/cleanup.h"
#include "base/regular_file.h"
#include "proc/cgroup.h"
#include "proc/memory.h"
#include "proc/proc_path.h"
#include "proc/status.h"
#include "proc/task.h"

/* What a snapshot does, opens this file: ptrace(2)'s rights, and those to the
 * file. */
static struct hs_error *check_permission(const struct identity *id,
					 const struct status *s)
{
	_cleanup_close_ int fd = -1;
	struct hs_error *err = memory_open(id->pid, id->pid, &fd);

	(void)s;
	if (err && hs_error_code(err) == HS_ERROR_DENIED)
		return ptrace_access_explain(err, id->pid);
	/* Its main thread may have ended. */
	hs_error_free(err);
	return NULL;
}

static struct hs_error *check_stopped(const struct identity *id,
				      const struct status *s)
{
	if (s->state != 'T')
		return NULL;
	return hs_error_hint(
		hs_error_new(HS_ERROR_DENIED, "it is stopped"),
		"a stopped process cannot write a profile: continue it with "
		"'kill -CONT %d' first",
		(int)id->pid);
}

/* The threads of a frozen process can be stopped, but run nothing, not even a
 * call of ours. */
static struct hs_error *check_frozen(const struct identity *id,
				     const struct status *s)
{
	struct hs_error *err;
	bool frozen;

	(void)s;
	err = cgroup_frozen(id->pid, &frozen);
	if (err || !frozen)
		return err;
	return hs_error_hint(
		hs_error_new(HS_ERROR_DENIED,
			     "it is frozen by its control group"),
		"thaw it first ('docker unpause', or 0 in cgroup.freeze of "
		"its control group, THAWED in freezer.state)");
}

/* Looks for a tracer of any thread: also of another heapsnap. */
static struct hs_error *check_traced(const struct identity *id,
				     const struct status *unused)
{
	struct task_list tasks = { 0 };
	struct hs_error *err, *unread;
	struct status s, tracer;
	size_t i;

	(void)unused;
	err = task_list_read(id->pid, &tasks);
	for (i = 0; i < tasks.n && !err; i++) {
		unread = status_read_thread(id->pid, tasks.tids[i], &s);
		if (unread) { /* it has just ended */
			hs_error_free(unread);
			continue;
		}
		if (!s.tracer)
			continue;
		unread = status_read(s.tracer, &tracer);
		hs_error_free(unread);
		err = hs_error_new(HS_ERROR_DENIED,
				   "it is already traced by process %d ('%s')",
				   (int)s.tracer, unread ? "?" : tracer.name);
		err = hs_error_hint(err, "a thread can have only one tracer: "
					 "wait for it to end, or end it");
	}
	task_list_release(&tasks);
	return err;
}

static struct hs_error *check_machine(const struct identity *id,
				      const struct status *s)
{
	unsigned char ident[EI_NIDENT] = { 0 };
	_cleanup_close_ int fd = -1;

	(void)s;
	fd = regular_file_open(proc_path(id->pid, "exe").text);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return ptrace_access_explain(
			hs_error_sys(HS_ERROR_DENIED, errno,
				     "cannot read its program"),
			id->pid);
	if (fd < 0)
		return hs_error_sys(errno == ENOENT || errno == ESRCH
					    ? HS_ERROR_GONE
					    : HS_ERROR_SYSTEM,
				    errno, "cannot read its program");
	if (read(fd, ident, sizeof(ident)) == (ssize_t)sizeof(ident) &&
	    ident[EI_CLASS] == ELFCLASS64)
		return NULL;
	return hs_error_new(
		HS_ERROR_DENIED,
		"it is a 32-bit program: only 64-bit ones can be snapshotted");
}

static struct hs_error *check_strict(const struct identity *id,
				     const struct status *s)
{
	(void)id;
	if (s->seccomp != 1)
		return NULL;
	return hs_error_new(
		HS_ERROR_DENIED,
		"it is in seccomp strict mode: a call in it would kill it");
}

static struct hs_error *check_shadow_stack(const struct identity *id,
					   const struct status *s)
{
	(void)id;
	if (!s->shadow_stack)
		return NULL;
	return hs_error_new(
		HS_ERROR_DENIED,
		"it has a shadow stack: the return of an injected call would kill it");
}

const struct preflight_check preflight_checks[] = {
	{ "permission", "it may be attached to", check_permission },
	{ "tracer", "nobody traces it", check_traced },
	{ "state", "it is not stopped", check_stopped },
	{ "freezer", "it is not frozen", check_frozen },
	{ "program", "64-bit", check_machine },
	{ "seccomp mode", "not the strict one", check_strict },
	{ "shadow stack", "none", check_shadow_stack },
	{ NULL, NULL, NULL },
};

struct hs_error *preflight(const struct identity *id)
{
	const struct preflight_check *r;
	struct hs_error *err;
	struct status s;

	err = status_read(id->pid, &s);
	for (r = preflight_checks; r->name && !err; r++)
		err = r->check(id, &s);
	return err;
}

struct hs_error *preflight_read(const struct identity *id)
{
	struct hs_error *err = check_permission(id, NULL);

	return err ? err : check_machine(id, NULL);
}

struct hs_error *preflight_explain(const struct identity *id,
				   struct hs_error *err)
{
	struct hs_error *unread;
	bool frozen = false, known;
	struct status s;

	if (!err || (hs_error_code(err) != HS_ERROR_UNSAFE &&
		     hs_error_code(err) != HS_ERROR_TIMEOUT))
		return err;
	unread = status_read(id->pid, &s);
	if (!unread)
		unread = cgroup_frozen(id->pid, &frozen);
	known = !unread;
	hs_error_free(unread);
	if (!known || (s.state != 'T' && !frozen)) {
		if (hs_error_code(err) == HS_ERROR_TIMEOUT)
			err = hs_error_hint(err, "a longer --timeout gives it "
						 "more time");
		return err;
	}
	hs_error_free(err);
	if (frozen)
		return hs_error_hint(
			hs_error_new(HS_ERROR_UNSAFE,
				     "it was frozen by its control group "
				     "meanwhile"),
			"try again when it is thawed");
	return hs_error_hint(
		hs_error_new(HS_ERROR_UNSAFE, "it was stopped meanwhile"),
		"continue it with 'kill -CONT %d' and try again", (int)id->pid);
}
