/*
 * A thread has a table of descriptors of its own, unshare(CLONE_FILES): in it
 * the numbers are free that in the main thread's are all the file that --file
 * names, open for reading and writing.
 *
 * Commands:
 *	tid	prints the thread's id
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { FILES = 64 };

static const char *path;
static pid_t thread;

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--file"))
		return false;
	path = value;
	return true;
}

static void *live_apart(void *arg)
{
	struct timespec pause = { .tv_sec = 3600 };

	(void)arg;
	if (unshare(CLONE_FILES))
		victim_harmed("unshare: %s", strerror(errno));
	__atomic_store_n(&thread, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	while (nanosleep(&pause, &pause))
		victim_interrupted();
	return NULL;
}

static bool command(const char *line)
{
	if (strcmp(line, "tid"))
		return false;
	victim_say("tid %d", (int)thread);
	return true;
}

int main(int argc, char **argv)
{
	int i;

	victim_begin(argc, argv, option);
	victim_thread(live_apart, NULL);
	while (!__atomic_load_n(&thread, __ATOMIC_SEQ_CST))
		usleep(1000);
	for (i = 0; i < FILES; i++) {
		if (open(path, O_RDWR | O_CLOEXEC) < 0)
			victim_harmed("open: %s", strerror(errno));
	}
	victim_ready();
	victim_obey(command);
	return 0;
}
