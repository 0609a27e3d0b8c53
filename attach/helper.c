#include "attach/helper.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "attach/request.h"
#include "base/array.h"

enum {
	/* It is stopped at the sleep's entry and never sleeps, unless it is
	 * left alone: then it is gone after so many seconds. */
	GUEST_SLEEP_S = 1,
	/* From clone to sleep, at least, and to its end. */
	GUEST_SETTLE_US = 2000000,
	/* The host's call must not be cut short by the user's impatience: it
	 * takes less than a millisecond. Only the allocator's locks, which
	 * pthread_create() may need, and too few CPUs can make it longer. */
	HOST_CALL_US = 5000000,
};

/* What the host's scratch memory holds. */
struct host_scratch {
	uint64_t thread_id;
	unsigned char attr[64]; /* pthread_attr_t: 56 bytes on x86-64 */
};

_Static_assert(sizeof(pthread_attr_t) <= 64, "room for a pthread_attr_t");

static void on_cloned(void *arg, pid_t tid)
{
	struct guest *guest = arg;
	struct tracee other;

	if (guest->tracee.state == TRACEE_FREE) {
		tracee_adopt(&guest->tracee, guest->host.tracee.pid, tid);
		return;
	}
	/* A thread that somebody's wrapper made besides: not ours. If it does
	 * not stop in time the kernel lets it go when we end. */
	tracee_adopt(&other, guest->host.tracee.pid, tid);
	hs_error_free(tracee_detach(&other));
}

/* It was born with the host's scheduling: real-time it would keep the service's
 * own threads from a CPU for as long as a dump takes, and bound to one CPU it
 * would wait for it with jemalloc's locks held. (Where this is not allowed it
 * stays so. A cpuset still holds.) */
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

/* pthread_create(&id, detached, sleep, 1) on the stopped host. The attribute
 * is made by the target's own functions: its layout is libc's business. */
static struct hs_error *create_thread(struct guest *guest, struct remote *r,
				      const struct entry_points *entry,
				      const struct deadline *session)
{
	struct deadline d = deadline_extend(session, HOST_CALL_US);
	uint64_t id = r->scratch + offsetof(struct host_scratch, thread_id);
	uint64_t attr = r->scratch + offsetof(struct host_scratch, attr);
	const struct remote_watch watch = { .arg = guest, .cloned = on_cloned };
	const struct {
		const char *name;
		struct arch_call call;
	} calls[] = {
		{ "pthread_attr_init()",
		  { .function = entry->pthread_attr_init,
		    .number = -1,
		    .args = { attr } } },
		{ "pthread_attr_setdetachstate()",
		  { .function = entry->pthread_attr_setdetachstate,
		    .number = -1,
		    .args = { attr, PTHREAD_CREATE_DETACHED } } },
		{ "pthread_attr_setstacksize()",
		  { .function = entry->guest_stack
					? entry->pthread_attr_setstacksize
					: 0,
		    .number = -1,
		    .args = { attr, entry->guest_stack } } },
		{ "pthread_create()",
		  { .function = entry->pthread_create,
		    .number = -1,
		    .args = { id, attr, entry->sleep, GUEST_SLEEP_S } } },
	};
	struct hs_error *err;
	size_t i;

	err = request(PTRACE_SETOPTIONS, r->tracee->tid, 0,
		      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE);
	for (i = 0; i < ARRAY_SIZE(calls) && !err; i++) {
		if (!calls[i].call.function)
			continue;
		err = remote_call(r, &calls[i].call, &d, &watch, NULL);
		err = hs_error_wrap(err, "%s", calls[i].name);
	}
	return err;
}

/* On success guest->tracee is the new thread, or FREE when none was made. */
static struct hs_error *borrow_host(struct guest *guest,
				    const struct borrow_request *request)
{
	const struct entry_points *entry = &request->code->entry;
	struct host *host = &guest->host;
	struct hs_error *err;
	struct remote r;
	bool used;

	err = remote_begin(&r, &host->tracee, entry,
			   sizeof(struct host_scratch));
	if (err)
		return hs_error_join(err, host_release(host, false));
	r.judge = request->judge;
	err = create_thread(guest, &r, entry, request->deadline);
	used = r.started;
	if (r.broken)
		guest->stuck_tid = guest->host_tid;
	err = hs_error_join(err, remote_end(&r));
	err = hs_error_join(err, host_release(host, used));
	remote_release(&r);
	return hs_error_wrap(err, "cannot make a thread from thread %d",
			     (int)guest->host_tid);
}

/* Lets the new thread run up to its sleep. */
static struct hs_error *await_sleep(struct guest *guest,
				    const struct deadline *session)
{
	struct deadline d = deadline_extend(session, GUEST_SETTLE_US);
	struct tracee *t = &guest->tracee;
	struct hs_error *err = tracee_wait(t, &d);

	/* The options are inherited: what it makes is not to be traced. */
	if (!err && t->state == TRACEE_STOPPED)
		err = request(PTRACE_SETOPTIONS, t->tid, 0,
			      PTRACE_O_TRACESYSGOOD);
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

/* The guest's home is the end of its sleep. */
static struct hs_error *move_in(struct guest *guest,
				const struct borrow_request *request)
{
	struct remote *r = &guest->remote;
	struct hs_error *err = await_sleep(guest, request->deadline);

	if (!err)
		err = remote_begin(r, &guest->tracee, &request->code->entry,
				   GUEST_SCRATCH);
	err = hs_error_wrap(err, "guest thread %d cannot begin",
			    (int)guest->tracee.tid);
	if (err)
		return hs_error_join(err, tracee_detach(&guest->tracee));
	r->home.regs = arch_regs_interrupt_sleep(&r->home.regs);
	r->judge = request->judge;
	r->at_sleep = r->ours = true;
	return NULL;
}

static bool can_make_thread(const struct entry_points *entry)
{
	return entry->pthread_create && entry->pthread_attr_init &&
	       entry->pthread_attr_setdetachstate && entry->sleep;
}

static struct hs_error *start_borrowed(struct borrow_request request,
				       struct guest *guest)
{
	struct hs_error *err;

	request.use = HOST_BORROWED;
	err = host_take(&request, &guest->host);
	if (err)
		return err;
	guest->borrowed = true;
	guest->host_tid = guest->host.tracee.tid;
	err = remote_begin(&guest->remote, &guest->host.tracee,
			   &request.code->entry, GUEST_SCRATCH);
	if (err)
		return hs_error_join(err, host_release(&guest->host, false));
	guest->remote.judge = request.judge;
	return NULL;
}

/* guest->tracee stays FREE when none can be made. */
static struct hs_error *start_guest(struct borrow_request request,
				    struct guest *guest)
{
	struct hs_error *err;

	request.use = HOST_FOR_GUEST;
	err = host_take(&request, &guest->host);
	if (err && guest->host.forbids == HOST_FORBIDS_GUEST) {
		hs_error_free(err);
		return NULL;
	}
	if (err)
		return err;
	guest->host_tid = guest->host.tracee.tid;
	err = borrow_host(guest, &request);
	if (guest->tracee.state == TRACEE_FREE)
		return err;
	if (err)
		return hs_error_join(err, tracee_detach(&guest->tracee));
	return move_in(guest, &request);
}

/* So that a person who lists the threads meanwhile, and a later run of ours,
 * knows whose it is. */
static struct hs_error *name_guest(struct guest *guest,
				   const struct deadline *d)
{
	struct remote *r = &guest->remote;
	const uint64_t args[6] = { PR_SET_NAME, r->scratch };
	struct hs_error *err;
	int64_t result;

	err = remote_write(r, r->scratch, GUEST_NAME, sizeof(GUEST_NAME));
	if (!err)
		err = guest_syscall(guest, arch_syscalls.prctl, args, d,
				    &result);
	return hs_error_wrap(err, "guest thread %d cannot take its name",
			     (int)r->tracee->tid);
}

struct hs_error *guest_start(const struct borrow_request *request,
			     struct guest *ret)
{
	int64_t pause_us = 0;
	struct hs_error *err;

	*ret = (struct guest){ 0 };
	err = tracer_begin(&ret->tracer);
	if (err)
		return err;
	if (can_make_thread(&request->code->entry)) {
		err = start_guest(*request, ret);
		pause_us = helper_pause_us(ret);
		if (!err && ret->tracee.state == TRACEE_STOPPED) {
			err = name_guest(ret, request->deadline);
			if (err)
				err = hs_error_join(err, guest_end(ret, NULL));
			return err;
		}
	}
	if (!err)
		err = start_borrowed(*request, ret);
	if (ret->host.pause_us < pause_us)
		ret->host.pause_us = pause_us;
	if (err)
		tracer_end(&ret->tracer);
	return err;
}

pid_t helper_tid(const struct guest *guest)
{
	return guest->remote.tracee->tid;
}

struct remote *helper_remote(struct guest *guest)
{
	return &guest->remote;
}

uint64_t helper_scratch(const struct guest *guest)
{
	return guest->remote.scratch;
}

bool helper_is_broken(const struct guest *guest)
{
	return guest->remote.broken;
}

const struct seccomp_allows *helper_allows(const struct guest *guest)
{
	return &guest->host.allows;
}

int64_t helper_pause_us(const struct guest *guest)
{
	return host_pause_us(&guest->host);
}

/* A thread that was made detached goes without a trace, but its tracer must
 * take its exit state or it stays a zombie until we are gone. */
static struct hs_error *await_end(struct guest *guest)
{
	struct deadline d = deadline_in(GUEST_SETTLE_US, NULL);
	struct tracee *t = &guest->tracee;
	struct hs_error *err = NULL;

	if (guest->remote.broken)
		return tracee_detach(t);
	while (!err && t->state == TRACEE_STOPPED) {
		err = tracee_resume(t, false);
		if (!err)
			err = tracee_wait(t, &d);
	}
	/* It waits for a lock, in a destructor of the service's: let it. */
	return hs_error_join(err, tracee_detach(t));
}

/* After a crash inside of the allocator its way home would lead through the
 * allocator again, which frees what it has for a thread that ends, and would
 * crash with nobody to catch it. It ends at once; its stack is lost. */
static struct hs_error *end_at_once(struct guest *guest)
{
	struct deadline d = deadline_in(GUEST_SETTLE_US, NULL);
	struct arch_call call = { .number = arch_syscalls.exit };
	struct hs_error *err;

	err = remote_call(&guest->remote, &call, &d, NULL, NULL);
	if (err && guest->tracee.state == TRACEE_GONE) {
		hs_error_free(err);
		err = NULL;
	}
	return err;
}

struct hs_error *guest_end(struct guest *guest, int64_t *pause_us)
{
	struct hs_error *err = NULL;
	bool used = guest->remote.started;

	if (guest->remote.crashed && !guest->borrowed)
		err = end_at_once(guest);
	err = hs_error_join(err, remote_end(&guest->remote));
	if (guest->borrowed && guest->remote.broken)
		guest->stuck_tid = guest->host_tid;
	if (guest->borrowed)
		err = hs_error_join(err, host_release(&guest->host, used));
	else
		err = hs_error_join(err, await_end(guest));
	remote_release(&guest->remote);
	if (pause_us)
		*pause_us = helper_pause_us(guest);
	tracer_end(&guest->tracer);
	return err;
}

struct hs_error *guest_syscall(struct guest *guest, long number,
			       const uint64_t args[6], const struct deadline *d,
			       int64_t *result)
{
	struct arch_call call = { .number = number };

	if (!seccomp_may(&guest->host.allows, number)) {
		*result = -EPERM;
		return NULL;
	}
	memcpy(call.args, args, sizeof(call.args));
	return remote_call(&guest->remote, &call, d, NULL, result);
}

void guest_set_undo(struct guest *guest, const struct arch_call *undo)
{
	guest->remote.undo = undo ? *undo : (struct arch_call){ .number = -1 };
}
