#include "attach/sample.h"

#include <string.h>

#include "attach/frame.h"
#include "attach/stack.h"
#include "attach/wait.h"
#include "base/deadline.h"
#include "proc/task.h"

enum {
	/* The stack that a call itself may use below its frames.
	 * pthread_create() may allocate, and the allocation may be sampled and
	 * unwound: under 8 KiB; prof.dump takes 12 KiB at most (measured for
	 * jemalloc 3.6 to 5.3.1 on painted stacks). */
	BORROW_STACK_HELPER = 16 << 10,
	BORROW_STACK_CALLS = 48 << 10,
	BORROW_SCRATCH_PADDED = BORROW_SCRATCH + 512, /* red zone, alignment */
	BORROW_STOP_US = 1000000, /* wait at least this for the stop */
	BORROW_AT_ONCE_US = 500,  /* it did not wait for a CPU */
};

static struct hs_error *check_pause(struct held_thread *held, int64_t us)
{
	struct hs_error *err = NULL;

	if (!held->over_max)
		err = pause_check(held->tracee.pid, held->tracee.tid, us,
				  held->max_pause_us);
	held->over_max = held->over_max || err;
	return err;
}

struct hs_error *held_check_pause(struct held_thread *held)
{
	return check_pause(held, clock_us() - held->stopped_at);
}

static struct hs_error *held_note_pause(struct held_thread *held, int64_t pause)
{
	held->stopped_us += pause;
	pause_note(&held->longest, held->tracee.pid, held->tracee.tid, pause);
	return check_pause(held, pause);
}

/* The thread stopped when it got a CPU. Its time in the run queue does not
 * count as our stop; @waited: that time before. (The kernel counts a wait that
 * is under way as a whole when it is over: kernel/sched/stats.h,
 * sched_info_arrive().) */
static void held_skip_queue(struct held_thread *held, int64_t waited)
{
	int64_t took = clock_us() - held->stopped_at, queued;

	if (took < BORROW_AT_ONCE_US)
		return;
	queued = task_waited_us(held->tracee.pid, held->tracee.tid) - waited;
	if (queued > 0)
		held->stopped_at += queued < took ? queued : took;
}

/* The kernel would not continue the wait by itself, or a seccomp filter would
 * kill the thread for the restart_syscall(2) by which it does. */
static bool needs_restart(const struct held_thread *held,
			  const struct arch_regs *regs)
{
	enum arch_interrupted how = arch_interrupted(regs);

	return how == ARCH_EINTR || (how == ARCH_RESUMES && held->restarts);
}

struct hs_error *held_let_go(struct held_thread *held,
			     const struct arch_regs *regs)
{
	struct tracee *t = &held->tracee;
	bool stopped = t->state == TRACEE_STOPPED;
	/* A call that did not return still holds the thread. */
	bool stuck = !regs && t->state == TRACEE_RUNNING;
	struct hs_error *err = NULL;
	int64_t pause;

	if (regs && stopped && needs_restart(held, regs)) {
		struct arch_regs again = arch_regs_restart(regs);

		err = arch_regs_set(t->tid, &again);
	}
	err = hs_error_join(err, tracee_detach(t));
	/* Without the boost we may have to wait for a CPU: that is our time,
	 * the thread runs meanwhile. */
	pause = clock_us() - held->stopped_at;
	sched_boost_end(&held->sched_boost);
	if (stopped || stuck)
		err = hs_error_join(err, held_note_pause(held, pause));
	return err;
}

static struct hs_error *read_filters(struct held_thread *held,
				     bool assume_seccomp_allows,
				     struct seccomp_filters *filters)
{
	struct hs_error *err;

	err = seccomp_filters_read(held->tracee.tid, filters);
	held->restarts = err || !seccomp_lets_resume(filters);
	if (!err || !assume_seccomp_allows ||
	    hs_error_code(err) != HS_ERROR_DENIED)
		return err;
	hs_error_free(err);
	held->restarts = false;
	return NULL;
}

static struct hs_error *stop(struct held_thread *held,
			     const struct borrow_request *request, pid_t tid)
{
	/* A thread that has to wait for a CPU stops when it gets one. To give
	 * up sooner would end the whole search because of one thread. */
	struct deadline d = deadline_extend(request->deadline, BORROW_STOP_US);
	struct hs_error *err;
	int64_t waited;

	err = tracee_seize(&held->tracee, request->pid, tid);
	if (err)
		return err;
	sched_boost_begin(&held->sched_boost);
	waited = task_waited_us(request->pid, tid);
	held->stopped_at = clock_us();
	err = tracee_interrupt(&held->tracee, &d);
	held_skip_queue(held, waited);
	return hs_error_wrap(err, "thread %d does not stop", (int)tid);
}

/* VERDICT_USABLE: its PC tells nothing. */
static struct verdict judge_place(const struct held_thread *held,
				  const struct judge *judge)
{
	struct thread_copy place = { 0 };

	arch_thread_registers(&held->regs, &place.regs);
	return judge->scan(judge->arg, &place,
			   wait_stands_at_call(held->tracee.tid, &held->regs));
}

/* One that was not waiting when it was last looked at from outside may have got
 * a filter since, and then begun a wait with which the kernel would go on by a
 * call that the filter kills it for. */
static bool may_have_filters(const struct held_thread *held,
			     const struct candidate *c)
{
	if (c->filtered)
		return true;
	if (c->blocked || arch_interrupted(&held->regs) != ARCH_RESUMES)
		return false;
	return !seccomp_is_off(held->tracee.pid, c->tid, &held->regs);
}

/* What is read of every thread that stops. */
static struct hs_error *read_state(struct held_thread *held,
				   const struct borrow_request *request,
				   const struct candidate *c,
				   struct sample *sample)
{
	struct hs_error *err = arch_regs_get(c->tid, &sample->regs);

	held->regs = sample->regs;
	if (!err && may_have_filters(held, c))
		err = read_filters(held, request->assume_seccomp_allows,
				   &sample->filters);
	return err;
}

struct verdict sample_take(struct held_thread *held,
			   const struct borrow_request *request,
			   const struct maps *maps, const struct candidate *c,
			   bool brief, struct sample *ret)
{
	struct verdict v = verdict_usable();
	struct hs_error *err;

	*ret = (struct sample){ 0 };
	held->regs = ret->regs;
	held->restarts = false;
	err = stop(held, request, c->tid);
	if (err)
		return verdict_failed(err);
	if (held->tracee.state == TRACEE_GONE ||
	    held->tracee.stop != STOP_INTERRUPT)
		return verdict_not_now("takes a signal", "");
	err = read_state(held, request, c, ret);
	if (err)
		return verdict_failed(err);
	if (brief)
		v = judge_place(held, request->judge);
	if (v.is != VERDICT_USABLE)
		return v;
	err = stack_copy(&held->tracee, maps, &ret->regs, &ret->copy);
	held->stack = ret->copy.bounds;
	if (err && hs_error_code(err) == HS_ERROR_UNSAFE) {
		hs_error_free(err);
		return verdict_not_now("is not on its own stack, or too deep "
				       "in it",
				       "");
	}
	return err ? verdict_failed(err) : verdict_usable();
}

void sample_release(struct sample *sample)
{
	thread_copy_release(&sample->copy);
	seccomp_filters_release(&sample->filters);
}

void sample_find_wait(struct sample *sample, pid_t tid)
{
	sample->wait = arch_wait_of(&sample->regs);
	wait_continued(tid, arch_pc(&sample->regs), &sample->wait);
}

bool sample_equal(const struct sample *a, const struct sample *b)
{
	uint64_t left = arch_waits(&a->regs) ? arch_time_left(&a->wait) : 0;

	return arch_same_place(&a->regs, &b->regs) &&
	       thread_copy_same_stack(&a->copy, &b->copy, left,
				      left ? ARCH_TIME_LEFT : 0);
}

bool sample_lacks_headroom(const struct sample *sample, enum borrow_use use)
{
	const struct thread_copy *copy = &sample->copy;
	size_t needed = BORROW_SCRATCH_PADDED + 2 * arch_frames_bound();

	/* We write the frame from outside, which extends no stack; the call's
	 * own accesses do. */
	if (!copy->bounds.grows)
		needed += use == BORROW_FOR_CALLS ? BORROW_STACK_CALLS
						  : BORROW_STACK_HELPER;
	return copy->regs.sp - copy->bounds.low < needed;
}
