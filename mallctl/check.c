#include "mallctl/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attach/arch.h"
#include "attach/borrow.h"
#include "attach/preflight.h"
#include "attach/wait.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/units.h"
#include "mallctl/check_changes.h"
#include "mallctl/check_headroom.h"
#include "mallctl/prof_dump.h"
#include "mallctl/profiling_off.h"
#include "mallctl/values.h"
#include "proc/status.h"
#include "proc/task.h"

/* --- from outside ---------------------------------------------------------- */

static struct hs_error *check_preflight(struct check *check,
					const struct identity *id)
{
	const struct preflight_check *r;
	struct hs_error *err, *why;
	struct status s;

	err = status_read(id->pid, &s);
	for (r = preflight_checks; r->name && !err; r++) {
		why = r->check(id, &s);
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

		/* The value for --mallctl-address, when there is a choice. */
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
	const struct seccomp_allows *allows = helper_allows(&s->helper);
	struct hs_error *err;
	struct status status;

	err = status_read_thread(s->id->pid, s->helper.borrowed_tid, &status);
	if (err)
		return err;
	if (!status.seccomp)
		return check_add(check, "seccomp filter", CHECK_YES, "none");
	return check_add(check, "seccomp filter", CHECK_YES,
			 "it allows what a snapshot does%s%s",
			 allows->memfd ? ""
				       : ", through a file instead of a memfd",
			 allows->helper ? "" : ", in a borrowed thread");
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
		err = profiling_off_why(s, version, &off);
	if (off)
		return hs_error_join(err,
				     check_add_no(check, "profiling", off));
	if (err)
		return err;
	return check_add(check, "profiling", CHECK_YES,
			 "config.prof and opt.prof are true");
}

static struct hs_error *check_period(struct check *check, unsigned shift)
{
	_cleanup_strbuf_ struct strbuf period = { 0 };
	struct hs_error *err;

	if (!shift)
		return check_add(check, "sample period", CHECK_YES,
				 "every allocation is recorded");
	units_add_exact(&period, UINT64_C(1) << shift);
	err = strbuf_check(&period);
	return err ? err
		   : check_add(check, "sample period", CHECK_YES,
			       "one sample every %s, on average",
			       strbuf_str(&period));
}

static struct hs_error *check_sampling(struct check *check, struct session *s)
{
	struct hs_error *err;
	int active;

	err = mallctl_get_flag(s, "prof.active", &active);
	if (err || active < 0)
		return err;
	if (active)
		return check_add(check, "sampling", CHECK_YES,
				 "prof.active is true");
	return check_add_warning(
		check, "sampling",
		hs_error_hint(hs_error_new(HS_ERROR_UNPROFILED,
					   "prof.active is false: what is "
					   "allocated now is not recorded"),
			      "'heapsnap -p %d --activate' switches it on for "
			      "the time of a run",
			      (int)s->id->pid));
}

static struct hs_error *check_settings(struct check *check, struct session *s)
{
	struct hs_error *err, *hook = NULL;
	int64_t shift;

	err = check_sampling(check, s);
	if (!err)
		err = mallctl_get_size(s, &shift, "prof.lg_sample");
	if (!err && shift < 0)
		err = mallctl_get_size(s, &shift, "opt.lg_prof_sample");
	if (!err && shift >= 0 && shift < 64)
		err = check_period(check, (unsigned)shift);
	if (!err)
		err = profiling_off_dump_hook(s, &hook);
	if (err)
		return err;
	return hook ? check_add_no(check, "hooks", hook)
		    : check_add(check, "hooks", CHECK_YES, "none");
}

/* Some thread of it has. */
static bool has_filters(const struct session *s)
{
	hs_cleanup(task_list_release) struct task_list tasks = { 0 };
	struct hs_error *unread = task_list_read(s->id->pid, &tasks);
	bool filtered = false;
	struct status status;
	size_t i;

	hs_error_free(unread);
	for (i = 0; i < tasks.n && !filtered; i++) {
		unread = status_read_thread(s->id->pid, tasks.tids[i], &status);
		filtered = !unread && status.seccomp;
		hs_error_free(unread);
	}
	return filtered;
}

static const char *name_of_failure(const struct session *s,
				   const struct hs_error *err)
{
	enum hs_error_code code = hs_error_code(err);

	if (code == HS_ERROR_UNSAFE || code == HS_ERROR_TIMEOUT)
		return "safe moment";
	if (s->no_room)
		return "room for memory";
	return code == HS_ERROR_DENIED && has_filters(s) ? "seccomp filter"
							 : "attaching";
}

static struct hs_error *check_dump(struct check *check, struct session *s,
				   const struct check_before *before)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err = NULL;

	if (!check->verdict)
		err = prof_dump_rehearse(s, &path);
	if (err && !helper_is_broken(&s->helper))
		err = check_add_no(check, "dump", err);
	else if (!err)
		err = strbuf_check(&path);
	if (!err && path.len)
		err = check_add(check, "dump", CHECK_YES,
				"it can open '%s' for it", strbuf_str(&path));
	return err ? err
		   : check_changes_count(s, before, strbuf_str(&path), check);
}

static void note_pause(struct check_report *r, const struct pause *longest)
{
	if (longest->us <= r->pause_us)
		return;
	r->pause_us = longest->us;
	snprintf(r->stopped_thread, sizeof(r->stopped_thread), "%s",
		 longest->thread);
}

/* Does what a run does, except the dump. */
static struct hs_error *check_inside(struct check *check, struct session *s,
				     const struct session_options *options)
{
	struct check_before before;
	struct hs_error *err;

	err = check_changes_begin(s->id, &before);
	if (err)
		return err;
	check->report.attached = true;
	err = session_attach(s, options);
	if (err) {
		note_pause(&check->report, helper_longest(&s->helper));
		check->report.stuck_tid = s->helper.stuck_tid;
		return check_add_no(check, name_of_failure(s, err), err);
	}
	check->report.borrowed = s->helper.borrowed;
	err = check_filters(check, s);
	if (!err)
		err = check_add(check, "safe moment", CHECK_YES,
				"thread %d was outside of the allocator and "
				"the like",
				(int)s->helper.borrowed_tid);
	if (!err && check->report.borrowed)
		err = check_add(check, "thread", CHECK_WARNING,
				"none could be made: thread %d was borrowed",
				(int)s->helper.borrowed_tid);
	if (!err)
		err = check_profiling(check, s);
	if (!err && !check->verdict)
		err = check_settings(check, s);
	if (!err)
		err = check_dump(check, s, &before);
	err = hs_error_join(err, session_detach(s, NULL));
	if (!err)
		err = check_changes_end(s->id, &before, check);
	check->report.stuck_tid = s->helper.stuck_tid;
	note_pause(&check->report, helper_longest(&s->helper));
	return err;
}

/* --- threads --------------------------------------------------------------- */

/* A caller's address is that of the call, not where it returns to. */
static struct hs_error *keep_frames(const struct borrow_opinion *opinion,
				    struct check_thread *t)
{
	const struct unwind *unwind = &opinion->unwind;
	size_t i;

	t->frames = calloc(unwind->n + 1, sizeof(*t->frames));
	if (!t->frames)
		return hs_error_nomem();
	t->n_frames = unwind->n;
	for (i = 0; i < unwind->n; i++)
		t->frames[i].address = unwind->pcs[i] - (i > 0);
	if (!opinion->inside)
		return NULL;
	t->inside = calloc(1, sizeof(*t->inside));
	if (!t->inside)
		return hs_error_nomem();
	t->inside->address = opinion->inside - 1;
	return NULL;
}

static struct hs_error *keep_opinion(const struct borrow_opinion *opinion,
				     struct check_thread *t)
{
	t->safe = opinion->safe;
	snprintf(t->why_unsafe, sizeof(t->why_unsafe), "%s", opinion->why);
	t->sampled = opinion->sampled;
	t->unwound = opinion->unwind.complete;
	t->why_not = opinion->unwind.why;
	return keep_frames(opinion, t);
}

static struct hs_error *look_at_thread(const struct session *s,
				       const struct session_options *options,
				       pid_t tid, struct check_thread *t,
				       struct borrow_opinion *opinion)
{
	struct borrow_request request = session_request(s, options);
	struct task_syscall where;
	struct hs_error *err;
	struct status status;

	request.deadline = NULL;
	err = status_read_thread(s->id->pid, tid, &status);
	if (err)
		return err;
	err = task_syscall_read(s->id->pid, tid, &where);
	if (err)
		return err;
	err = borrow_examine(&request, tid, opinion);
	if (err)
		return err;
	t->tid = tid;
	t->state = status.state;
	t->syscall_number = where.activity == TASK_IN_SYSCALL
				    ? wait_at(tid, &where).number
				    : -1;
	t->syscall = arch_syscall_name(t->syscall_number);
	snprintf(t->name, sizeof(t->name), "%s", status.name);
	return NULL;
}

static struct hs_error *check_thread(struct check *check,
				     const struct session *s,
				     const struct session_options *options,
				     pid_t tid)
{
	struct check_report *r = &check->report;
	struct check_thread *t = &r->threads[r->n_looked];
	struct borrow_opinion opinion;
	struct hs_error *err;

	err = look_at_thread(s, options, tid, t, &opinion);
	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		return NULL;
	}
	if (err)
		return err;
	note_pause(r, &opinion.longest);
	r->n_looked++;
	return keep_opinion(&opinion, t);
}

enum { LOOKS_LEAVE_US = 500000 }; /* of the time-out, for what follows */

/* One look at each thread of @tasks. */
static struct hs_error *look_at_all(struct check *check,
				    const struct session *s,
				    const struct session_options *options,
				    const struct task_list *tasks,
				    unsigned look)
{
	struct check_report *r = &check->report;
	const size_t before = r->n_looked;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < tasks->n && !err; i++) {
		err = check_thread(check, s, options, tasks->tids[i]);
		if (!err)
			err = deadline_check(&s->deadline);
	}
	for (i = before; i < r->n_looked; i++)
		r->threads[i].look = look;
	return err;
}

static struct hs_error *check_threads(struct check *check,
				      const struct session *s,
				      const struct check_options *options)
{
	/* Not so soon that all looks fall into one moment of its work. */
	const struct timespec pause = { .tv_nsec = 20000000 };
	hs_cleanup(task_list_release) struct task_list tasks = { 0 };
	struct check_report *r = &check->report;
	unsigned look, looks = options->looks ? options->looks : 1;
	struct hs_error *err;

	err = task_list_read(s->id->pid, &tasks);
	if (err)
		return err;
	r->attached = true;
	r->threads = calloc(looks * tasks.n + 1, sizeof(*r->threads));
	if (!r->threads)
		return hs_error_nomem();
	for (look = 0; look < looks && !err; look++) {
		/* The first is wanted, more are as time allows. */
		if (look && deadline_left(&s->deadline) < LOOKS_LEAVE_US)
			break;
		if (look)
			nanosleep(&pause, NULL);
		err = look_at_all(check, s, &options->session, &tasks, look);
		if (!look && options->each_thread)
			r->n_threads = r->n_looked;
	}
	return err ? err : maps_read(s->id->pid, &check->maps);
}

/* --- the whole check ------------------------------------------------------- */

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

	err = session_probe(id, &options->session, d, &session);
	if (err)
		return check_add_no(check, name_of_look(err), err);
	err = check_jemallocs(check, &session);
	if (!err)
		err = check_headroom(check, id);
	if (!err && (options->each_thread || options->looks))
		err = check_threads(check, &session, options);
	if (!err && !check->verdict)
		err = check_inside(check, &session, &options->session);
	session_release(&session);
	return err;
}

struct hs_error *check_process(const struct identity *id,
			       const struct check_options *options,
			       const struct deadline *d, struct check *ret)
{
	struct hs_error *err;

	*ret = (struct check){
		.report = { .pid = id->pid, .command = id->command },
	};
	err = check_preflight(ret, id);
	if (!err && !ret->verdict)
		err = check_further(ret, id, options, d);
	if (err)
		check_release(ret);
	return err;
}
