/*
 * The fault switch of test builds. HS_FAULT is "SIGNAL:N": at the Nth point
 * the process sends itself that signal (KILL, INT, TERM, STOP, TSTP, USR1 or
 * USR2). HS_FAULT_LOG names a file to which each point is added, a line
 * "N NAME": a test learns from a clean run how many there are, and what is done
 * where. HS_FAULT_TARGET is the process that gets the signal instead.
 * HS_FAULT_THREAD is the id of the only thread that may be borrowed.
 */
#include "attach/fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long fault_signal(const char *spec, long *at)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
		{ "KILL:", SIGKILL }, { "INT:", SIGINT },
		{ "TERM:", SIGTERM }, { "STOP:", SIGSTOP },
		{ "TSTP:", SIGTSTP }, { "USR1:", SIGUSR1 },
		{ "USR2:", SIGUSR2 },
	};
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		size_t len = strlen(signals[i].name);

		if (!strncmp(spec, signals[i].name, len)) {
			*at = strtol(spec + len, NULL, 10);
			return signals[i].number;
		}
	}
	fprintf(stderr, "HS_FAULT: '%s' is not SIGNAL:N\n", spec);
	_exit(99);
}

void fault_point(const char *what)
{
	static long passed;
	const char *spec = getenv("HS_FAULT"), *log = getenv("HS_FAULT_LOG");
	const char *target = getenv("HS_FAULT_TARGET");
	long at = 0, number;

	passed++;
	if (log) {
		FILE *f = fopen(log, "a");

		if (f) {
			fprintf(f, "%ld %s\n", passed, what);
			fclose(f);
		}
	}
	if (!spec)
		return;
	number = fault_signal(spec, &at);
	if (passed == at)
		kill(target ? (pid_t)strtol(target, NULL, 10) : getpid(),
		     (int)number);
}

pid_t fault_thread(void)
{
	const char *tid = getenv("HS_FAULT_THREAD");

	return tid ? (pid_t)strtol(tid, NULL, 10) : 0;
}
