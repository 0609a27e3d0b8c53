#include "attach/borrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "attach/candidates.h"
#include "attach/final_checks.h"
#include "attach/wait.h"
#include "base/cleanup.h"
#include "proc/status.h"

enum {
	BORROW_BACKOFF_MAX_US = 20000,
	/* Each stop (some 30 us) of a running thread is a throw of dice: the
	 * search makes more of them in the same time. */
	BORROW_BACKOFF_RUNNING_US = 2000,
	BORROW_AGAIN = 20, /* stops of a running thread that was safe once */
	BORROW_AGAIN_US = 300,
};

struct search {
	const struct borrow_request *request;
	struct search_round round;
	struct search_memory memory;
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

/* Judges a copy while its thread runs. */
static struct verdict judge_copy(const struct borrow_request *request,
				 const struct candidate *c,
				 const struct sample *sample,
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
		.at_call = wait_stands_at_call(c->tid, &sample->regs),
		.for_lock = arch_wait_is_lock(&sample->wait),
		.scan_decides = round->number > 0,
	};

	return judge->judge(judge->arg, &question, frames);
}

/* Stops and copies the thread, and notes if that delays the end of its wait. */
static struct verdict stop_and_copy(struct search *s, const struct candidate *c,
				    struct sample *ret)
{
	struct verdict v =
		sample_take(s->held, s->request, &s->round.maps, c, ret);

	if (arch_waits_restarted(&s->held->regs))
		search_skip(&s->memory, c->tid);
	return v;
}

static struct verdict stop_for_use(struct search *s, const struct candidate *c,
				   const struct sample *before)
{
	struct sample now;
	struct verdict v = stop_and_copy(s, c, &now);

	if (v.is == VERDICT_USABLE)
		v = final_checks(s->request, c, before, &now);
	sample_release(&now);
	return v;
}

static void pause_us(int64_t us)
{
	struct timespec ts = { .tv_nsec = us * 1000 };

	nanosleep(&ts, NULL);
}

/* The copied stack is safe: stops the thread for use. A running thread has
 * moved by then. Only its position must be proved again, so it is stopped until
 * that succeeds. */
static struct verdict take_thread(struct search *s, const struct candidate *c,
				  const struct sample *before)
{
	struct held_thread *held = s->held;
	struct verdict v;
	size_t i = 0;

	for (;;) {
		v = stop_for_use(s, c, before);
		if (v.is == VERDICT_USABLE)
			return v;
		v = verdict_join(v, held_let_go(held, &held->regs));
		if (v.is != VERDICT_INSIDE || c->blocked)
			return v;
		v = verdict_join(v, deadline_check(s->request->deadline));
		if (v.is == VERDICT_FAILED || ++i == BORROW_AGAIN)
			return v;
		tally_add(&s->memory.tally, c->tid, &v);
		pause_us(BORROW_AGAIN_US);
	}
}

/* VERDICT_USABLE: s->held is stopped and safe. Otherwise it is free again. */
static struct verdict try_thread(struct search *s, const struct candidate *c)
{
	struct held_thread *held = s->held;
	struct sample sample;
	struct verdict v = candidate_peek(s->request, c);

	if (v.is != VERDICT_USABLE)
		return v;
	v = stop_and_copy(s, c, &sample);
	v = verdict_join(v, held_let_go(held, &held->regs));
	sample_find_wait(&sample, c->tid);
	if (v.is == VERDICT_USABLE)
		v = judge_filters(s->request, &sample, held);
	if (v.is == VERDICT_USABLE)
		v = judge_copy(s->request, c, &sample, &s->round, NULL);
	if (v.is == VERDICT_USABLE) {
		s->memory.tally.passed++;
		v = take_thread(s, c, &sample);
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

static struct hs_error *try_all(struct search *s,
				const struct candidate *candidates, size_t n,
				bool *chosen)
{
	struct search_round *round = &s->round;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < n && !err; i++) {
		struct verdict v;

		round->some_run = round->some_run || !candidates[i].blocked;
		v = try_thread(s, &candidates[i]);
		*chosen = v.is == VERDICT_USABLE;
		if (*chosen)
			return NULL;
		err = note_verdict(s, candidates[i].tid, &v);
		if (!err)
			err = deadline_check(s->request->deadline);
	}
	/* Filters are never removed: there is nothing to wait for. */
	if (!err && n && round->n_never == n)
		err = take_ptr(s->memory.forbidden);
	return err;
}

static struct hs_error *try_round(struct search *s, bool *chosen)
{
	struct search_round *round = &s->round;
	struct candidate *candidates = NULL;
	struct task_list tasks = { 0 };
	struct hs_error *err;
	size_t n = 0;

	round->n_never = 0;
	round->some_run = false;
	err = maps_read(s->request->pid, &round->maps);
	if (!err)
		err = task_list_read(s->request->pid, &tasks);
	if (!err)
		err = search_rank(s->request, &s->memory, &tasks, round,
				  &candidates, &n);
	if (!err)
		err = try_all(s, candidates, n, chosen);
	free(candidates);
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

static void back_off(unsigned round, bool some_run)
{
	int64_t us = 200ll << (round < 8 ? round : 8);
	int64_t most = some_run ? BORROW_BACKOFF_RUNNING_US
				: BORROW_BACKOFF_MAX_US;

	pause_us(us < most ? us : most);
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
			back_off(round->number, round->some_run);
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

	v = sample_take(&held, request, &round->maps, c, &sample);
	v = verdict_join(v, held_let_go(&held, &held.regs));
	sample_find_wait(&sample, c->tid);
	ret->longest = held.longest;
	if (v.is == VERDICT_USABLE) {
		judged = judge_copy(request, c, &sample, round, &ret->unwind);
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
