/*
 * A program that becomes another one, or ends, when it gets a signal: SIGUSR1
 * makes it execute itself again, SIGUSR2 makes it exit(3) with status 7. A
 * thread waits for them, so that it happens at once, whatever the others are
 * doing.
 *
 *	--times N	how often it was executed; "times" prints "times N"
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/victims/victim.h"

static char **args;
static uint64_t times;
static volatile sig_atomic_t listening;

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--times"))
		return false;
	times = victim_number(value);
	return true;
}

static bool command(const char *line)
{
	if (strcmp(line, "times"))
		return false;
	victim_say("times %llu", (unsigned long long)times);
	return true;
}

/* The arguments are "--times N" and whatever came before: nothing is kept of
 * the program that was. */
static void execute(void)
{
	char text[32];
	char *argv[] = { args[0], (char *)"--times", text, NULL };

	snprintf(text, sizeof(text), "%llu", (unsigned long long)times + 1);
	execv("/proc/self/exe", argv);
	_exit(8);
}

static void *listen_to_signals(void *arg)
{
	int number = 0;

	listening = 1;
	sigwait(arg, &number);
	if (number == SIGUSR1)
		execute();
	exit(7);
}

int main(int argc, char **argv)
{
	static sigset_t set;
	sigset_t other;

	args = argv;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	/* Inherited through execve(2), but for those that are blocked here:
	 * what else is blocked is not of our making. */
	sigprocmask(SIG_BLOCK, &set, &other);
	sigdelset(&other, SIGUSR1);
	sigdelset(&other, SIGUSR2);
	victim_begin(argc, argv, option);
	if (!sigisemptyset(&other))
		victim_harmed("signals are blocked");
	victim_thread(listen_to_signals, &set);
	while (!listening)
		usleep(1000);
	victim_ready();
	victim_obey(command);
	return heartbeat->harmed[0] ? 3 : 0;
}
