/*
 * Closes descriptors that it does not know, and uses their numbers: by the file
 * that --file names.
 *
 * Commands:
 *	tid	prints the id of a thread that only sleeps
 *	take N	number N is the file from now on: "taken"
 *	drop N	it is closed: "dropped"
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/victim.h"

static const char *path;
static pid_t thread;

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--file"))
		path = value;
	else
		return false;
	return true;
}

static void *sleep_long(void *arg)
{
	struct timespec pause = { .tv_sec = 3600 };

	(void)arg;
	__atomic_store_n(&thread, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	while (nanosleep(&pause, &pause))
		victim_interrupted();
	return NULL;
}

static void take(int number)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, number) != number)
		victim_harmed("cannot take %d: %s", number, strerror(errno));
	close(fd);
	victim_say("taken");
}

static bool command(const char *line)
{
	if (!strcmp(line, "tid")) {
		victim_say("tid %d", (int)thread);
	} else if (!strncmp(line, "take ", 5)) {
		take((int)victim_number(line + 5));
	} else if (!strncmp(line, "drop ", 5)) {
		close((int)victim_number(line + 5));
		victim_say("dropped");
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, option);
	victim_thread(sleep_long, NULL);
	while (!__atomic_load_n(&thread, __ATOMIC_SEQ_CST))
		usleep(1000);
	victim_ready();
	victim_obey(command);
	return 0;
}
