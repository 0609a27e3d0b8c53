#include "attach/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>

#include "attach/arch.h"
#include "attach/boost.h"
#include "attach/request.h"
#include "attach/scan.h"
#include "attach/search.h"
#include "attach/stack.h"
#include "attach/unwind.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "proc/maps.h"
#include "proc/memory.h"
#include "proc/status.h"
#include "proc/task.h"

enum {
	/* Stack that a call itself may use below its frames. pthread_create()
	 * may allocate, and the allocation may be sampled and unwound: under
	 * 8 KiB; prof.dump takes 12 KiB at most (measured for jemalloc 3.6 to
	 * 5.3.1 on painted stacks). */
	HOST_STACK_GUEST = 16 << 10,
	HOST_STACK_BORROWED = 48 << 10,
	HOST_SCRATCH = 4096 + 512, /* a session's data, red zone, alignment */
	HOST_STOP_US = 1000000,	   /* at least this, until it stops */
	HOST_AT_ONCE_US = 500,	   /* it had not to wait for a CPU */
	HOST_BACKOFF_MAX_US = 20000,
	/* For threads that run, each stop of some 30 us is a throw of dice:
	 * more of them in the same time. */
	HOST_BACKOFF_RUNNING_US = 2000,
	HOST_AGAIN = 20, /* stops of a thread that runs and was safe once */
	HOST_AGAIN_US = 300,
};

/* A stopped thread, as far as it must be known to be judged. */
struct look {
	struct stack_copy stack;
	struct seccomp_filters filters;
};

static void look_release(struct look *look)
{
	stack_copy_release(&look->stack);
	seccomp_filters_release(&look->filters);
}

int64_t host_pause_us(const struct host *host)
{
	return host->pause_us;
}

static void host_note_pause(struct host *host)
{
	int64_t pause = clock_us() - host->stopped_at;

	if (pause > host->pause_us)
		host->pause_us = pause;
}

/* It stopped when it got a CPU. What it waited for that is no stop of ours: of
 * @waited before. (Of a wait that was under way the whole is counted when it is
 * over: kernel/sched/stats.h, sched_info_arrive().) */
static void host_skip_queue(struct host *host, int64_t waited)
{
	int64_t took = clock_us() - host->stopped_at, queued;

	if (took < HOST_AT_ONCE_US)
		return;
	queued = task_waited_us(host->tracee.pid, host->tracee.tid) - waited;
	if (queued > 0)
		host->stopped_at += queued < took ? queued : took;
}

/* The kernel would not take up the wait by itself, or it would be killed for
 * the restart_syscall(2) by which it does. */
static bool needs_restart(const struct host *host, const struct arch_regs *regs)
{
	enum arch_interrupted how = arch_interrupted(regs);

	return how == ARCH_EINTR || (how == ARCH_RESUMES && host->anew);
}

/* Ends the tracing of a thread. @regs: those that our stop left it with, NULL
 * when it was put home after calls. */
static struct hs_error *let_go(struct host *host, const struct arch_regs *regs)
{
	struct tracee *t = &host->tracee;
	bool stopped = t->state == TRACEE_STOPPED;
	/* After a call that did not come back it stands still in there. */
	bool kept = !regs && t->state == TRACEE_RUNNING;
	struct hs_error *err = NULL;

	if (regs && stopped && needs_restart(host, regs)) {
		struct arch_regs again = arch_regs_restart(regs);

		err = arch_regs_set(t->tid, &again);
	}
	err = hs_error_join(err, tracee_detach(t));
	if (stopped || kept)
		host_note_pause(host);
	boost_end(&host->boost);
	return err;
}

struct hs_error *host_release(struct host *host, bool used)
{
	return let_go(host, used ? NULL : &host->regs);
}

/* Inside a restartable sequence the kernel aborts the thread only at its own
 * preemption points: a tracer that moves the PC away would make it go on
 * half-way later (rseq(2), kernel/rseq.c). */
static bool in_rseq(pid_t tid, uint64_t pc)
{
	struct __ptrace_rseq_configuration conf = { 0 };
	struct {
		uint32_t version, flags;
		uint64_t start, length, abort;
	} section;
	uint64_t pointer = 0;
	struct hs_error *err;

	err = request(PTRACE_GET_RSEQ_CONFIGURATION, tid, sizeof(conf),
		      (uintptr_t)&conf);
	/* struct rseq: cpu_id_start, cpu_id, then the pointer */
	if (!err && conf.rseq_abi_pointer)
		err = memory_read(tid, conf.rseq_abi_pointer + 8, &pointer,
				  sizeof(pointer));
	if (!err && pointer)
		err = memory_read(tid, pointer, &section, sizeof(section));
	if (err) {
		hs_error_free(err);
		return pointer != 0;
	}
	return pointer && pc - section.start < section.length;
}

/* Judges a copy while its thread runs. NULL in *why: it is safe. */
static struct hs_error *judge(struct search *s, const struct candidate *c,
			      const struct stack_copy *copy, const char **why,
			      const char **what)
{
	/* What it was a moment before does not count: a thread that has just
	 * come out of a call may hold the lock that it waited for. */
	bool blocked = c->blocked && arch_waits(&copy->regs);
	bool stale_ok = blocked && !c->for_lock;
	struct unwind unwind;
	struct hs_error *err;
	struct scan_hit hit;
	bool clean;

	*why = "is inside ";
	*what = "";
	clean = scan_stack(copy, s->code, blocked, &hit);
	s->inside = clean ? 0 : hit.word;
	if (!clean)
		*what = hit.range->what;
	if (!clean && !stale_ok)
		return NULL;
	err = unwind_stack(s->pid, copy, &s->maps, s->code, &unwind);
	if (err)
		return err;
	/* Of an event loop with a large array on its stack, words from its
	 * start-up may stay there for ever. Its frames tell, when all of them
	 * are known, and it does not wait for a lock. */
	if (!clean && !(unwind.complete && scan_frames(&unwind, s->code)))
		return NULL;
	*why = NULL;
	*what = "";
	if (unwind.complete)
		return NULL;
	/* The scan is the proof. Where a library has no unwind information
	 * (musl, hand-written code) a thread that waits in the kernel may be
	 * used when no thread has both. */
	if (s->round > 0 && blocked)
		return NULL;
	*why = "cannot be unwound: ";
	*what = unwind.why;
	return NULL;
}

static bool has_room(const struct search *s, const struct stack_copy *copy)
{
	size_t frames = HOST_SCRATCH + 2 * arch_frames_bound();
	size_t use = HOST_STACK_GUEST;

	if (s->use == HOST_BORROWED)
		use = HOST_STACK_BORROWED;
	/* The frame itself is written from outside, which extends no stack;
	 * what the call uses does. */
	if (!copy->bounds.grows)
		frames += use;
	return stack_room(copy) >= frames;
}

static struct hs_error *read_filters(struct search *s, pid_t tid,
				     struct seccomp_filters *filters)
{
	struct hs_error *err = seccomp_filters_read(tid, filters);

	s->host->anew = err || !seccomp_lets_resume(filters);
	if (!err || !s->assume_seccomp_allows ||
	    hs_error_code(err) != HS_ERROR_DENIED)
		return err;
	hs_error_free(err);
	s->host->anew = false;
	return NULL;
}

/* Stops it and copies it. *why is set when it cannot be used now. */
static struct hs_error *stop_and_copy(struct search *s,
				      const struct candidate *c,
				      struct look *look, const char **why)
{
	struct stack_copy *copy = &look->stack;
	/* One that has to wait for a CPU stops when it gets one. Nothing but
	 * that keeps it until then, and to give up sooner would end the search
	 * for the sake of one of its threads. */
	struct deadline d = deadline_extend(s->deadline, HOST_STOP_US);
	struct host *host = s->host;
	struct hs_error *err;
	int64_t waited;

	*why = NULL;
	host->regs = (struct arch_regs){ 0 };
	host->anew = false;
	err = tracee_seize(&host->tracee, s->pid, c->tid);
	if (err)
		return err;
	boost_begin(&host->boost);
	waited = task_waited_us(s->pid, c->tid);
	host->stopped_at = clock_us();
	err = tracee_interrupt(&host->tracee, &d);
	host_skip_queue(host, waited);
	if (err)
		return hs_error_wrap(err, "thread %d does not stop",
				     (int)host->tracee.tid);
	if (host->tracee.state == TRACEE_GONE ||
	    host->tracee.stop != STOP_INTERRUPT) {
		*why = "takes a signal";
		return NULL;
	}
	err = stack_copy(&host->tracee, &s->maps, copy);
	host->regs = copy->regs;
	if (arch_waits_anew(&copy->regs))
		search_let_be(s, c->tid);
	if (c->filtered)
		err = hs_error_join(err,
				    read_filters(s, c->tid, &look->filters));
	if (err && hs_error_code(err) == HS_ERROR_UNSAFE) {
		hs_error_free(err);
		*why = "is not on its own stack, or too deep in it";
		return NULL;
	}
	return err;
}

static bool has_filters(const struct search *s, pid_t tid)
{
	struct status status;
	struct hs_error *err = status_read_thread(s->pid, tid, &status);

	if (!err)
		return status.seccomp != 0;
	hs_error_free(err);
	return true;
}

/* execve(2) keeps the pid, and the thread id of the main thread: then nothing
 * is where it was found any more. */
static bool code_is_there(const struct search *s, pid_t tid)
{
	const struct code_proof *proof = s->code->proofs;
	size_t i;

	for (i = 0; i < CODE_PROOFS; i++) {
		unsigned char now[sizeof(proof[i].bytes)];
		struct hs_error *err;

		if (!proof[i].address)
			continue;
		err = memory_read(tid, proof[i].address, now, sizeof(now));
		if (err || memcmp(now, proof[i].bytes, sizeof(now))) {
			hs_error_free(err);
			return false;
		}
	}
	return true;
}

/* The second stop: it has not moved, or where it is now is clean as well.
 * *elsewhere: it is not, which may be otherwise at the next stop. */
static struct hs_error *stop_for_use(struct search *s,
				     const struct candidate *c,
				     const struct look *before,
				     const char **why, const char **what,
				     bool *elsewhere)
{
	struct look look = { 0 };
	struct stack_copy *now = &look.stack;
	struct scan_hit hit;
	struct hs_error *err = stop_and_copy(s, c, &look, why);

	*what = "";
	*elsewhere = false;
	if (!err && !*why &&
	    !seccomp_filters_equal(&before->filters, &look.filters))
		*why = "has got another seccomp filter";
	if (!err && !*why && !stack_copy_equal(&before->stack, now) &&
	    !scan_stack(now, s->code, arch_waits(&now->regs), &hit)) {
		*why = "is inside ";
		*what = hit.range->what;
		*elsewhere = true;
	}
	if (!err && !*why && !has_room(s, now))
		*why = "has too little stack left";
	if (!err && !*why && s->use == HOST_BORROWED && !arch_waits(&now->regs))
		*why = "does not wait in a system call";
	if (!err && !*why && !c->filtered && has_filters(s, c->tid))
		*why = "has just got a seccomp filter";
	if (!err && !*why && !code_is_there(s, c->tid))
		*why = "runs another program now";
	if (!err && !*why &&
	    arch_interrupted(&now->regs) == ARCH_NOT_IN_SYSCALL &&
	    in_rseq(c->tid, arch_pc(&now->regs)))
		*why = "is inside a restartable sequence";
	look_release(&look);
	return err;
}

/* Whether its seccomp filters let it be used: else *why, and s->forbidden tells
 * more. */
static struct hs_error *judge_filters(struct search *s, const struct look *look,
				      const char **why)
{
	struct host *host = s->host;
	struct hs_error *err;

	err = seccomp_judge(&look->filters, s->code->musl, &host->allows);
	if (!err && (host->allows.guest || s->use != HOST_FOR_GUEST))
		return NULL;
	*why = "has a seccomp filter that forbids it";
	s->n_forbidden++;
	if (err && hs_error_code(err) != HS_ERROR_DENIED)
		return err;
	host->no_guest = !err && (host->no_guest || !s->forbidden);
	if (!err)
		err = hs_error_new(HS_ERROR_DENIED,
				   "its seccomp filter allows no new thread");
	if (s->forbidden)
		hs_error_free(err);
	else
		s->forbidden = err;
	return NULL;
}

static void pause_us(int64_t us)
{
	struct timespec ts = { .tv_nsec = us * 1000 };

	nanosleep(&ts, NULL);
}

/* Its stack is safe, as it was looked at: it is stopped for use. One that runs
 * is elsewhere by then. Where it is must be proved again, but nothing else: so
 * it is stopped until that is so. */
static struct hs_error *take_thread(struct search *s, const struct candidate *c,
				    const struct look *look, const char **why,
				    const char **what)
{
	struct host *host = s->host;
	struct hs_error *err = NULL;
	bool elsewhere = true;
	size_t i;

	for (i = 0; !err && elsewhere && i < HOST_AGAIN; i++) {
		if (i)
			pause_us(HOST_AGAIN_US);
		err = stop_for_use(s, c, look, why, what, &elsewhere);
		if (!err && !*why)
			return NULL;
		err = hs_error_join(err, let_go(host, &host->regs));
		elsewhere = elsewhere && !c->blocked;
		if (!err && elsewhere)
			err = deadline_check(s->deadline);
	}
	return err;
}

/* *chosen: s->host is stopped and safe. Otherwise it is free again. */
static struct hs_error *try_thread(struct search *s, const struct candidate *c,
				   bool *chosen)
{
	const char *why = NULL, *what = "";
	struct look look = { 0 };
	struct host *host = s->host;
	struct hs_error *err;
	struct scan_hit hit;

	*chosen = false;
	s->some_run = s->some_run || !c->blocked;
	if (search_waits_inside(s, c, &hit)) {
		search_reject(s, c->tid, "is inside ", hit.range->what);
		return NULL;
	}
	err = stop_and_copy(s, c, &look, &why);
	err = hs_error_join(err, let_go(host, &host->regs));
	if (!err && !why)
		err = judge_filters(s, &look, &why);
	if (!err && !why)
		err = judge(s, c, &look.stack, &why, &what);
	if (!err && !why) {
		err = take_thread(s, c, &look, &why, &what);
		*chosen = !err && !why;
	}
	look_release(&look);
	/* Only this thread ended: if it was the last, the next round tells. */
	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		err = NULL;
	}
	if (why)
		search_reject(s, c->tid, why, what);
	return err;
}

static struct hs_error *try_round(struct search *s, bool *chosen)
{
	struct candidate *list = NULL;
	struct task_list tasks = { 0 };
	struct hs_error *err;
	size_t i, n = 0;

	strbuf_clear(&s->reasons);
	s->n_rejected = s->n_forbidden = 0;
	s->some_run = false;
	err = maps_read(s->pid, &s->maps);
	if (!err)
		err = task_list_read(s->pid, &tasks);
	if (!err)
		err = search_rank(s, &tasks, &list, &n);
	for (i = 0; i < n && !err && !*chosen; i++) {
		err = try_thread(s, &list[i], chosen);
		if (!err && !*chosen)
			err = deadline_check(s->deadline);
	}
	/* Filters are never taken away: there is nothing to wait for. */
	if (!err && n && s->n_forbidden == n)
		err = take_ptr(s->forbidden);
	free(list);
	task_list_release(&tasks);
	maps_release(&s->maps);
	return err;
}

/* Killed, and its parent has not waited for it yet: a zombie has threads, but
 * none that will ever be in a state to be used. Or only its main thread ended. */
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

static void back_off(unsigned round, bool some_run)
{
	int64_t us = 200ll << (round < 8 ? round : 8);
	int64_t most = some_run ? HOST_BACKOFF_RUNNING_US : HOST_BACKOFF_MAX_US;

	pause_us(us < most ? us : most);
}

struct hs_error *host_take(pid_t pid, const struct code_map *code,
			   enum host_use use, bool assume_seccomp_allows,
			   const struct deadline *d, struct host *ret)
{
	/* pthread_cancel(3) installs SIGCANCEL's handler when it is first used
	 * (glibc 2.34, nptl/pthread_cancel.c). */
	enum { SIGCANCEL_BIT = 31 };
	struct search s = {
		.pid = pid,
		.code = code,
		.use = use,
		.deadline = d,
		.assume_seccomp_allows = assume_seccomp_allows,
		.host = ret,
	};
	struct hs_error *err;
	struct status status;
	bool chosen = false;

	*ret = (struct host){ 0 };
	err = status_read(pid, &status);
	if (!err)
		s.cancelled = status.sig_caught >> SIGCANCEL_BIT & 1;
	if (!err && s.use == HOST_BORROWED && s.cancelled)
		err = search_no_safe_moment(&s);
	for (; !err && !chosen; s.round++) {
		if (s.round) {
			back_off(s.round, s.some_run);
			err = check_lives(pid);
		}
		if (!err)
			err = try_round(&s, &chosen);
		if (!err && !chosen)
			err = deadline_check(d);
	}
	if (err && hs_error_code(err) == HS_ERROR_TIMEOUT) {
		hs_error_free(err);
		err = search_no_safe_moment(&s);
	}
	hs_error_free(s.forbidden);
	strbuf_release(&s.reasons);
	return err;
}

/* The parts of a stopped thread that are looked at while it runs on. */
static struct hs_error *form_opinion(struct search *s, struct candidate *c,
				     struct host_opinion *ret)
{
	const char *why = NULL, *what = "";
	struct host *host = s->host;
	struct look look = { 0 };
	struct hs_error *err;

	err = stop_and_copy(s, c, &look, &why);
	err = hs_error_join(err, let_go(host, &host->regs));
	ret->pause_us = host->pause_us;
	if (!err && !why)
		err = unwind_stack(s->pid, &look.stack, &s->maps, s->code,
				   &ret->unwind);
	ret->looked = !err && !why;
	if (!err && !why)
		err = judge_filters(s, &look, &why);
	if (!err && !why)
		err = judge(s, c, &look.stack, &why, &what);
	if (!err && !why && !has_room(s, &look.stack))
		why = "has too little stack left";
	ret->safe = !err && !why;
	ret->inside = what[0] ? s->inside : 0;
	if (why)
		snprintf(ret->why, sizeof(ret->why), "%s%s", why, what);
	look_release(&look);
	return err;
}

struct hs_error *host_examine(pid_t pid, const struct code_map *code, pid_t tid,
			      bool assume_seccomp_allows,
			      struct host_opinion *ret)
{
	struct candidate c = { .tid = tid };
	struct tracer tracer;
	struct host host = { 0 };
	struct search s = {
		.pid = pid,
		.code = code,
		.use = HOST_FOR_GUEST,
		.round = 1, /* as when no thread has a complete unwind */
		.assume_seccomp_allows = assume_seccomp_allows,
		.host = &host,
	};
	struct hs_error *err;

	*ret = (struct host_opinion){ 0 };
	err = maps_read(pid, &s.maps);
	if (!err && !search_rank_thread(&s, &c)) {
		snprintf(ret->why, sizeof(ret->why), "%s",
			 s.n_rejected ? "is not on its own stack"
				      : "waits in a way that cannot be "
					"interrupted, or in a system call that "
					"is not known");
	} else if (!err) {
		err = tracer_begin(&tracer);
		if (!err) {
			err = form_opinion(&s, &c, ret);
			tracer_end(&tracer);
		}
	}
	strbuf_release(&s.reasons);
	maps_release(&s.maps);
	hs_error_free(s.forbidden);
	return err;
}
