/* Calls of which one begins the next, without a stop in between, in a live
 * child that goes on as if nothing had been. */
#include "attach/remote.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

#include "attach/request.h"
#include "base/array.h"
#include "target/gadget.h"
#include "tests/unit/echo_child.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/libc_gadget.h"

/* What the child has done, seen by us. */
static struct {
	atomic_int n, args[4];
	atomic_int end_spin, threads, open; /* calls with SIGUSR1 not blocked */
	atomic_int faults, handled, interrupted;
} * seen;

static char *guarded; /* a page */

static void note(int arg)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	seen->open += !sigismember(&mask, SIGUSR1);
	seen->args[seen->n++] = arg;
}

static void *count_thread(void *arg)
{
	seen->threads++;
	return arg;
}

static void make_thread(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, count_thread, NULL))
		_exit(4);
	pthread_detach(id);
}

/* Makes a thread for each byte. */
static void echo_and_make(void)
{
	char c;

	while (read(to_child[0], &c, 1) == 1) {
		make_thread();
		c++;
		if (write(from_child[1], &c, 1) != 1)
			_exit(3);
	}
}

static void on_fault(int signal)
{
	(void)signal;
	seen->faults++;
	mprotect(guarded, 1, PROT_READ | PROT_WRITE);
}

/* For each byte it has a fault that it handles. */
static void echo_and_fault(void)
{
	struct sigaction action = { .sa_handler = on_fault };
	char c;

	sigaction(SIGSEGV, &action, NULL);
	guarded = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	while (read(to_child[0], &c, 1) == 1) {
		mprotect(guarded, 1, PROT_NONE);
		*(volatile char *)guarded = c;
		c++;
		if (write(from_child[1], &c, 1) != 1)
			_exit(3);
	}
}

static void on_signal(int signal)
{
	(void)signal;
	seen->handled++;
	make_thread();
}

/* What a signal interrupts fails, and does not go on. */
static void await_bytes(bool by_epoll)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);
	ssize_t got = 1;
	char c;

	sigaction(SIGUSR1, &action, NULL);
	epoll_ctl(epoll, EPOLL_CTL_ADD, to_child[0], &event);
	while (got) {
		got = by_epoll ? epoll_wait(epoll, &event, 1, -1) : 1;
		if (got > 0)
			got = read(to_child[0], &c, 1);
		if (got < 0)
			seen->interrupted++;
		c++;
		if (got > 0 && write(from_child[1], &c, 1) != 1)
			_exit(3);
	}
}

static void echo_to_signals(void)
{
	await_bytes(false);
}

static void epoll_to_signals(void)
{
	await_bytes(true);
}

static void spin_and_echo(void)
{
	seen->n = 0;
	while (!seen->end_spin)
		;
	echo();
}

static void share(void)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(seen, MAP_FAILED);
}

static const struct stack_bounds anywhere = { .high = UINT64_MAX };

static void set_entry(struct entry_points *ret)
{
	struct maps maps = { 0 };

	hs_ck_ok(maps_read(getpid(), &maps));
	*ret = (struct entry_points){
		.sigreturn = find_in_libc(GADGET_SIGRETURN, &maps),
		.syscall_return = find_in_libc(GADGET_SYSCALL_RETURN, &maps),
	};
	maps_release(&maps);
}

static void on_cloned(void *arg, pid_t tid)
{
	pid_t *made = arg;

	ck_assert_int_eq(*made, 0);
	*made = tid;
}

/* Runs note(1), note(2) and what makes a thread, or does not; returns the
 * thread's number or 0. */
static pid_t run_chain(struct remote *r, void (*last)(void))
{
	const struct arch_call calls[] = {
		{ .function = (uintptr_t)note, .number = -1, .args = { 1 } },
		{ .function = (uintptr_t)note, .number = -1, .args = { 2 } },
		{ .function = (uintptr_t)last, .number = -1 },
	};
	const struct remote_chain chain = { calls, ARRAY_SIZE(calls),
					    r->scratch };
	struct deadline d = deadline_in(2000000, NULL);
	pid_t made = 0;
	const struct remote_watch watch = { .arg = &made, .cloned = on_cloned };

	hs_ck_ok(request(PTRACE_SETOPTIONS, r->tracee->tid, 0,
			 TRACEE_OPTIONS | PTRACE_O_TRACECLONE));
	ck_assert(remote_may_chain(r));
	hs_ck_ok(remote_chain(r, &chain, &d, &watch));
	ck_assert_int_eq(seen->n, 2);
	ck_assert_int_eq(seen->args[0], 1);
	ck_assert_int_eq(seen->args[1], 2);
	ck_assert_int_eq(seen->open, 0);
	return made;
}

/* On a busy machine the thread may be looked at before it is done, and stops at
 * its sigreturn then, as after any call: the same again. */
static void until_home(bool (*once)(void))
{
	int i;

	for (i = 0; i < 20; i++)
		if (once())
			return;
	ck_abort_msg("it never went home alone");
}

/* The new thread, stopped before its first instruction. */
static void let_go(pid_t pid, pid_t tid)
{
	struct tracee other;

	ck_assert_int_ne(tid, 0);
	tracee_adopt(&other, pid, tid);
	hs_ck_ok(tracee_detach(&other));
}

START_TEST(each_begins_the_next)
{
	struct arch_regs before, after;
	struct entry_points entry;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	uint64_t mask_before, mask_after;
	pid_t pid, made;

	share();
	pid = start_child();
	stop_child(&tracer, &t, pid);
	set_entry(&entry);
	hs_ck_ok(arch_regs_get(pid, &before));
	hs_ck_ok(arch_signal_mask_get(pid, &mask_before));
	hs_ck_ok(remote_begin(&r, &t, &entry, &anywhere, 256));
	made = run_chain(&r, make_thread);
	/* Its wait is to be put right. */
	ck_assert(r.at_sigreturn);
	ck_assert(!r.home);
	hs_ck_ok(remote_end(&r));
	hs_ck_ok(arch_regs_get(pid, &after));
	ck_assert_uint_eq(arch_sp(&before), arch_sp(&after));
	hs_ck_ok(arch_signal_mask_get(pid, &mask_after));
	ck_assert_uint_eq(mask_after, mask_before);
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	let_go(pid, made);
	tracer_end(&tracer);
	while (!seen->threads)
		sched_yield();
	end_child(pid);
}
END_TEST

/* A thread that waits for nothing is let go as soon as the new one is there. */
static bool runs_once(void)
{
	struct deadline d = deadline_in(2000000, NULL);
	struct entry_points entry;
	struct arch_regs before, after;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	pid_t pid, made;
	bool home;

	share();
	seen->n = 1;
	pid = start_child_of(spin_and_echo);
	while (seen->n)
		sched_yield();
	hs_ck_ok(tracer_begin(&tracer));
	hs_ck_ok(tracee_seize(&t, pid, pid));
	hs_ck_ok(tracee_interrupt(&t, &d));
	set_entry(&entry);
	hs_ck_ok(arch_regs_get(pid, &before));
	hs_ck_ok(remote_begin(&r, &t, &entry, &anywhere, 256));
	made = run_chain(&r, make_thread);
	home = r.home;
	ck_assert(r.started);
	ck_assert(home != r.at_sigreturn);
	/* It is still in the call. */
	hs_ck_ok(arch_regs_get(pid, &after));
	ck_assert_uint_lt(arch_sp(&after), r.scratch);
	hs_ck_ok(remote_end(&r));
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	let_go(pid, made);
	tracer_end(&tracer);
	seen->end_spin = 1;
	while (!seen->threads)
		sched_yield();
	end_child(pid);
	return home;
}

START_TEST(one_that_runs_goes_home_alone)
{
	until_home(runs_once);
}
END_TEST

static void make_none(void)
{
}

/* Nobody stops it on its way then. */
static bool makes_none_once(void)
{
	struct entry_points entry;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	pid_t pid;
	bool home;

	share();
	pid = start_child();
	stop_child(&tracer, &t, pid);
	set_entry(&entry);
	hs_ck_ok(remote_begin(&r, &t, &entry, &anywhere, 256));
	ck_assert_int_eq(run_chain(&r, make_none), 0);
	home = r.home;
	ck_assert(home != r.started);
	ck_assert(!home || arch_waits(&r.saved.regs));
	hs_ck_ok(remote_end(&r));
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	tracer_end(&tracer);
	end_child(pid);
	return home;
}

START_TEST(without_a_thread_it_is_found_at_home)
{
	until_home(makes_none_once);
}
END_TEST

/* Nor is a thread ours that it makes for itself, home again. */
static bool makes_its_own_once(void)
{
	struct entry_points entry;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	char c = 'a';
	pid_t pid;
	bool home;

	share();
	pid = start_child_of(echo_and_make);
	stop_child(&tracer, &t, pid);
	set_entry(&entry);
	hs_ck_ok(remote_begin(&r, &t, &entry, &anywhere, 256));
	/* This is there to be read as soon as it is home. */
	ck_assert_int_eq(write(to_child[1], &c, 1), 1);
	ck_assert_int_eq(run_chain(&r, make_none), 0);
	home = r.home;
	hs_ck_ok(remote_end(&r));
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	tracer_end(&tracer);
	ck_assert_int_eq(read(from_child[0], &c, 1), 1);
	while (seen->threads < 2) /* and it runs */
		sched_yield();
	end_child(pid);
	return home;
}

START_TEST(a_thread_of_its_own_is_let_go)
{
	until_home(makes_its_own_once);
}
END_TEST

/* Nor is a fault ours that it has, and handles, at home. */
static bool faults_once(void)
{
	struct entry_points entry;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	char c = 'a';
	pid_t pid;
	bool home;

	share();
	pid = start_child_of(echo_and_fault);
	stop_child(&tracer, &t, pid);
	set_entry(&entry);
	hs_ck_ok(remote_begin(&r, &t, &entry, &anywhere, 256));
	ck_assert_int_eq(write(to_child[1], &c, 1), 1);
	ck_assert_int_eq(run_chain(&r, make_none), 0);
	home = r.home;
	ck_assert(!r.crashed);
	hs_ck_ok(remote_end(&r));
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	tracer_end(&tracer);
	ck_assert_int_eq(read(from_child[0], &c, 1), 1);
	ck_assert_int_eq(seen->faults, 2);
	end_child(pid);
	return home;
}

START_TEST(a_fault_of_its_own_is_its_own)
{
	until_home(faults_once);
}
END_TEST

/* stop_child() of one that waits in system call @wait. */
static void stop_in(struct tracer *tracer, struct tracee *t, pid_t pid,
		    uint64_t wait)
{
	struct deadline d = deadline_in(2000000, NULL);
	struct task_syscall where = { 0 };

	ask();
	do {
		hs_ck_ok(task_syscall_read(pid, pid, &where));
	} while (where.activity != TASK_IN_SYSCALL ||
		 (uint64_t)where.number != wait);
	hs_ck_ok(tracer_begin(tracer));
	hs_ck_ok(tracee_seize(t, pid, pid));
	hs_ck_ok(tracee_interrupt(t, &d));
}

/* A signal that comes during the calls interrupts its wait as ever, if it has a
 * handler, and what that does is the service's. */
static bool signal_in_chain(void (*serve)(void), uint64_t wait, int signal)
{
	const int times = signal == SIGUSR1;
	struct entry_points entry;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	pid_t pid;
	bool home;

	share();
	pid = start_child_of(serve);
	stop_in(&tracer, &t, pid, wait);
	set_entry(&entry);
	hs_ck_ok(remote_begin(&r, &t, &entry, &anywhere, 256));
	ck_assert_int_eq(syscall(SYS_tgkill, pid, pid, signal), 0);
	ck_assert_int_eq(run_chain(&r, make_none), 0);
	home = r.home;
	hs_ck_ok(remote_end(&r));
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	tracer_end(&tracer);
	while (seen->threads < times)
		sched_yield();
	ask();
	ck_assert_int_eq(seen->handled, times);
	ck_assert_int_eq(seen->interrupted, times);
	end_child(pid);
	return home;
}

static bool reads_once(void)
{
	return signal_in_chain(echo_to_signals, SYS_read, SIGUSR1);
}

START_TEST(a_signal_interrupts_its_read)
{
	until_home(reads_once);
}
END_TEST

static bool epolls_once(void)
{
	return signal_in_chain(epoll_to_signals, SYS_epoll_wait, SIGUSR1);
}

START_TEST(a_signal_interrupts_its_epoll_wait)
{
	until_home(epolls_once);
}
END_TEST

static bool ignores_once(void)
{
	return signal_in_chain(epoll_to_signals, SYS_epoll_wait, SIGURG);
}

START_TEST(an_ignored_signal_interrupts_nothing)
{
	until_home(ignores_once);
}
END_TEST

/* The frame of what undoes a call has all signals blocked. */
START_TEST(no_signal_stays_blocked)
{
	const struct arch_call nothing = { .function = (uintptr_t)make_none,
					   .number = -1 };
	struct deadline d = deadline_in(2000000, NULL);
	struct entry_points entry;
	struct tracer tracer;
	struct remote r;
	struct tracee t;
	uint64_t before, after;
	pid_t pid;

	share();
	pid = start_child_of(epoll_to_signals);
	stop_in(&tracer, &t, pid, SYS_epoll_wait);
	set_entry(&entry);
	hs_ck_ok(arch_signal_mask_get(pid, &before));
	hs_ck_ok(remote_begin(&r, &t, &entry, &anywhere, 256));
	r.undo = (struct arch_call){ .number = SYS_getppid };
	hs_ck_ok(remote_call(&r, &nothing, &d, NULL, NULL));
	hs_ck_ok(remote_end(&r));
	hs_ck_ok(arch_signal_mask_get(pid, &after));
	ck_assert_uint_eq(after, before);
	remote_release(&r);
	hs_ck_ok(tracee_detach(&t));
	tracer_end(&tracer);
	end_child(pid);
}
END_TEST

int main(void)
{
	return hs_check_run("attach/remote: chains", each_begins_the_next,
			    one_that_runs_goes_home_alone,
			    without_a_thread_it_is_found_at_home,
			    a_thread_of_its_own_is_let_go,
			    a_fault_of_its_own_is_its_own,
			    a_signal_interrupts_its_read,
			    a_signal_interrupts_its_epoll_wait,
			    an_ignored_signal_interrupts_nothing,
			    no_signal_stays_blocked);
}
