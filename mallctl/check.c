#include "mallctl/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/denied.h"
#include "attach/refuse.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "mallctl/advice.h"
#include "proc/status.h"
#include "proc/task.h"

/* --- items ----------------------------------------------------------------- */

/* @reason and @remedy are taken. */
static struct hs_error *add_item(struct check *check, const char *name,
				 enum check_answer answer, char *reason,
				 char *remedy)
{
	if (!reason || !ARRAY_GROW(check->items, check->cap, check->n + 1)) {
		free(reason);
		free(remedy);
		return hs_error_nomem();
	}
	check->items[check->n++] =
		(struct check_item){ name, answer, reason, remedy };
	return NULL;
}

struct hs_error *check_add(struct check *check, const char *name,
			   enum check_answer answer, const char *fmt, ...)
{
	char *reason = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&reason, fmt, ap) < 0)
		reason = NULL;
	va_end(ap);
	return add_item(check, name, answer, reason, NULL);
}

struct hs_error *check_add_no(struct check *check, const char *name,
			      struct hs_error *why)
{
	const char *hint = hs_error_hint_text(why);
	char *remedy = hint ? strdup(hint) : NULL;
	struct hs_error *err;

	if (hs_error_code(why) == HS_ERROR_NOMEM ||
	    hs_error_code(why) == HS_ERROR_INTERRUPTED || (hint && !remedy)) {
		free(remedy);
		return why;
	}
	err = add_item(check, name, CHECK_NO, strdup(hs_error_message(why)),
		       remedy);
	if (check->verdict)
		hs_error_free(why);
	else
		check->verdict = why;
	return err;
}

void check_release(struct check *check)
{
	while (check->n) {
		free(check->items[--check->n].reason);
		free(check->items[check->n].remedy);
	}
	free(check->items);
	free(check->threads);
	maps_release(&check->maps);
	hs_error_free(check->verdict);
	*check = (struct check){ 0 };
}

/* --- from outside ---------------------------------------------------------- */

/* To read where a thread waits takes the rights that ptrace(2) takes, and
 * touches nothing. */
static struct hs_error *check_permission(struct check *check,
					 const struct identity *id)
{
	static const char name[] = "permission";
	struct task_syscall where;
	struct hs_error *err;
	struct status s;

	err = task_syscall_read(id->pid, id->pid, &where);
	if (err)
		return check_add_no(check, name, denied_explain(err, id->pid));
	err = status_read(id->pid, &s);
	if (err)
		return err;
	return check_add(check, name, CHECK_YES,
			 "it may be attached to (it belongs to user %u)",
			 (unsigned)s.uid);
}

static struct hs_error *check_refusals(struct check *check,
				       const struct identity *id)
{
	const struct refusal *r;
	struct hs_error *err, *why;
	struct status s;

	err = status_read(id->pid, &s);
	for (r = refusals; r->name && !err; r++) {
		why = r->refuse(id, &s);
		if (why)
			err = check_add_no(check, r->name, why);
		else
			err = check_add(check, r->name, CHECK_YES, "%s",
					r->fine);
	}
	return err;
}

static struct hs_error *check_jemallocs(struct check *check,
					const struct session *s)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < s->jemallocs.n && !err; i++) {
		const struct jemalloc *je = &s->jemallocs.items[i];
		char at[32] = "";

		/* What --mallctl-address takes, where there is a choice. */
		if (s->jemallocs.n > 1)
			snprintf(at, sizeof(at), " at 0x%llx",
				 (unsigned long long)je->mallctl);
		err = check_add(check, "jemalloc", CHECK_YES,
				"'%smallctl' in '%s'%s", je->prefix,
				je->file ? je->file->first->path : "?", at);
	}
	for (; i < s->jemallocs.n_all && !err; i++) {
		const struct jemalloc *je = &s->jemallocs.items[i];

		err = check_add(check, "jemalloc", CHECK_WARNING,
				"'%s' has one that cannot be asked: it lacks "
				"'%smallctl'",
				je->file->first->path, je->prefix);
	}
	return err;
}

/* --- from inside ----------------------------------------------------------- */

static struct hs_error *check_filters(struct check *check,
				      const struct session *s)
{
	const struct seccomp_allows *allows = &s->guest.host.allows;
	struct hs_error *err;
	struct status status;

	err = status_read_thread(s->id->pid, s->guest.host_tid, &status);
	if (err)
		return err;
	if (!status.seccomp)
		return check_add(check, "seccomp filter", CHECK_YES, "none");
	return check_add(check, "seccomp filter", CHECK_YES,
			 "it allows what a snapshot does%s%s",
			 allows->memfd ? ""
				       : ", through a file instead of a memfd",
			 allows->guest ? "" : ", in a borrowed thread");
}

static struct hs_error *check_profiling(struct check *check, struct session *s)
{
	_cleanup_free_ char *version = NULL;
	struct hs_error *err, *off = NULL;

	err = mallctl_get_string(s, "version", &version);
	if (!err)
		err = check_add(check, "version", CHECK_YES, "jemalloc %s",
				version ? version : "of an unknown version");
	if (!err)
		err = advice_profiling(s, version, &off);
	if (off)
		return hs_error_join(err,
				     check_add_no(check, "profiling", off));
	if (err)
		return err;
	return check_add(check, "profiling", CHECK_YES,
			 "config.prof and opt.prof are true");
}

/* "512 KiB" */
static struct hs_error *check_period(struct check *check, unsigned shift)
{
	const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = shift / 10;

	if (!shift)
		return check_add(check, "sample period", CHECK_YES,
				 "every allocation is recorded");
	if (unit >= ARRAY_SIZE(units))
		unit = ARRAY_SIZE(units) - 1;
	return check_add(check, "sample period", CHECK_YES,
			 "one sample every %" PRIu64 " %s, on average",
			 (uint64_t)1 << (shift - 10 * unit), units[unit]);
}

static struct hs_error *check_settings(struct check *check, struct session *s)
{
	struct hs_error *err;
	bool active = true, found;
	uint64_t shift = 0, hook = 0;

	err = mallctl_get(s, "prof.active", &active, sizeof(active), &found);
	if (!err && found && active)
		err = check_add(check, "sampling", CHECK_YES,
				"prof.active is true");
	else if (!err && found)
		err = check_add(check, "sampling", CHECK_WARNING,
				"prof.active is false: what is allocated now "
				"is not recorded");
	if (!err)
		err = mallctl_get(s, "prof.lg_sample", &shift, sizeof(shift),
				  &found);
	if (!err && !found)
		err = mallctl_get(s, "opt.lg_prof_sample", &shift,
				  sizeof(shift), &found);
	if (!err && found && shift < 64)
		err = check_period(check, (unsigned)shift);
	if (!err)
		err = mallctl_get(s, "experimental.hooks.prof_dump", &hook,
				  sizeof(hook), &found);
	if (err)
		return err;
	if (!hook)
		return check_add(check, "hooks", CHECK_YES, "none");
	return check_add_no(check, "hooks",
			    hs_error_new(HS_ERROR_UNPROFILED,
					 "it has a prof_dump hook, which a "
					 "snapshot would call"));
}

static const char *name_of_failure(const struct hs_error *err)
{
	enum hs_error_code code = hs_error_code(err);

	if (code == HS_ERROR_UNSAFE || code == HS_ERROR_TIMEOUT)
		return "safe moment";
	return code == HS_ERROR_DENIED ? "seccomp filter" : "attaching";
}

/* A run without its dump. */
static struct hs_error *check_inside(struct check *check, struct session *s,
				     const struct session_options *options)
{
	struct hs_error *err;
	int64_t pause_us = 0;

	check->attached = true;
	err = session_attach(s, options);
	if (err) {
		check->pause_us = host_pause_us(&s->guest.host);
		check->stuck_tid = s->guest.stuck_tid;
		return check_add_no(check, name_of_failure(err), err);
	}
	check->borrowed = s->guest.borrowed;
	err = check_filters(check, s);
	if (!err)
		err = check_add(check, "safe moment", CHECK_YES,
				"thread %d was outside of the allocator and "
				"the like",
				(int)s->guest.host_tid);
	if (!err && check->borrowed)
		err = check_add(check, "thread", CHECK_WARNING,
				"none could be made: thread %d was borrowed",
				(int)s->guest.host_tid);
	if (!err)
		err = check_profiling(check, s);
	if (!err && !check->verdict)
		err = check_settings(check, s);
	err = hs_error_join(err, guest_end(&s->guest, &pause_us));
	check->stuck_tid = s->guest.stuck_tid;
	if (pause_us > check->pause_us)
		check->pause_us = pause_us;
	return err;
}

/* --- threads --------------------------------------------------------------- */

static struct hs_error *check_thread(struct check *check,
				     const struct session *s,
				     const struct session_options *options,
				     pid_t tid)
{
	struct check_thread *t = &check->threads[check->n_threads];
	struct task_syscall where;
	struct hs_error *err;
	struct status status;

	err = status_read_thread(s->id->pid, tid, &status);
	if (!err)
		err = task_syscall_read(s->id->pid, tid, &where);
	if (!err)
		err = host_examine(s->id->pid, &s->code, tid,
				   options->assume_seccomp_allows, &t->opinion);
	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		return NULL;
	}
	if (err)
		return err;
	t->tid = tid;
	t->state = status.state;
	t->number = where.activity == TASK_IN_SYSCALL ? where.number : -1;
	snprintf(t->name, sizeof(t->name), "%s", status.name);
	if (t->opinion.pause_us > check->pause_us)
		check->pause_us = t->opinion.pause_us;
	check->n_threads++;
	return NULL;
}

static struct hs_error *check_threads(struct check *check,
				      const struct session *s,
				      const struct session_options *options)
{
	struct task_list tasks = { 0 };
	struct hs_error *err;
	size_t i;

	err = task_list_read(s->id->pid, &tasks);
	if (!err) {
		check->attached = true;
		check->threads = calloc(tasks.n + 1, sizeof(*check->threads));
		if (!check->threads)
			err = hs_error_nomem();
	}
	for (i = 0; i < tasks.n && !err; i++) {
		err = check_thread(check, s, options, tasks.tids[i]);
		if (!err)
			err = deadline_check(&s->deadline);
	}
	task_list_release(&tasks);
	if (!err)
		err = maps_read(s->id->pid, &check->maps);
	return err;
}

/* --- all of it ------------------------------------------------------------- */

static const char *name_of_look(const struct hs_error *err)
{
	if (hs_error_code(err) == HS_ERROR_UNPROFILED)
		return "jemalloc";
	if (hs_error_code(err) == HS_ERROR_TIMEOUT)
		return "earlier run";
	return "program";
}

static struct hs_error *check_further(struct check *check,
				      const struct identity *id,
				      const struct check_options *options,
				      const struct deadline *d)
{
	struct session session;
	struct hs_error *err;

	err = session_look(id, &options->session, d, &session);
	if (err)
		return check_add_no(check, name_of_look(err), err);
	err = check_jemallocs(check, &session);
	if (!err)
		err = check_room(check, id);
	if (!err && options->each_thread)
		err = check_threads(check, &session, &options->session);
	if (!err)
		err = check_inside(check, &session, &options->session);
	session_release(&session);
	return err;
}

struct hs_error *check_process(const struct identity *id,
			       const struct check_options *options,
			       const struct deadline *d, struct check *ret)
{
	struct hs_error *err;

	*ret = (struct check){ 0 };
	err = check_permission(ret, id);
	if (!err)
		err = check_refusals(ret, id);
	if (!err && !ret->verdict)
		err = check_further(ret, id, options, d);
	if (err)
		check_release(ret);
	return err;
}
