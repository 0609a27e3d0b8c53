/*
 * timers: signals whose number is known exactly, sent to the process, so that
 * any thread of it takes them, while it allocates, computes or waits.
 *
 *	alarm, profile	setitimer(2), one shot: the next is armed by the
 *			handler, so that a lost signal ends the chain
 *	period		timer_create(2), every millisecond: each signal says
 *			how many more expirations it stands for, and the clock
 *			how many there must have been
 *	queue		sigqueue(3): each with its number, which are added up
 *
 *	report		"NAME due=N came=N" for each; all is held until what is
 *			on its way has come
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/storm/storm.h"
#include "tests/victims/victim.h"

enum {
	WORKERS = 4,
	ONE_SHOT_US = 1500,
	PERIOD_NS = 1000000,
	QUEUED_MAX = 50, /* RLIMIT_SIGPENDING allows for more */
	AWAIT_US = 10000000,
	BURST = 10,
};

/* Of the queue: the sums of the numbers, from 1. */
static struct count {
	const char *name;
	uint64_t due, came;
} real = { .name = "alarm" }, profile = { .name = "profile" }, period,
  queue = { .name = "queue" };

static uint64_t queued, handled, held, ready;
static int64_t period_from; /* ns of CLOCK_MONOTONIC: the first expiration */
static timer_t period_timer;
static int ends[2];
static __thread bool ours;

static int queue_signal(void)
{
	return SIGRTMIN + 1;
}

static void arm(struct count *c, int which)
{
	struct itimerval once = { .it_value = { .tv_usec = ONE_SHOT_US } };

	storm_add(&c->due);
	setitimer(which, &once, NULL);
}

static void on_one_shot(int sig)
{
	struct count *c = sig == SIGALRM ? &real : &profile;
	int saved = errno;

	if (!ours)
		victim_harmed("signal %d was taken by a thread not ours", sig);
	/* Armed before it is counted: nobody sees all of them come
	 * meanwhile. */
	if (!storm_load(&held))
		arm(c, sig == SIGALRM ? ITIMER_REAL : ITIMER_PROF);
	storm_add(&c->came);
	errno = saved;
}

static void on_period(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (!ours)
		victim_harmed("signal %d was taken by a thread not ours", sig);
	__atomic_add_fetch(&period.came, 1 + (uint64_t)info->si_overrun,
			   __ATOMIC_SEQ_CST);
}

static void on_queued(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (!ours)
		victim_harmed("signal %d was taken by a thread not ours", sig);
	__atomic_add_fetch(&queue.came, (uint64_t)info->si_value.sival_int,
			   __ATOMIC_SEQ_CST);
	storm_add(&handled);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void begin_timers(void)
{
	struct sigaction once = { .sa_handler = on_one_shot,
				  .sa_flags = SA_RESTART },
			 each = { .sa_sigaction = on_period,
				  .sa_flags = SA_RESTART | SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL };

	if (pipe(ends))
		_exit(2);
	/* In place of the one that ends other victims: this one ends with its
	 * input. */
	alarm(0);
	sigaction(SIGALRM, &once, NULL);
	sigaction(SIGPROF, &once, NULL);
	event.sigev_signo = SIGRTMIN;
	sigaction(event.sigev_signo, &each, NULL);
	each.sa_sigaction = on_queued;
	sigaction(queue_signal(), &each, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &period_timer))
		_exit(2);
}

static void start_all(void)
{
	struct itimerspec spec = { .it_interval = { .tv_nsec = PERIOD_NS } };

	period_from = now_ns() + PERIOD_NS;
	spec.it_value.tv_sec = period_from / 1000000000;
	spec.it_value.tv_nsec = period_from % 1000000000;
	timer_settime(period_timer, TIMER_ABSTIME, &spec, NULL);
	arm(&real, ITIMER_REAL);
	arm(&profile, ITIMER_PROF);
}

/* Another one only when some of those before have come. */
static void send_queued(void)
{
	union sigval value = { .sival_int = (int)(queued + 1) };
	char byte = 'x';

	if (storm_load(&held) || queued - storm_load(&handled) > QUEUED_MAX)
		return;
	__atomic_add_fetch(&queue.due, queued + 1, __ATOMIC_SEQ_CST);
	queued++;
	if (sigqueue(getpid(), queue_signal(), value))
		victim_harmed("sigqueue: %s", strerror(errno));
	if (queued % 4 == 0 && write(ends[1], &byte, 1) != 1)
		victim_harmed("cannot write to a pipe: %s", strerror(errno));
}

static void turn_timers(struct worker *w)
{
	int64_t until;
	char byte;

	if (!ours) {
		ours = true;
		storm_add(&ready);
	}
	/* One that has not got here yet would take a signal as not ours. */
	if (storm_load(&ready) < WORKERS)
		return;
	if (w->number == 0 && !period_from)
		start_all();
	switch (w->number) {
	case 1:
		send_queued();
		storm_allocate(w, BURST);
		return;
	case 2:
		/* Taken up again after each handler (SA_RESTART). */
		if (storm_is_over() || read(ends[0], &byte, 1) == 1)
			return;
		if (errno == EINTR)
			victim_interrupted();
		victim_harmed("read: %s", strerror(errno));
		return;
	case 3:
		for (until = victim_now() + 1000; victim_now() < until;)
			;
		return;
	default:
		storm_allocate(w, BURST);
	}
}

/* How many times it must have expired, and had to the knowledge of the handler;
 * false when the clock went on meanwhile, or they differ. */
static bool look_at_period(uint64_t *due, uint64_t *came)
{
	int64_t before = (now_ns() - period_from) / PERIOD_NS, after;

	*came = storm_load(&period.came);
	after = (now_ns() - period_from) / PERIOD_NS;
	*due = (uint64_t)before + 1;
	return before == after && *came == *due;
}

static bool all_came(void)
{
	return storm_load(&real.due) == storm_load(&real.came) &&
	       storm_load(&profile.due) == storm_load(&profile.came) &&
	       storm_load(&queue.due) == storm_load(&queue.came);
}

static void say(const char *name, uint64_t due, uint64_t came)
{
	victim_say("%s due=%llu came=%llu", name, (unsigned long long)due,
		   (unsigned long long)came);
}

static void report_timers(void)
{
	int64_t end = victim_now() + AWAIT_US;
	uint64_t due, came;

	if (!period_from)
		return;
	storm_add(&held);
	while (!all_came() && victim_now() < end)
		;
	/* Its signals go on coming: a moment between two of them is found. */
	while (!look_at_period(&due, &came) && victim_now() < end)
		;
	say("period", due, came);
	say(real.name, real.due, real.came);
	say(profile.name, profile.due, profile.came);
	say(queue.name, queue.due, queue.came);
	__atomic_store_n(&held, 0, __ATOMIC_SEQ_CST);
	arm(&real, ITIMER_REAL);
	arm(&profile, ITIMER_PROF);
}

/* Who waits in read() is to see that it is over. */
static void end_timers(void)
{
	char byte = 'x';

	if (write(ends[1], &byte, 1) != 1)
		victim_harmed("cannot write to a pipe: %s", strerror(errno));
}

const struct load load_timers = {
	.name = "timers",
	.workers = WORKERS,
	.begin = begin_timers,
	.turn = turn_timers,
	.report = report_timers,
	.end = end_timers,
};
