#include "attach/helper.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "attach/helper_mark.h"
#include "attach/locked_memory.h"
#include "attach/request.h"
#include "attach/stack.h"
#include "base/array.h"
#include "proc/maps.h"
#include "proc/status.h"

enum {
	/* The helper thread is stopped at the entry of its sleep, and sleeps
	 * only when it is left alone: then it ends after this many seconds. */
	HELPER_SLEEP_S = 1,
	/* At least this for the helper thread to reach its sleep, and to
	 * end. */
	HELPER_SETTLE_US = 2000000,
	/* The user's time-out must not cut the borrowed thread's call short: it
	 * takes less than a millisecond. Only the allocator's locks, which
	 * pthread_create() may need, and too few CPUs can make it longer. */
	BORROW_CALL_US = 5000000,
};

/* The layout of the borrowed thread's scratch memory. */
struct create_scratch {
	uint64_t thread_id;
	uint64_t left;		/* of struct remote_chain */
	unsigned char attr[64]; /* pthread_attr_t: 56 bytes on x86-64 */
};

_Static_assert(sizeof(pthread_attr_t) <= 64, "attr holds a pthread_attr_t");

static void on_cloned(void *arg, pid_t tid)
{
	struct helper *helper = arg;
	struct tracee other;

	if (helper->tracee.state == TRACEE_FREE) {
		tracee_adopt(&helper->tracee, helper->held.tracee.pid, tid);
		return;
	}
	/* Another thread, which a wrapper of pthread_create() made: not ours.
	 * If it does not stop in time the kernel detaches it when we end. */
	tracee_adopt(&other, helper->held.tracee.pid, tid);
	hs_error_free(tracee_detach(&other));
}

/* The helper thread inherits the borrowed thread's scheduling: real-time, it
 * would keep the service's own threads from a CPU for as long as a dump takes;
 * bound to one CPU, it would wait for it with jemalloc's locks held. (Without
 * the right to change this it stays so. A cpuset still holds.) */
static void unbind(pid_t tid)
{
	const struct sched_param none = { .sched_priority = 0 };
	cpu_set_t all;
	size_t i;

	CPU_ZERO(&all);
	for (i = 0; i < CPU_SETSIZE; i++)
		CPU_SET(i, &all);
	sched_setaffinity(tid, sizeof(all), &all);
	if (sched_getscheduler(tid) != SCHED_OTHER)
		sched_setscheduler(tid, SCHED_OTHER, &none);
}

enum { CREATE_CALLS = 4 };

/* The calls of pthread_create(&id, detached, sleep, 1), and how many. The
 * target's own functions make the attribute: only libc knows its layout. */
static size_t list_calls(const struct remote *r,
			 struct arch_call ret[CREATE_CALLS])
{
	const struct entry_points *entry = r->entry;
	uint64_t id = r->scratch + offsetof(struct create_scratch, thread_id);
	uint64_t attr = r->scratch + offsetof(struct create_scratch, attr);
	size_t n = 0;

	ret[n++] = (struct arch_call){ .function = entry->pthread_attr_init,
				       .number = -1,
				       .args = { attr } };
	ret[n++] = (struct arch_call){
		.function = entry->pthread_attr_setdetachstate,
		.number = -1,
		.args = { attr, PTHREAD_CREATE_DETACHED },
	};
	if (entry->helper_stack && entry->pthread_attr_setstacksize)
		ret[n++] = (struct arch_call){
			.function = entry->pthread_attr_setstacksize,
			.number = -1,
			.args = { attr, entry->helper_stack },
		};
	ret[n++] = (struct arch_call){
		.function = entry->pthread_create,
		.number = -1,
		.args = { id, attr, entry->sleep, HELPER_SLEEP_S },
	};
	return n;
}

/* Runs them on the borrowed thread. @assume: that its filters allow them. */
static struct hs_error *create_thread(struct helper *helper, struct remote *r,
				      bool assume, const struct deadline *d)
{
	const struct remote_watch watch = { .arg = helper,
					    .cloned = on_cloned };
	struct arch_call calls[CREATE_CALLS];
	const size_t n = list_calls(r, calls);
	const struct remote_chain chain = {
		calls, n, r->scratch + offsetof(struct create_scratch, left)
	};
	/* A filter of which nothing is known may forbid what tells its end. */
	const bool at_once = !assume && remote_may_chain(r);
	struct hs_error *err;
	size_t i;

	err = request(PTRACE_SETOPTIONS, r->tracee->tid, 0,
		      TRACEE_OPTIONS | PTRACE_O_TRACECLONE);
	for (i = 0; !err && i < (at_once ? 1 : n); i++) {
		err = held_check_pause(&helper->held);
		if (!err && at_once)
			err = remote_chain(r, &chain, d, &watch);
		else if (!err)
			err = remote_call(r, &calls[i], d, &watch, NULL);
	}
	return hs_error_wrap(err, "pthread_create()");
}

/* On success helper->tracee is the new thread, or FREE when none was made. */
static struct hs_error *create_helper(struct helper *helper,
				      const struct borrow_request *request)
{
	struct deadline d = deadline_extend(request->deadline, BORROW_CALL_US);
	const struct entry_points *entry = &request->code->entry;
	struct held_thread *held = &helper->held;
	struct hs_error *err;
	struct remote r;
	bool used;

	err = remote_begin(&r, &held->tracee, entry, &held->stack,
			   sizeof(struct create_scratch));
	if (err)
		return hs_error_join(err, borrow_release(held, false));
	r.judge = request->judge;
	r.limits = call_limits_of(request->deadline);
	err = locked_memory_check(&r, request->lockable, &held->allows, &d);
	if (!err)
		err = create_thread(helper, &r, request->assume_seccomp_allows,
				    &d);
	used = r.started;
	held->regs = r.saved.regs; /* those of now, if it has gone home */
	if (r.stuck)
		helper->stuck_tid = helper->borrowed_tid;
	err = hs_error_join(err, remote_end(&r));
	err = hs_error_join(err, borrow_release(held, used));
	remote_release(&r);
	return hs_error_wrap(err, "cannot make a thread from thread %d",
			     (int)helper->borrowed_tid);
}

/* Lets the new thread run up to its sleep. */
static struct hs_error *await_sleep(struct helper *helper,
				    const struct deadline *session)
{
	struct deadline d = deadline_extend(session, HELPER_SETTLE_US);
	struct tracee *t = &helper->tracee;
	struct hs_error *err = tracee_wait(t, &d);

	/* It inherits the options: threads that it makes must not be traced. */
	if (!err && t->state == TRACEE_STOPPED)
		err = request(PTRACE_SETOPTIONS, t->tid, 0, TRACEE_OPTIONS);
	unbind(t->tid);
	while (!err && t->state == TRACEE_STOPPED) {
		struct __ptrace_syscall_info info = { 0 };

		if (t->stop == STOP_SYSCALL)
			err = request(PTRACE_GET_SYSCALL_INFO, t->tid,
				      sizeof(info), (uintptr_t)&info);
		if (!err && info.op == PTRACE_SYSCALL_INFO_ENTRY &&
		    arch_is_sleep(info.entry.nr))
			return NULL;
		if (!err)
			err = tracee_resume(t, true);
		if (!err)
			err = tracee_wait(t, &d);
	}
	return err ? err : tracee_gone_error(t);
}

/* Its stack is a mapping that was not there before. */
static struct hs_error *find_stack(const struct tracee *t,
				   struct stack_bounds *ret)
{
	struct maps maps = { 0 };
	struct arch_regs regs;
	struct hs_error *err;

	err = maps_read(t->pid, &maps);
	if (!err)
		err = arch_regs_get(t->tid, &regs);
	if (!err)
		err = stack_find(t, &regs, &maps, ret);
	maps_release(&maps);
	return err;
}

/* Takes the helper thread at the entry of its sleep. Restored, it is at the end
 * of that sleep. */
static struct hs_error *begin_helper(struct helper *helper,
				     const struct borrow_request *request)
{
	struct remote *r = &helper->remote;
	struct stack_bounds stack;
	struct hs_error *err = await_sleep(helper, request->deadline);

	if (!err)
		err = find_stack(&helper->tracee, &stack);
	if (!err)
		err = remote_begin(r, &helper->tracee, &request->code->entry,
				   &stack, HELPER_SCRATCH);
	err = hs_error_wrap(err, "helper thread %d cannot begin",
			    (int)helper->tracee.tid);
	if (err)
		return hs_error_join(err, tracee_detach(&helper->tracee));
	r->saved.regs = arch_regs_interrupt_sleep(&r->saved.regs);
	r->judge = request->judge;
	r->limits = call_limits_of(request->deadline);
	r->at_sleep = r->ours = true;
	return NULL;
}

static bool can_make_thread(const struct entry_points *entry)
{
	return entry->pthread_create && entry->pthread_attr_init &&
	       entry->pthread_attr_setdetachstate && entry->sleep;
}

static struct hs_error *end_borrowed(struct helper *helper)
{
	bool used = helper->remote.started;
	struct hs_error *err = remote_end(&helper->remote);

	if (helper->remote.stuck)
		helper->stuck_tid = helper->borrowed_tid;
	err = hs_error_join(err, borrow_release(&helper->held, used));
	remote_release(&helper->remote);
	return err;
}

static struct hs_error *start_borrowed(struct borrow_request request,
				       struct helper *helper)
{
	struct deadline d = deadline_extend(request.deadline, BORROW_CALL_US);
	struct hs_error *err;

	request.use = BORROW_FOR_CALLS;
	err = borrow_take(&request, &helper->held);
	if (err)
		return err;
	helper->borrowed = true;
	helper->borrowed_tid = helper->held.tracee.tid;
	err = remote_begin(&helper->remote, &helper->held.tracee,
			   &request.code->entry, &helper->held.stack,
			   HELPER_SCRATCH);
	if (err)
		return hs_error_join(err, borrow_release(&helper->held, false));
	helper->remote.judge = request.judge;
	helper->remote.limits = call_limits_of(request.deadline);
	err = locked_memory_check(&helper->remote, request.lockable,
				  &helper->held.allows, &d);
	return err ? hs_error_join(err, end_borrowed(helper)) : NULL;
}

/* helper->tracee stays FREE when no thread can be made. */
static struct hs_error *start_helper(struct borrow_request request,
				     struct helper *helper)
{
	struct hs_error *err;

	request.use = BORROW_FOR_HELPER;
	err = borrow_take(&request, &helper->held);
	if (err && helper->held.forbids == FORBIDS_THREADS) {
		hs_error_free(err);
		return NULL;
	}
	if (err)
		return err;
	helper->borrowed_tid = helper->held.tracee.tid;
	err = create_helper(helper, &request);
	if (helper->tracee.state == TRACEE_FREE)
		return err;
	if (err)
		return hs_error_join(err, tracee_detach(&helper->tracee));
	return begin_helper(helper, &request);
}

/* Names the helper thread, for people who list the threads meanwhile, and for
 * other runs of ours. *result: as of helper_syscall(). */
static struct hs_error *name_helper(struct helper *helper, const char *name,
				    const struct deadline *d, int64_t *result)
{
	struct remote *r = &helper->remote;
	const uint64_t args[6] = { PR_SET_NAME, r->scratch };
	struct hs_error *err;

	err = remote_write(r, r->scratch, name, strlen(name) + 1);
	if (!err)
		err = helper_syscall(helper, arch_syscalls.prctl, args, d,
				     result);
	return hs_error_wrap(err, "helper thread %d cannot take its name",
			     (int)r->tracee->tid);
}

struct hs_error *helper_start(const struct borrow_request *request,
			      struct helper *ret)
{
	struct pause longest = { 0 };
	struct hs_error *err;
	int64_t named;

	*ret = (struct helper){ 0 };
	err = tracer_begin(&ret->tracer);
	if (err)
		return err;
	if (can_make_thread(&request->code->entry)) {
		err = start_helper(*request, ret);
		longest = ret->held.longest;
		if (!err && ret->tracee.state == TRACEE_STOPPED) {
			err = name_helper(ret, HELPER_NAME, request->deadline,
					  &named);
			if (err)
				err = hs_error_join(err, helper_end(ret, NULL));
			return err;
		}
	}
	if (!err)
		err = start_borrowed(*request, ret);
	pause_join(&ret->held.longest, &longest);
	if (err)
		tracer_end(&ret->tracer);
	return err;
}

pid_t helper_tid(const struct helper *helper)
{
	return helper->remote.tracee->tid;
}

struct remote *helper_remote(struct helper *helper)
{
	return &helper->remote;
}

uint64_t helper_scratch(const struct helper *helper)
{
	return helper->remote.scratch;
}

bool helper_is_broken(const struct helper *helper)
{
	return helper->remote.broken;
}

const struct seccomp_allows *helper_allows(const struct helper *helper)
{
	return &helper->held.allows;
}

const struct pause *helper_longest(const struct helper *helper)
{
	return &helper->held.longest;
}

int64_t helper_pause_us(const struct helper *helper)
{
	return helper->held.longest.us;
}

struct hs_error *helper_check_pause(struct helper *helper)
{
	return helper->borrowed ? held_check_pause(&helper->held) : NULL;
}

/* A detached thread leaves nothing behind, but its tracer must wait for it, or
 * it stays a zombie until the tracer ends. */
static struct hs_error *await_end(struct helper *helper)
{
	struct deadline d = deadline_in(HELPER_SETTLE_US, NULL);
	struct tracee *t = &helper->tracee;
	struct hs_error *err = NULL;

	if (helper->remote.broken)
		return tracee_detach(t);
	while (!err && t->state == TRACEE_STOPPED) {
		err = tracee_resume(t, false);
		if (!err)
			err = tracee_wait(t, &d);
	}
	/* It may wait for a lock, in a destructor of the service's: detach. */
	return hs_error_join(err, tracee_detach(t));
}

/* After a crash inside the allocator, a normal end of the thread would call the
 * allocator again, which frees its per-thread data, and would crash with nobody
 * to catch it. So the thread exits at once; its stack is lost. */
static struct hs_error *end_at_once(struct helper *helper)
{
	struct deadline d = deadline_in(HELPER_SETTLE_US, NULL);
	struct arch_call call = { .number = arch_syscalls.exit };
	struct hs_error *err;

	err = remote_call(&helper->remote, &call, &d, NULL, NULL);
	if (err && helper->tracee.state == TRACEE_GONE) {
		hs_error_free(err);
		err = NULL;
	}
	return err;
}

static struct hs_error *end_helper(struct helper *helper)
{
	struct hs_error *err = NULL;

	if (helper->remote.crashed)
		err = end_at_once(helper);
	err = hs_error_join(err, remote_end(&helper->remote));
	err = hs_error_join(err, await_end(helper));
	remote_release(&helper->remote);
	return err;
}

struct hs_error *helper_end(struct helper *helper, int64_t *pause_us)
{
	struct hs_error *err = helper->borrowed ? end_borrowed(helper)
						: end_helper(helper);

	if (pause_us)
		*pause_us = helper_pause_us(helper);
	tracer_end(&helper->tracer);
	return err;
}

struct hs_error *helper_syscall_watched(struct helper *helper,
					const struct arch_call *call,
					const struct remote_watch *watch,
					const struct deadline *d,
					int64_t *result)
{
	if (!seccomp_may(&helper->held.allows, call->number)) {
		*result = -EPERM;
		return NULL;
	}
	return remote_call(&helper->remote, call, d, watch, result);
}

struct hs_error *helper_syscall(struct helper *helper, long number,
				const uint64_t args[6],
				const struct deadline *d, int64_t *result)
{
	struct arch_call call = { .number = number };

	memcpy(call.args, args, sizeof(call.args));
	return helper_syscall_watched(helper, &call, NULL, d, result);
}

void helper_set_undo(struct helper *helper, const struct arch_call *undo)
{
	helper->remote.undo = undo ? *undo : (struct arch_call){ .number = -1 };
}

/* Notes the filters, so that helper_wake() sees others. *known is false where
 * the kernel does not count them. */
static struct hs_error *note_filters(struct helper *helper, bool *known)
{
	struct hs_error *err;
	struct status status;

	err = status_read_thread(helper->tracee.pid, helper->tracee.tid,
				 &status);
	if (err)
		return err;
	helper->seccomp = status.seccomp;
	helper->filters = status.filters;
	*known = !status.seccomp || status.filters;
	return NULL;
}

static struct hs_error *go_to_sleep(struct helper *helper,
				    const struct deadline *d)
{
	const struct arch_call sleep = {
		.function = helper->remote.entry->sleep,
		.number = -1,
		.args = { HELPER_REST_S },
	};
	struct hs_error *err = remote_leave(&helper->remote, &sleep, d);

	tracer_end(&helper->tracer);
	return err;
}

struct hs_error *helper_rest(struct helper *helper, const struct deadline *d,
			     bool *resting)
{
	struct remote *r = &helper->remote;
	struct hs_error *err;
	int64_t named = -EPERM;
	bool known = false;

	*resting = false;
	if (helper->borrowed || r->broken || r->crashed)
		return NULL;
	err = note_filters(helper, &known);
	if (err || !known)
		return err;
	/* Once or twice: remote_leave() needs the lower area for the sleep. */
	do {
		err = name_helper(helper, HELPER_RESTING, d, &named);
	} while (!err && !named && !r->odd);
	if (!err && named)
		return NULL; /* a filter forbids the name */
	if (!err)
		err = go_to_sleep(helper, d);
	*resting = !err;
	return err;
}

/* The thread is there, and with the seccomp filters that we know. */
static bool is_unchanged(const struct helper *helper)
{
	struct status status;
	struct hs_error *err;

	err = status_read_thread(helper->tracee.pid, helper->tracee.tid,
				 &status);
	if (!err)
		return helper_mark_rests(&status) &&
		       status.seccomp == helper->seccomp &&
		       status.filters == helper->filters;
	hs_error_free(err);
	return false;
}

static struct hs_error *retake(struct helper *helper, const struct deadline *d,
			       bool *taken)
{
	struct hs_error *err = NULL;

	*taken = false;
	if (is_unchanged(helper)) {
		err = tracer_begin(&helper->tracer);
		*taken = !err && remote_retake(&helper->remote, d);
		if (!err && !*taken)
			tracer_end(&helper->tracer);
	}
	if (!*taken)
		helper_leave(helper);
	return err;
}

struct hs_error *helper_wake(struct helper *helper, uint64_t lockable,
			     const struct deadline *d, bool *awake)
{
	struct hs_error *err = retake(helper, d, awake);
	int64_t named;

	if (!*awake)
		return err;
	err = locked_memory_check(&helper->remote, lockable,
				  &helper->held.allows, d);
	if (!err)
		err = name_helper(helper, HELPER_NAME, d, &named);
	*awake = !err;
	return err ? hs_error_join(err, helper_end(helper, NULL)) : NULL;
}

struct hs_error *helper_renew(struct helper *helper, const struct deadline *d,
			      bool *resting)
{
	struct hs_error *err = retake(helper, d, resting);

	if (!*resting)
		return err;
	err = helper_rest(helper, d, resting);
	return *resting ? NULL : hs_error_join(err, helper_end(helper, NULL));
}

void helper_leave(struct helper *helper)
{
	remote_release(&helper->remote);
}
