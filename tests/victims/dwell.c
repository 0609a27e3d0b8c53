/*
 * Its only thread never waits, and is nearly always inside jemalloc: the rest
 * of its time it computes.
 *
 *	--outside N	so many millionths of its time (default: 1,000)
 *	--handlers yes	it also computes in a signal's handler, which comes
 *where it is inside, on a stack that is an array of main()'s
 *
 * Commands:
 *	spent	prints "spent us=N outside=N stopped=N": of its time since the
 *		last one, what it was outside, and for how long it neither ran
 *		nor wanted to
 *
 * Start it with --beat no: the loop beats.
 */
#include <fcntl.h>
#include <jemalloc/jemalloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum {
	TURNS_A_LOOK = 16,
	CALLS_A_TURN = 16,
	SHORT_NS = 1000,
	ALTERNATE = 32 << 10, /* bytes */
	HANDLER_NS = 500000,
	HANDLER_EACH_US = 2000,
};

static uint64_t share = 1000;
static bool handlers;
static int schedstat = -1;

struct spent {
	int64_t at, outside, idle; /* nanoseconds */
};

static struct spent now, last;

static int64_t nanoseconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* All of its time but what it had or wanted a CPU. */
static int64_t idle_until(int64_t at)
{
	long long ran = 0, waited = 0;
	char text[128] = "";

	if (pread(schedstat, text, sizeof(text) - 1, 0) < 0 ||
	    sscanf(text, "%lld %lld", &ran, &waited) != 2)
		victim_harmed("no schedstat");
	return at - ran - waited;
}

static bool tell(const char *line)
{
	if (strcmp(line, "spent") != 0)
		return false;
	now.at = nanoseconds();
	now.idle = idle_until(now.at);
	victim_say("spent us=%lld outside=%lld stopped=%lld",
		   (long long)(now.at - last.at) / 1000,
		   (long long)(now.outside - last.outside) / 1000,
		   (long long)(now.idle - last.idle) / 1000);
	last = now;
	return true;
}

static void say_nothing(void *arg, const char *text)
{
	(void)arg, (void)text;
}

/* One turn, of which it is outside as much as it is to be. */
static void take_turn(void)
{
	int64_t begun = nanoseconds(), came, left, most;
	int i;

	for (i = 0; i < CALLS_A_TURN; i++)
		malloc_stats_print(say_nothing, NULL, NULL);
	came = nanoseconds();
	do
		left = nanoseconds();
	while ((uint64_t)(left - came) * 1000000 <
	       (uint64_t)(left - begun) * share);
	/* The rest of a longer one it waited for a CPU. */
	most = 2 * (came - begun) * (int64_t)share / 1000000 + SHORT_NS;
	now.outside += left - came < most ? left - came : most;
}

static void compute(int sig)
{
	const int64_t begun = nanoseconds();

	(void)sig;
	while (nanoseconds() - begun < HANDLER_NS)
		;
}

/* On @stack, of ALTERNATE bytes. */
static void be_interrupted(char *stack)
{
	const stack_t on = { .ss_sp = stack, .ss_size = ALTERNATE };
	const struct sigaction action = { .sa_handler = compute,
					  .sa_flags = SA_ONSTACK | SA_RESTART };
	const struct timeval each = { .tv_usec = HANDLER_EACH_US };
	const struct itimerval timer = { each, each };

	if (sigaltstack(&on, NULL) || sigaction(SIGPROF, &action, NULL) ||
	    setitimer(ITIMER_PROF, &timer, NULL))
		victim_harmed("no signals");
}

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--handlers"))
		return handlers = true;
	if (strcmp(name, "--outside") != 0)
		return false;
	share = victim_number(value);
	return true;
}

static void dwell(void)
{
	int i;

	victim_ready();
	do {
		for (i = 0; i < TURNS_A_LOOK; i++)
			take_turn();
		heartbeat->beats++;
	} while (victim_obey_now(tell));
}

static void dwell_interrupted(void)
{
	/* Without what was left behind there, which is never clean. */
	char alternate[ALTERNATE] = { 0 };

	be_interrupted(alternate);
	dwell();
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, option);
	schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	last.at = nanoseconds();
	last.idle = idle_until(last.at);
	if (handlers)
		dwell_interrupted();
	else
		dwell();
	return 0;
}
