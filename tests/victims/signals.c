/*
 * Signals that must all arrive, each where it is meant to. A thread in each
 * kind of wait is sent SIGUSR1 again and again, the next when it is back in its
 * wait: its handler runs once for each, on the thread's alternate stack, and
 * the wait ends with EINTR once for each. Three timers are armed again by their
 * handlers, so that one lost signal ends the chain.
 *
 * A thread that a stop woke issues its wait again from user mode, and can lose
 * its CPU on the way there: a signal that comes just then is one that came
 * before the wait, which it does not end. Nobody but the kernel could prevent
 * that, and it is rare; such signals are counted as early.
 *
 *	report	"KIND tid=N sent=N handled=N early=N returned=N" for each, then
 *		"TIMER armed=N fired=N", then "end"; nothing is sent meanwhile
 *	go	it is sent again; "gone"
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum {
	LOST_US = 5000000, /* a wait that has not ended by then never will */
	PAUSE_MAX_US = 3000,
	TIMER_US = 2000,
	STACK_SIZE = 1 << 16,
};

struct kind {
	const char *name;
	int (*wait)(void);
	bool atomic; /* its mask lets the signal in only within the wait, so
			the signal may come at any time */
	pid_t tid;
	pthread_t id;
	uint64_t sent, handled, early, returned;
	char stack[STACK_SIZE];
};

static int epoll_fd;
static sigset_t with_usr1; /* a mask that lets SIGUSR1 in */

static int wait_nanosleep(void)
{
	struct timespec ts = { .tv_sec = 3600 };

	return nanosleep(&ts, NULL);
}

static int wait_poll(void)
{
	return poll(NULL, 0, -1);
}

static int wait_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(epoll_fd, &event, 1, -1);
}

static int wait_epoll_pwait(void)
{
	struct epoll_event event;

	return epoll_pwait(epoll_fd, &event, 1, -1, &with_usr1);
}

static int wait_ppoll(void)
{
	return ppoll(NULL, 0, NULL, &with_usr1);
}

static int wait_sigsuspend(void)
{
	return sigsuspend(&with_usr1);
}

static struct kind kinds[] = {
	{ .name = "pause", .wait = pause },
	{ .name = "nanosleep", .wait = wait_nanosleep },
	{ .name = "poll", .wait = wait_poll },
	{ .name = "epoll", .wait = wait_epoll },
	{ .name = "epoll-pwait", .wait = wait_epoll_pwait, .atomic = true },
	{ .name = "ppoll", .wait = wait_ppoll, .atomic = true },
	{ .name = "sigsuspend", .wait = wait_sigsuspend, .atomic = true },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct timer {
	const char *name;
	int signal;
	uint64_t armed, fired;
} timers[] = {
	{ "setitimer", SIGALRM, 0, 0 },
	{ "profile", SIGPROF, 0, 0 },
	{ "timer-create", SIGUSR2, 0, 0 },
};

static timer_t posix_timer;
static __thread struct kind *self; /* whose thread this is */
static __thread bool ours;
static uint64_t held; /* senders wait while it is 1 */

static uint64_t load(const uint64_t *n)
{
	return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}

static void add(uint64_t *n)
{
	__atomic_add_fetch(n, 1, __ATOMIC_SEQ_CST);
}

/* It stands at the instruction by which it enters the kernel. Where that is to
 * be restart_syscall(2) (poll and nanosleep go on by it after a stop), the
 * signal ends the wait nevertheless: rt_sigreturn(2) makes it fail with EINTR
 * (do_no_restart_syscall() of restore_sigcontext(),
 * arch/x86/kernel/signal_64.c). */
static bool is_early(const ucontext_t *at)
{
	static const unsigned char syscall_instruction[2] = { 0x0f, 0x05 };
	const greg_t *regs = at->uc_mcontext.gregs;

	return regs[REG_RAX] != SYS_restart_syscall &&
	       !memcmp((const void *)regs[REG_RIP], syscall_instruction,
		       sizeof(syscall_instruction));
}

static void on_usr1(int sig, siginfo_t *info, void *context)
{
	char *here = (char *)&sig;

	(void)info;
	if (!self) {
		victim_harmed("SIGUSR1 was taken by another thread");
		return;
	}
	if (here < self->stack || here >= self->stack + STACK_SIZE)
		victim_harmed("%s: not on its alternate stack", self->name);
	if (is_early(context))
		add(&self->early);
	add(&self->handled);
}

/* One shot: the next is armed when this one came. */
static void arm(struct timer *t)
{
	struct itimerval once = { .it_value = { .tv_usec = TIMER_US } };
	struct itimerspec spec = { .it_value = { .tv_nsec = TIMER_US * 1000 } };

	add(&t->armed);
	if (t->signal == SIGALRM)
		setitimer(ITIMER_REAL, &once, NULL);
	else if (t->signal == SIGPROF)
		setitimer(ITIMER_PROF, &once, NULL);
	else
		timer_settime(posix_timer, 0, &spec, NULL);
}

static void on_timer(int sig)
{
	int saved = errno;
	size_t i;

	if (!ours)
		victim_harmed("signal %d was taken by another thread", sig);
	for (i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		if (timers[i].signal != sig)
			continue;
		add(&timers[i].fired);
		arm(&timers[i]);
	}
	errno = saved;
}

/* EINTR, once for each SIGUSR1: nothing else is let in by these threads. */
static void *wait_for_ever(void *arg)
{
	struct kind *k = arg;
	stack_t stack = { .ss_sp = k->stack, .ss_size = STACK_SIZE };
	sigset_t mask;

	self = k;
	sigfillset(&mask);
	if (!k->atomic)
		sigdelset(&mask, SIGUSR1);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigaltstack(&stack, NULL);
	k->id = pthread_self();
	__atomic_store_n(&k->tid, gettid(), __ATOMIC_SEQ_CST);
	for (;;) {
		if (k->wait() != -1 || errno != EINTR)
			victim_harmed("%s ended by itself", k->name);
		add(&k->returned);
		if (load(&k->returned) > load(&k->handled)) {
			victim_interrupted();
			victim_harmed("%s: EINTR without a signal", k->name);
		}
	}
	return NULL;
}

/* Thread @tid is in a system call. */
static bool in_call(pid_t tid)
{
	long number = -1;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)tid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%ld", &number) != 1)
		number = -1;
	if (f)
		fclose(f);
	return number >= 0;
}

/* It is in its wait, the only call that it makes, and what it was sent before
 * has come. */
static bool is_back(const struct kind *k)
{
	return load(&k->returned) + load(&k->early) == load(&k->sent) &&
	       (k->atomic || in_call(k->tid));
}

static void *send_for_ever(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	struct kind *k = arg;
	int64_t start;

	for (;;) {
		start = victim_now();
		while (!is_back(k)) {
			if (victim_now() - start > LOST_US)
				victim_harmed("%s: sent %d signals, handled %d,"
					      " %d of them early, ended %d"
					      " waits",
					      k->name, (int)k->sent,
					      (int)k->handled, (int)k->early,
					      (int)k->returned);
			usleep(200);
		}
		usleep((unsigned int)rand_r(&seed) % PAUSE_MAX_US);
		while (load(&held))
			usleep(1000);
		add(&k->sent);
		pthread_kill(k->id, SIGUSR1);
	}
	return NULL;
}

/* Takes the timers' signals and some of the processor's time. */
static void *take_timers(void *arg)
{
	struct timer *t;
	sigset_t mask;

	(void)arg;
	ours = true;
	for (t = timers; t < timers + 3; t++)
		arm(t);
	sigfillset(&mask);
	for (t = timers; t < timers + 3; t++)
		sigdelset(&mask, t->signal);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	for (;;) {
		int64_t until = victim_now() + 1000;

		while (victim_now() < until)
			;
		usleep(1000);
	}
	return NULL;
}

static bool all_back(void)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (!is_back(&kinds[i]))
			return false;
	}
	return true;
}

static void report(void)
{
	int64_t end = victim_now() + LOST_US;
	struct timer *t;
	struct kind *k;

	__atomic_store_n(&held, 1, __ATOMIC_SEQ_CST);
	usleep(2 * PAUSE_MAX_US);
	while (!all_back() && victim_now() < end)
		usleep(1000);
	for (k = kinds; k < kinds + KINDS; k++)
		victim_say("%s tid=%d sent=%d handled=%d early=%d returned=%d",
			   k->name, (int)k->tid, (int)k->sent, (int)k->handled,
			   (int)k->early, (int)k->returned);
	for (t = timers; t < timers + 3; t++)
		victim_say("%s armed=%d fired=%d", t->name, (int)t->armed,
			   (int)t->fired);
	victim_say("end");
}

static bool command(const char *line)
{
	if (!strcmp(line, "report")) {
		report();
		return true;
	}
	if (strcmp(line, "go") != 0)
		return false;
	__atomic_store_n(&held, 0, __ATOMIC_SEQ_CST);
	victim_say("gone");
	return true;
}

/* setitimer() takes the place of the alarm that ends other victims: this one
 * ends with its input. */
static void catch_signals(void)
{
	struct sigaction usr1 = { .sa_sigaction = on_usr1,
				  .sa_flags = SA_ONSTACK | SA_SIGINFO },
			 timer = { .sa_handler = on_timer,
				   .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL };
	size_t i;

	sigaction(SIGUSR1, &usr1, NULL);
	for (i = 0; i < 3; i++)
		sigaction(timers[i].signal, &timer, NULL);
	event.sigev_signo = timers[2].signal;
	timer_create(CLOCK_MONOTONIC, &event, &posix_timer);
}

int main(int argc, char **argv)
{
	sigset_t mask;
	size_t i;

	/* Only the threads that are there to take signals take them. */
	sigfillset(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	victim_begin(argc, argv, NULL);
	sigemptyset(&with_usr1);
	sigfillset(&with_usr1);
	sigdelset(&with_usr1, SIGUSR1);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	catch_signals();
	for (i = 0; i < KINDS; i++) {
		victim_thread(wait_for_ever, &kinds[i]);
		while (!__atomic_load_n(&kinds[i].tid, __ATOMIC_SEQ_CST))
			usleep(1000);
		victim_thread(send_for_ever, &kinds[i]);
	}
	victim_thread(take_timers, NULL);
	while (!load(&timers[0].fired) || !load(&timers[1].fired) ||
	       !load(&timers[2].fired))
		usleep(1000);
	victim_ready();
	victim_obey(command);
	return 0;
}
