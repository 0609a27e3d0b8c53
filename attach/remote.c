#include "attach/remote.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <time.h>
#include <unistd.h>

#include "attach/fault.h"
#include "attach/request.h"
#include "attach/stuck.h"
#include "proc/memory.h"

enum {
	WAIT_AGAIN_US = 1000000,
	QUIET_US = 1000, /* longer than the calls of a chain take */
};

static uint64_t signal_bit(int signal)
{
	return (uint64_t)1 << (signal - 1);
}

uint64_t remote_signal_mask(bool musl)
{
	/* glibc: sysdeps/unix/sysv/linux/internal-signals.h; SIGCANCEL is 32.
	 * musl: src/internal/pthread_impl.h; SIGCANCEL is 33. */
	enum { GLIBC_SIGSETXID = 33, MUSL_SIGSYNCCALL = 34 };

	return ~(signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGFPE) |
		 signal_bit(SIGILL) | signal_bit(SIGTRAP) | signal_bit(SIGSYS) |
		 signal_bit(SIGKILL) | signal_bit(SIGSTOP) |
		 signal_bit(musl ? MUSL_SIGSYNCCALL : GLIBC_SIGSETXID));
}

struct hs_error *remote_write(struct remote *r, uint64_t addr, const void *buf,
			      size_t len)
{
	const uint64_t end = arch_sp(&r->saved.regs);

	if (addr < r->stack.low || addr > end || len > end - addr)
		return hs_error_new(HS_ERROR_UNSAFE,
				    "thread %d has no stack at 0x%llx",
				    (int)r->tracee->tid,
				    (unsigned long long)addr);
	return memory_put(r->memory, addr, buf, len);
}

struct hs_error *remote_read(struct remote *r, uint64_t addr, void *buf,
			     size_t len)
{
	return memory_get(r->memory, addr, buf, len);
}

static size_t scratch_aligned(size_t scratch_len)
{
	return (scratch_len + 15) & ~(size_t)15;
}

/* Bytes for the frames of one call. */
static size_t frame_area(const struct arch_state *saved)
{
	return (arch_frames_size(saved) + 127) & ~(size_t)63;
}

struct hs_error *remote_begin(struct remote *r, struct tracee *t,
			      const struct entry_points *entry,
			      const struct stack_bounds *stack,
			      size_t scratch_len)
{
	struct hs_error *err;
	uint64_t top;

	*r = (struct remote){ .tracee = t,
			      .entry = entry,
			      .undo = { .number = -1 },
			      .stack = *stack,
			      .memory = -1,
			      .scratch_len = scratch_len };
	err = memory_open(t->pid, t->tid, &r->memory);
	/* It can still be asked for its state, so it was there, stopped, when
	 * its memory was opened: execve(2) in another thread ends it first. */
	if (!err)
		err = arch_state_get(t->tid, &r->saved);
	if (err) {
		remote_release(r);
		return err;
	}
	top = (arch_sp(&r->saved.regs) - arch_red_zone) & ~(uint64_t)15;
	r->scratch = top - scratch_aligned(scratch_len);
	return NULL;
}

void remote_release(struct remote *r)
{
	arch_state_release(&r->saved);
	if (r->memory >= 0)
		close(r->memory);
	r->memory = -1;
}

static uint64_t call_mask(const struct remote *r)
{
	return remote_signal_mask(r->entry->musl) | r->saved.signal_mask;
}

/* Order matters: first the frame, then in one step the registers. If we set the
 * mask before the registers and were killed between the two, the service's
 * thread would have all signals blocked for ever. */
static struct hs_error *start_then(struct remote *r,
				   const struct arch_call *call, bool result,
				   const struct arch_then *then,
				   struct arch_frames *frames)
{
	uint64_t top = r->scratch - (r->odd ? frame_area(&r->saved) : 0);
	struct arch_regs regs;
	struct hs_error *err;

	err = arch_frames_build(&r->saved, r->entry, top, result, then, frames);
	if (err)
		return err;
	err = remote_write(r, frames->base, frames->image, frames->len);
	fault_point("pwrite64");
	if (err)
		return err;
	r->odd = !r->odd;
	regs = arch_regs_call(&r->saved.regs, frames, call,
			      r->at_sigreturn || r->at_sleep);
	err = arch_regs_set(r->tracee->tid, &regs);
	if (err)
		return err;
	r->at_sigreturn = r->at_sleep = false;
	if (r->started)
		return NULL;
	r->started = true;
	return arch_signal_mask_set(r->tracee->tid, call_mask(r));
}

static struct hs_error *remote_start(struct remote *r,
				     const struct arch_call *call, bool result,
				     struct arch_frames *frames)
{
	const struct arch_then undo = {
		.calls = &r->undo,
		/* Without the gadget its frame would return nowhere. */
		.n = r->undo.number >= 0 && r->entry->syscall_return,
		.mask = ~(uint64_t)0,
	};

	return start_then(r, call, result, &undo, frames);
}

struct call_progress {
	const struct arch_frames *frames;
	const struct remote_watch *watch;
	struct __ptrace_syscall_info entry; /* of the last entry stop */
	int64_t number;		      /* of the system call to be made, or -1 */
	int64_t last_result;	      /* of the last one of it that ended */
	struct hs_error *watch_error; /* owned: the first error of the watch */
	bool replaced; /* another system call was issued instead */
	struct arch_regs entry_regs;	  /* before that */
	const struct remote_chain *chain; /* NULL: it leaves no call unseen */
	uint64_t not_left; /* at chain->left, until it has left the calls */
	bool quiet;	   /* it stops for the new thread alone */
	bool over;
	bool crashed; /* the call itself faulted */
};

/* Left alone before the arguments are put back, the thread goes on in the end
 * of libc's function, which needs none of them. */
static struct hs_error *replace_syscall(struct remote *r,
					struct call_progress *p)
{
	const struct remote_watch *watch = p->watch;
	struct arch_call by = { .number = -1 };
	struct arch_regs regs;
	struct hs_error *err;
	uint64_t args[6];

	memcpy(args, p->entry.entry.args, sizeof(args));
	if (!watch || !watch->replaces ||
	    !watch->replaces(watch->arg, p->entry.entry.nr, args, &by))
		return NULL;
	err = arch_regs_get(r->tracee->tid, &p->entry_regs);
	if (err)
		return err;
	regs = arch_regs_replace(&p->entry_regs, (long)by.number, by.args);
	err = arch_regs_set(r->tracee->tid, &regs);
	p->replaced = !err;
	return err;
}

static struct hs_error *end_replaced(struct remote *r, struct call_progress *p)
{
	struct arch_regs regs;
	struct hs_error *err;

	if (!p->replaced)
		return NULL;
	p->replaced = false;
	err = arch_regs_get(r->tracee->tid, &regs);
	if (err)
		return err;
	regs = arch_regs_replaced(&regs, &p->entry_regs);
	return arch_regs_set(r->tracee->tid, &regs);
}

static struct hs_error *on_syscall_stop(struct remote *r,
					struct call_progress *p)
{
	struct __ptrace_syscall_info info = { 0 };
	const struct remote_watch *watch = p->watch;
	uint64_t args[6];
	struct hs_error *err;

	err = request(PTRACE_GET_SYSCALL_INFO, r->tracee->tid, sizeof(info),
		      (uintptr_t)&info);
	if (err)
		return err;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		p->entry = info;
		p->over = arch_is_sigreturn(info.entry.nr) &&
			  info.stack_pointer == p->frames->sigreturn_sp;
		return replace_syscall(r, p);
	}
	if (info.op != PTRACE_SYSCALL_INFO_EXIT ||
	    p->entry.op != PTRACE_SYSCALL_INFO_ENTRY)
		return NULL;
	err = end_replaced(r, p);
	if (err)
		return err;
	if ((int64_t)p->entry.entry.nr == p->number)
		p->last_result = info.exit.rval;
	if (!watch || !watch->syscall)
		return NULL;
	/* An observer's failure must not end the call half-way. We keep only
	 * the first error: each further system call may cause another. */
	memcpy(args, p->entry.entry.args, sizeof(args));
	err = watch->syscall(watch->arg, p->entry.entry.nr, args,
			     info.exit.rval);
	if (p->watch_error)
		hs_error_free(err);
	else
		p->watch_error = err;
	return NULL;
}

/* A fault of the call itself (si_code > 0: from the kernel, sigaction(2)), not
 * a signal that somebody sent. */
static bool is_fault(struct tracee *t)
{
	siginfo_t info = { 0 };
	struct hs_error *err;

	switch (t->signal) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		break;
	default:
		return false;
	}
	err = request(PTRACE_GETSIGINFO, t->tid, 0, (uintptr_t)&info);
	if (err) {
		hs_error_free(err);
		return false;
	}
	return info.si_code > 0;
}

static bool is_in_syscall(const struct remote *r)
{
	switch (arch_interrupted(&r->saved.regs)) {
	case ARCH_NOT_IN_SYSCALL:
	case ARCH_SYSCALL_DONE:
		return false;
	case ARCH_RESTARTS:
	case ARCH_RESUMES:
	case ARCH_EINTR:
		break;
	}
	return true;
}

/* From now on the thread stops at each system call, or is let go: it goes @home
 * by itself. */
static void end_quiet(struct remote *r, struct call_progress *p, bool home)
{
	p->quiet = false;
	p->over = r->home = home;
}

/* Those of a wait that a signal or a stop interrupts. */
static struct arch_regs interrupted_regs(const struct arch_regs *saved)
{
	return arch_interrupted(saved) == ARCH_EINTR ? arch_regs_restart(saved)
						     : *saved;
}

/* The registers of a thread that is home again. A signal that came during the
 * calls is delivered there, before the wait is issued again, and would not
 * interrupt it: but it stops the thread first, within the kernel, which then
 * decides by these what the signal does to the wait. */
static struct hs_error *regs_at_home(struct remote *r, struct arch_regs *ret)
{
	struct tracee *t = r->tracee;
	struct hs_error *err = arch_regs_get(t->tid, ret);

	if (err || t->stop != STOP_SIGNAL || !is_in_syscall(r) ||
	    !arch_is_reissued(ret, &r->saved.regs))
		return err;
	*ret = interrupted_regs(&r->saved.regs);
	return arch_regs_set(t->tid, ret);
}

/* Whether it has left the calls, and is at home or on its way. Signals are
 * blocked until it has told so: what stops it then is its own. */
static struct hs_error *look_for_home(struct remote *r, struct call_progress *p)
{
	struct arch_regs now;
	uint64_t left;
	struct hs_error *err;

	err = remote_read(r, p->chain->left, &left, sizeof(left));
	if (err || left == p->not_left)
		return err;
	err = regs_at_home(r, &now);
	if (err)
		return err;
	r->saved.regs = now;
	end_quiet(r, p, true);
	r->started = false;
	return NULL;
}

/* It made a thread. At home again, without one for us, it made one for the
 * service, which is let go. */
static struct hs_error *on_clone(struct remote *r, struct call_progress *p)
{
	const struct remote_watch *watch = p->watch;
	struct tracee *t = r->tracee, other;
	unsigned long message = 0;
	struct hs_error *err;

	err = request(PTRACE_GETEVENTMSG, t->tid, 0, (uintptr_t)&message);
	if (err)
		return err;
	if (p->chain)
		err = look_for_home(r, p);
	if (err || r->home) {
		tracee_adopt(&other, t->pid, (pid_t)message);
		return hs_error_join(err, tracee_detach(&other));
	}
	/* It is in the last function, and stops when that returns. */
	p->chain = NULL;
	if (watch && watch->cloned)
		watch->cloned(watch->arg, (pid_t)message);
	if (p->quiet)
		end_quiet(r, p, !is_in_syscall(r));
	return NULL;
}

static struct hs_error *on_stop(struct remote *r, struct call_progress *p)
{
	struct tracee *t = r->tracee;
	struct hs_error *err;
	int signal = t->signal;

	if (p->chain && t->stop != STOP_CLONE && t->stop != STOP_EXEC) {
		err = look_for_home(r, p);
		if (err || r->home)
			return err;
	}
	switch (t->stop) {
	case STOP_SYSCALL:
		return on_syscall_stop(r, p);
	case STOP_CLONE:
		return on_clone(r, p);
	case STOP_SIGNAL:
		if (!is_fault(t))
			return NULL; /* delivered when it goes on */
		/* Delivered, it would run the service's handler, or kill the
		 * service, for a fault of ours. The caller restores the
		 * thread. */
		t->signal = 0;
		p->crashed = r->crashed = true;
		return hs_error_new(HS_ERROR_SYSTEM,
				    "the injected call got signal %d (%s)",
				    signal, strsignal(signal));
	case STOP_EXEC:
		/* Nothing of ours is in it, and nothing must be restored. */
		err = tracee_detach(t);
		t->state = TRACEE_GONE;
		return hs_error_join(tracee_gone_error(t), err);
	case STOP_INTERRUPT: /* no thread for a while: it takes long */
		p->quiet = false;
		return NULL;
	case STOP_GROUP: /* the kernel stops it again when we detach */
	case STOP_OTHER:
		return NULL;
	}
	return NULL;
}

/* Waits for the next stop of the thread, or until patience is over. One that
 * only stops for a new thread is looked at when none comes: perhaps it could
 * not be made. */
static struct hs_error *await_stop(struct tracee *t, bool quiet,
				   const struct patience *patience)
{
	struct hs_error *err;

	for (;;) {
		struct deadline slice = quiet ? deadline_in(QUIET_US, NULL)
					      : patience_slice();

		err = tracee_wait(t, &slice);
		if (!err || hs_error_code(err) != HS_ERROR_TIMEOUT)
			return err;
		hs_error_free(err);
		err = patience_check(patience);
		if (err)
			return err;
		/* It fails for a thread that has just ended: seen next. */
		if (quiet)
			hs_error_free(request(PTRACE_INTERRUPT, t->tid, 0, 0));
	}
}

/* Lets the thread go on to its next stop. *give_up: for how long it has taken,
 * or since the user wants to stop. */
static struct hs_error *run_to_stop(struct remote *r, struct call_progress *p,
				    struct patience *patience, bool *give_up)
{
	const struct remote_watch *watch = p->watch;
	struct tracee *t = r->tracee;
	struct hs_error *err = tracee_resume(t, !p->quiet);

	if (err)
		return err;
	err = await_stop(t, p->quiet, patience);
	*give_up = err && t->state == TRACEE_RUNNING;
	if (!err && t->state == TRACEE_GONE)
		err = tracee_gone_error(t);
	if (!err)
		err = on_stop(r, p);
	if (err || p->over)
		return err;
	if (watch && watch->progressed && watch->progressed(watch->arg))
		patience_renew(patience);
	/* A call that stops all the time has to end, too. */
	err = patience_check(patience);
	*give_up = err != NULL;
	return err;
}

static struct hs_error *run_call(struct remote *r, struct call_progress *p,
				 const struct deadline *d)
{
	struct patience patience = patience_begin(&r->limits, d);
	struct hs_error *err = NULL;
	bool give_up = false;

	while (!err && !p->over)
		err = run_to_stop(r, p, &patience, &give_up);
	r->at_sigreturn = p->over && !r->home;
	r->broken = err && !p->crashed;
	if (!give_up)
		return err;
	r->stuck = true;
	return stuck_error(
		&(struct stuck_call){
			.tracee = r->tracee,
			.saved_sp = arch_sp(&r->saved.regs),
			.since = patience.since,
			.ours = r->ours,
			.judge = r->judge,
		},
		err);
}

static struct hs_error *call_value(struct remote *r,
				   const struct call_progress *p, bool syscall,
				   int64_t *result)
{
	struct arch_regs regs;
	struct hs_error *err;

	if (!result)
		return NULL;
	*result = p->last_result;
	if (syscall)
		return NULL;
	err = arch_regs_get(r->tracee->tid, &regs);
	if (!err)
		*result = arch_call_result(&regs, r->entry->result_register);
	return err;
}

/* Turns a system call into a call of the function syscall(number, ...). */
static struct hs_error *as_function(const struct remote *r,
				    const struct arch_call *call,
				    struct arch_call *ret)
{
	*ret = *call;
	if (call->bare)
		ret->function = r->entry->syscall_return;
	if (call->bare || call->number < 0)
		return NULL;
	if (!r->entry->syscall)
		return hs_error_new(HS_ERROR_UNSAFE,
				    "its libc has no syscall()");
	ret->function = r->entry->syscall;
	ret->args[0] = (uint64_t)call->number;
	memcpy(&ret->args[1], call->args,
	       sizeof(ret->args) - sizeof(ret->args[0]));
	return NULL;
}

struct hs_error *remote_call(struct remote *r, const struct arch_call *call,
			     const struct deadline *d,
			     const struct remote_watch *watch, int64_t *result)
{
	bool syscall = call->number >= 0;
	bool carried = result && !syscall &&
		       r->entry->result_register != CODE_RESULT_NONE;
	struct arch_frames frames = { 0 };
	struct call_progress p = { .frames = &frames,
				   .watch = watch,
				   .number = call->number };
	struct arch_call function;
	struct hs_error *err;

	if (r->broken)
		return hs_error_new(HS_ERROR_TIMEOUT,
				    "an earlier call is still unfinished");
	err = deadline_check(d);
	if (!err)
		err = as_function(r, call, &function);
	if (!err)
		err = remote_start(r, &function, carried, &frames);
	if (!err)
		err = run_call(r, &p, d);
	if (!err)
		err = call_value(r, &p, syscall, result);
	err = hs_error_join(err, p.watch_error);
	arch_frames_release(&frames);
	return err;
}

bool remote_may_chain(const struct remote *r)
{
	return r->entry->syscall_return &&
	       arch_interrupted(&r->saved.regs) != ARCH_RESUMES;
}

/* What nobody else writes there. */
static uint64_t unlikely_word(void)
{
	return (uint64_t)clock_us() * 0x9e3779b97f4a7c15u;
}

struct hs_error *remote_chain(struct remote *r,
			      const struct remote_chain *chain,
			      const struct deadline *d,
			      const struct remote_watch *watch)
{
	struct arch_call calls[ARCH_THEN_MAX];
	const struct arch_then then = { calls, chain->n, call_mask(r) };
	struct arch_frames frames = { 0 };
	struct call_progress p = { .frames = &frames,
				   .watch = watch,
				   .chain = chain,
				   .not_left = unlikely_word(),
				   .quiet = true };
	struct hs_error *err = deadline_check(d);

	/* The last one writes the mask of signals. */
	memcpy(calls, chain->calls + 1, (chain->n - 1) * sizeof(calls[0]));
	calls[chain->n - 1] = (struct arch_call){
		.number = arch_syscalls.sigprocmask,
		.args = { SIG_BLOCK, 0, chain->left, sizeof(uint64_t) },
	};
	if (!err)
		err = remote_write(r, chain->left, &p.not_left,
				   sizeof(p.not_left));
	if (!err)
		err = start_then(r, chain->calls, false, &then, &frames);
	if (!err)
		err = run_call(r, &p, d);
	arch_frames_release(&frames);
	return err;
}

struct hs_error *remote_leave(struct remote *r, const struct arch_call *call,
			      const struct deadline *d)
{
	struct arch_frames frames = { 0 };
	struct hs_error *err = deadline_check(d);

	/* A sleeping thread's stack is live below its frame. So that the next
	 * frame can be written while it still stands there, the sleep gets the
	 * lower of the two areas. */
	if (!err && !r->odd)
		err = hs_error_new(HS_ERROR_SYSTEM,
				   "the sleep's frame would be the upper one");
	if (!err)
		err = remote_start(r, call, false, &frames);
	arch_frames_release(&frames);
	return hs_error_join(err, tracee_detach(r->tracee));
}

/* The thread is in the sleep of remote_leave(): our stack, and its own thread
 * pointer, which a thread that got its number would not have. */
static bool is_asleep(const struct remote *r)
{
	enum { SLEEP_STACK = 64 << 10 };
	struct arch_regs regs;
	struct hs_error *err = arch_regs_get(r->tracee->tid, &regs);
	uint64_t sp;

	if (err) {
		hs_error_free(err);
		return false;
	}
	sp = arch_sp(&regs);
	return arch_thread_pointer(&regs) ==
		       arch_thread_pointer(&r->saved.regs) &&
	       sp < r->scratch && r->scratch - sp < SLEEP_STACK &&
	       arch_sleeps(&regs);
}

/* Stops the traced thread within its sleep, which it may just be about to
 * enter. */
static bool stop_asleep(struct remote *r, const struct deadline *d)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	enum { TRIES = 20 };
	struct hs_error *err;
	int i;

	for (i = 0; i < TRIES; i++) {
		err = tracee_interrupt(r->tracee, d);
		/* In a group-stop the process must stay stopped. */
		if (err || r->tracee->state != TRACEE_STOPPED ||
		    r->tracee->stop == STOP_GROUP)
			break;
		if (r->tracee->stop == STOP_INTERRUPT && is_asleep(r))
			return true;
		err = tracee_resume(r->tracee, false);
		if (err)
			break;
		nanosleep(&pause, NULL);
	}
	hs_error_free(err);
	return false;
}

bool remote_retake(struct remote *r, const struct deadline *d)
{
	struct tracee *t = r->tracee;
	struct hs_error *err = tracee_seize(t, t->pid, t->tid);

	if (!err && stop_asleep(r, d)) {
		r->at_sigreturn = r->at_sleep = false;
		return true;
	}
	hs_error_free(hs_error_join(err, tracee_detach(t)));
	return false;
}

/* The registers that restore the thread. *set: false when they need not be set,
 * since the sigreturn at whose entry it is restores it. */
static struct arch_regs restore_regs(const struct remote *r, bool *set)
{
	const struct arch_regs *saved = &r->saved.regs;
	enum arch_interrupted interrupted = arch_interrupted(saved);

	*set = true;
	if (r->at_sleep)
		return arch_regs_end_sleep(saved);
	if (!r->at_sigreturn) /* the call crashed */
		return interrupted_regs(saved);
	*set = interrupted == ARCH_RESTARTS || interrupted == ARCH_RESUMES;
	return arch_regs_reenter(saved);
}

/*
 * Makes the thread, at the entry of the sigreturn that restores it, wait again
 * in the call that our stop ended with EINTR. The frame would issue the call
 * from user mode, and the handler of a signal that came before would run too
 * early: the service would then wait for ever for the EINTR that it relies on.
 * So we stop the thread once more on its way out of the kernel, where the
 * kernel decides. (The interrupt outlives this stop, since a stop clears it
 * when it begins: kernel/signal.c, ptrace_stop().)
 */
static struct hs_error *wait_again(struct remote *r)
{
	struct deadline d = deadline_in(WAIT_AGAIN_US, NULL);
	struct arch_regs regs = arch_regs_restart(&r->saved.regs);
	struct tracee *t = r->tracee;
	struct hs_error *err;

	err = request(PTRACE_INTERRUPT, t->tid, 0, 0);
	if (!err)
		err = tracee_resume(t, false);
	if (!err)
		err = tracee_wait(t, &d);
	if (err || t->state != TRACEE_STOPPED)
		return err;
	/* Still about to go home by itself, if we are killed in between. */
	err = arch_signal_mask_set(t->tid, r->saved.signal_mask);
	return err ? err : arch_regs_set(t->tid, &regs);
}

struct hs_error *remote_end(struct remote *r)
{
	pid_t tid = r->tracee->tid;
	struct hs_error *err = NULL;
	struct arch_regs regs;
	bool set;

	if (!(r->started || r->at_sleep) || r->broken || r->home ||
	    r->tracee->state != TRACEE_STOPPED)
		return NULL;
	if (r->started) {
		err = arch_extended_set(tid, &r->saved);
		err = hs_error_join(
			err, arch_signal_mask_set(tid, r->saved.signal_mask));
	}
	regs = restore_regs(r, &set);
	/* The sigreturn restores from its frame what we could not. */
	if (set && !(err && r->at_sigreturn))
		err = hs_error_join(err, arch_regs_set(tid, &regs));
	else if (arch_interrupted(&r->saved.regs) == ARCH_EINTR)
		err = hs_error_join(err, wait_again(r));
	r->started = r->at_sleep = false;
	return hs_error_wrap(err, "cannot restore thread %d", (int)tid);
}
