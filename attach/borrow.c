#include "attach/borrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "attach/candidates.h"
#include "attach/evidence.h"
#include "attach/final_checks.h"
#include "attach/pace.h"
#include "attach/wait.h"
#include "base/cleanup.h"
#include "proc/status.h"

enum {
	BORROW_BACKOFF_MAX_US = 20000,
	BORROW_BACKOFF_MIN_US = 200,
	/* Threads that run are tried for so long before all of /proc/PID is
	 * read anew. */
	BORROW_ROUND_US = 20000,
	BORROW_AGAIN = 20, /* stops of a running thread that was safe once */
	BORROW_AGAIN_US = 300,
	BORROW_SLICE_US = 100000, /* the longest sleep */
};

struct search {
	const struct borrow_request *request;
	struct search_round round;
	struct search_memory memory;
	struct evidence evidence;
	struct pace pace;     /* of the thread that was stopped for longest */
	int64_t longest_us;   /* it was stopped for, in this pass */
	struct unwind frames; /* of the last copy that was judged */
	struct held_thread *held; /* the result */
};

struct hs_error *borrow_release(struct held_thread *held, bool used)
{
	return held_let_go(held, used ? NULL : &held->regs);
}

/* --- one thread ------------------------------------------------------------ */

/* Whether the thread's seccomp filters allow its use. */
static struct verdict judge_filters(const struct borrow_request *request,
				    const struct sample *sample,
				    struct held_thread *held)
{
	struct verdict v = { .is = VERDICT_NEVER,
			     .why = "has a seccomp filter that forbids it",
			     .what = "" };

	v.error = seccomp_judge(&sample->filters, request->code->entry.musl,
				&held->allows);
	if (v.error && hs_error_code(v.error) != HS_ERROR_DENIED) {
		v.is = VERDICT_FAILED;
	} else if (v.error) {
		held->forbids = FORBIDS_ALL;
	} else if (request->use == BORROW_FOR_HELPER && !held->allows.helper) {
		if (held->forbids == FORBIDS_NOTHING)
			held->forbids = FORBIDS_THREADS;
		v.error = hs_error_new(HS_ERROR_DENIED,
				       "its seccomp filter allows no new "
				       "thread");
	} else {
		return verdict_usable();
	}
	return v;
}

/* Judges a copy while its thread runs. @at_call: of wait_stands_at_call(). */
static struct verdict judge_copy(const struct borrow_request *request,
				 const struct candidate *c,
				 const struct sample *sample, bool at_call,
				 const struct search_round *round,
				 struct unwind *frames)
{
	const struct judge *judge = request->judge;
	const struct judge_case question = {
		.pid = request->pid,
		.maps = &round->maps,
		.copy = &sample->copy,
		/* Only the stopped state counts: a thread that has just left a
		 * call may hold the lock that it waited for. */
		.waits = c->blocked && arch_waits(&sample->regs),
		.at_call = at_call,
		.for_lock = arch_wait_is_lock(&sample->wait),
		.scan_decides = round->number > 0,
	};

	return judge->judge(judge->arg, &question, frames);
}

/* Judges a copy of a thread that was let go again, and learns from it. Where
 * its frames are is not asked again and again of a thread that runs, unless it
 * stands where they may decide. */
static struct verdict judge_free(struct search *s, const struct candidate *c,
				 struct sample *sample)
{
	bool at_call = wait_stands_at_call(c->tid, &sample->regs);
	bool known = !at_call && evidence_is_followed(&s->evidence, c->tid);
	struct verdict v;

	sample_find_wait(sample, c->tid);
	v = judge_filters(s->request, sample, s->held);
	if (v.is != VERDICT_USABLE)
		return v;
	v = judge_copy(s->request, c, sample, at_call, &s->round,
		       known ? NULL : &s->frames);
	if (!known && v.is != VERDICT_FAILED)
		evidence_learn(&s->evidence, c->tid, &s->frames,
			       v.is == VERDICT_USABLE && at_call &&
				       !arch_wait_is_lock(&sample->wait));
	return v;
}

/* Judges the thread that is held by what is known of it. */
static struct verdict judge_held(struct search *s, const struct candidate *c,
				 const struct sample *before,
				 const struct sample *now)
{
	struct verdict v = verdict_usable();

	/* At its first stop nothing is known: it is let go at once. What its
	 * filters allow is known of the copy before alone. */
	if (!before && (c->filtered || !evidence_knows(&s->evidence, c->tid)))
		return verdict_not_now("is not known yet", "");
	if (!before)
		v = judge_filters(s->request, now, s->held);
	if (v.is == VERDICT_USABLE)
		v = final_checks(s->request, c, before, &s->evidence, now);
	return v;
}

/* Stops and copies the thread. VERDICT_USABLE: s->held is stopped and safe.
 * Otherwise it is free again; @now has no bytes if it was not copied. */
static struct verdict look(struct search *s, const struct candidate *c,
			   const struct sample *before, struct sample *now)
{
	struct held_thread *held = s->held;
	bool brief = !c->blocked && !c->filtered && !before &&
		     evidence_is_followed(&s->evidence, c->tid);
	struct verdict v =
		sample_take(held, s->request, &s->round.maps, c, brief, now);

	if (v.is == VERDICT_USABLE)
		v = judge_held(s, c, before, now);
	if (v.is == VERDICT_USABLE)
		return v;
	v = verdict_join(v, held_let_go(held, &held->regs));
	/* The stop delays the end of its wait. */
	if (arch_waits_restarted(&held->regs))
		search_skip(&s->memory, s->request->pid, c->tid);
	return v;
}

static void pause_us(int64_t us)
{
	struct timespec ts = { .tv_sec = us / 1000000,
			       .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/* Stops a thread again that was safe in state @before; one that runs, some
 * times. */
static struct verdict look_again(struct search *s, const struct candidate *c,
				 const struct sample *before)
{
	unsigned left = c->blocked ? 1 : BORROW_AGAIN;
	struct sample now;
	struct verdict v;

	for (;;) {
		v = look(s, c, before, &now);
		sample_release(&now);
		if ((v.is != VERDICT_INSIDE && v.is != VERDICT_NOT_NOW) ||
		    !--left)
			return v;
		v = verdict_join(v, deadline_check(s->request->deadline));
		if (v.is == VERDICT_FAILED)
			return v;
		pause_us(BORROW_AGAIN_US);
	}
}

/* VERDICT_USABLE: s->held is stopped and safe. Otherwise it is free again. */
static struct verdict try_thread(struct search *s, const struct candidate *c)
{
	struct sample sample;
	struct verdict v = candidate_peek(s->request, c);

	if (v.is != VERDICT_USABLE)
		return v;
	v = look(s, c, NULL, &sample);
	if (v.is == VERDICT_USABLE || v.is == VERDICT_FAILED ||
	    v.is == VERDICT_NEVER || !sample.copy.bytes) {
		sample_release(&sample);
		return v;
	}
	v = judge_free(s, c, &sample);
	if (v.is == VERDICT_USABLE) {
		s->memory.tally.passed++;
		v = look_again(s, c, &sample);
	}
	sample_release(&sample);
	return v;
}

/* --- all threads ----------------------------------------------------------- */

/* Records the verdict on thread @tid, which is not usable; returns the error
 * that ends the search, or NULL. */
static struct hs_error *note_verdict(struct search *s, pid_t tid,
				     struct verdict *v)
{
	struct hs_error *err = take_ptr(v->error);

	tally_add(&s->memory.tally, tid, v);
	if (v->is == VERDICT_NEVER) {
		s->round.n_never++;
		if (!s->memory.forbidden)
			s->memory.forbidden = take_ptr(err);
	}
	/* Only this thread ended: the next round finds out if it was the
	 * last. */
	if (v->is == VERDICT_NEVER ||
	    (err && hs_error_code(err) == HS_ERROR_GONE)) {
		hs_error_free(err);
		err = NULL;
	}
	return err;
}

static struct hs_error *try_one(struct search *s, const struct candidate *c,
				bool *chosen)
{
	const int64_t before = s->held->stopped_us;
	struct verdict v = try_thread(s, c);
	struct hs_error *err;

	*chosen = v.is == VERDICT_USABLE;
	if (*chosen)
		return NULL;
	if (s->held->stopped_us - before > s->longest_us)
		s->longest_us = s->held->stopped_us - before;
	err = note_verdict(s, c->tid, &v);
	return err ? err : deadline_check(s->request->deadline);
}

/* Pays for a pass over the threads. */
static void pay(struct search *s)
{
	if (s->longest_us)
		pace_spend(&s->pace, s->longest_us);
	s->longest_us = 0;
}

/* Tries each once. */
static struct hs_error *
try_each(struct search *s, const struct candidates *candidates, bool *chosen)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < candidates->n && !err && !*chosen; i++)
		err = try_one(s, &candidates->items[i], chosen);
	pay(s);
	return err;
}

/* Tries those once more that ran when they were ranked, and still do, until
 * @end (clock_us()). */
static struct hs_error *try_running(struct search *s,
				    const struct candidates *candidates,
				    int64_t end, bool *chosen)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < candidates->n && !err && !*chosen; i++) {
		struct candidate c = { .tid = candidates->items[i].tid };

		if (candidates->items[i].blocked || clock_us() >= end ||
		    candidate_rank(s->request, &s->round.maps, &c).is !=
			    VERDICT_USABLE ||
		    c.blocked)
			continue;
		err = try_one(s, &c, chosen);
	}
	pay(s);
	return err;
}

/* Of the threads that run, at least a moment. */
static int64_t rest_us(const struct search *s)
{
	int64_t us = pace_left(&s->pace);

	return us > BORROW_BACKOFF_MIN_US ? us : BORROW_BACKOFF_MIN_US;
}

/* In slices, so that a signal that comes between two looks is not missed. */
static struct hs_error *rest(const struct search *s, int64_t us)
{
	struct hs_error *err = deadline_check(s->request->deadline);
	int64_t slice;

	for (; !err && us > 0; us -= slice) {
		slice = us < BORROW_SLICE_US ? us : BORROW_SLICE_US;
		pause_us(slice);
		err = deadline_check(s->request->deadline);
	}
	return err;
}

static struct hs_error *
try_all(struct search *s, const struct candidates *candidates, bool *chosen)
{
	const int64_t end = clock_us() + BORROW_ROUND_US;
	struct search_round *round = &s->round;
	struct hs_error *err;
	size_t i;

	for (i = 0; i < candidates->n; i++)
		round->some_run = round->some_run ||
				  !candidates->items[i].blocked;
	err = try_each(s, candidates, chosen);
	/* Filters are never removed: there is nothing to wait for. */
	if (!err && !*chosen && candidates->n &&
	    round->n_never == candidates->n)
		return take_ptr(s->memory.forbidden);
	while (!err && !*chosen && round->some_run &&
	       clock_us() + rest_us(s) < end) {
		err = rest(s, rest_us(s));
		if (!err)
			err = try_running(s, candidates, end, chosen);
	}
	return err;
}

static struct hs_error *try_round(struct search *s, bool *chosen)
{
	struct search_round *round = &s->round;
	struct candidates candidates = { 0 };
	struct task_list tasks = { 0 };
	struct hs_error *err;

	round->n_never = 0;
	round->some_run = false;
	/* Of each thread's stack the maps that are read next tell. */
	err = task_list_read(s->request->pid, &tasks);
	if (!err)
		err = maps_read(s->request->pid, &round->maps);
	if (!err)
		err = search_rank(s->request, &s->memory, &tasks, round,
				  &candidates);
	if (!err)
		err = try_all(s, &candidates, chosen);
	free(candidates.items);
	task_list_release(&tasks);
	maps_release(&round->maps);
	return err;
}

/* The process was killed, and its parent has not waited for it yet: a zombie
 * has threads, but none that can ever be used. Or only its main thread
 * ended. */
static struct hs_error *check_lives(pid_t pid)
{
	struct hs_error *err;
	struct status status;

	err = status_read(pid, &status);
	if (!err && (status.state == 'Z' || status.state == 'X'))
		err = hs_error_new(HS_ERROR_GONE,
				   "the main thread of process %d has ended",
				   (int)pid);
	return err;
}

static struct hs_error *check_cancelled(const struct borrow_request *request)
{
	/* pthread_cancel(3) installs SIGCANCEL's handler when it is first used
	 * (glibc 2.34, nptl/pthread_cancel.c); before, it was installed as soon
	 * as libpthread was there (nptl/nptl-init.c). */
	enum { SIGCANCEL_BIT = 31 };
	struct hs_error *err;
	struct status status;

	err = status_read(request->pid, &status);
	if (err || request->use != BORROW_FOR_CALLS ||
	    !(status.sig_caught >> SIGCANCEL_BIT & 1))
		return err;
	return hs_error_new(HS_ERROR_UNSAFE,
			    "no thread can be borrowed: the process is ready "
			    "for pthread_cancel(), as each one with threads is "
			    "before glibc 2.34, and a thread with a pending "
			    "cancellation would end in the call");
}

/* Threads that wait are looked at less and less often, those that run as often
 * as it may be. */
static struct hs_error *back_off(const struct search *s)
{
	unsigned round = s->round.number;
	int64_t us = (int64_t)BORROW_BACKOFF_MIN_US << (round < 8 ? round : 8);
	int64_t least = rest_us(s);

	if (us > BORROW_BACKOFF_MAX_US)
		us = BORROW_BACKOFF_MAX_US;
	return rest(s, s->round.some_run || us < least ? least : us);
}

struct hs_error *borrow_take(const struct borrow_request *request,
			     struct held_thread *ret)
{
	struct search s = { .request = request, .held = ret };
	const int64_t begun = clock_us();
	struct search_round *round = &s.round;
	struct hs_error *err;
	bool chosen = false;

	*ret = (struct held_thread){ .max_pause_us = request->max_pause_us };
	err = check_cancelled(request);
	for (; !err && !chosen; round->number++) {
		if (round->number) {
			err = back_off(&s);
			if (!err)
				err = check_lives(request->pid);
		}
		if (!err)
			err = try_round(&s, &chosen);
		if (!err && !chosen)
			err = deadline_check(request->deadline);
	}
	if (err && hs_error_code(err) == HS_ERROR_TIMEOUT) {
		hs_error_free(err);
		err = tally_refusal(&s.memory.tally, clock_us() - begun);
	}
	hs_error_free(s.memory.forbidden);
	evidence_release(&s.evidence);
	return err;
}

/* --- for reports ----------------------------------------------------------- */

/* Samples a thread, and judges the copy while the thread runs on. */
static struct verdict form_opinion(const struct borrow_request *request,
				   const struct search_round *round,
				   const struct candidate *c,
				   struct borrow_opinion *ret)
{
	struct held_thread held = { .max_pause_us = request->max_pause_us };
	struct sample sample;
	struct verdict judged, v;

	v = sample_take(&held, request, &round->maps, c, false, &sample);
	v = verdict_join(v, held_let_go(&held, &held.regs));
	sample_find_wait(&sample, c->tid);
	ret->longest = held.longest;
	if (v.is == VERDICT_USABLE) {
		judged = judge_copy(request, c, &sample,
				    wait_stands_at_call(c->tid, &sample.regs),
				    round, &ret->unwind);
		ret->sampled = judged.is != VERDICT_FAILED;
		v = ret->sampled ? judge_filters(request, &sample, &held)
				 : judged;
		if (v.is == VERDICT_USABLE)
			v = judged;
	}
	if (v.is == VERDICT_USABLE &&
	    sample_lacks_headroom(&sample, request->use))
		v = verdict_not_now("has too little stack left", "");
	sample_release(&sample);
	return v;
}

static struct hs_error *examine(const struct borrow_request *request,
				const struct search_round *round,
				struct candidate *c, struct borrow_opinion *ret)
{
	struct verdict v = candidate_rank(request, &round->maps, c);
	struct tracer tracer;
	struct hs_error *err;

	if (v.is == VERDICT_USABLE) {
		err = tracer_begin(&tracer);
		if (err)
			return err;
		v = form_opinion(request, round, c, ret);
		tracer_end(&tracer);
	}
	ret->safe = v.is == VERDICT_USABLE;
	ret->inside = v.inside;
	if (v.why)
		snprintf(ret->why, sizeof(ret->why), "%s%s", v.why, v.what);
	if (v.is == VERDICT_FAILED)
		return v.error;
	hs_error_free(v.error);
	return NULL;
}

struct hs_error *borrow_examine(const struct borrow_request *request, pid_t tid,
				struct borrow_opinion *ret)
{
	/* Not the first round: as if no thread had a complete unwind. */
	struct search_round round = { .number = 1 };
	struct candidate c = { .tid = tid };
	struct hs_error *err;

	*ret = (struct borrow_opinion){ 0 };
	err = maps_read(request->pid, &round.maps);
	if (!err)
		err = examine(request, &round, &c, ret);
	maps_release(&round.maps);
	return err;
}
