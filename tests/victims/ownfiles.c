/*
 * A thread has a table of descriptors of its own, unshare(CLONE_FILES): in it
 * the numbers are free that in the main thread's are all the file that --file
 * names, open for reading and writing.
 *
 * Options: --apart N, of files that the thread opens in its own table.
 *
 * Commands:
 *	tid	prints the thread's id
 *	active	its jemalloc's prof.active: "active 0" or "active 1"
 */
#include <errno.h>
#include <fcntl.h>
#include <jemalloc/jemalloc.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { FILES = 64 };

static const char *path;
static uint64_t apart;
static pid_t thread;

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--file"))
		path = value;
	else if (!strcmp(name, "--apart"))
		apart = victim_number(value);
	else
		return false;
	return true;
}

static void open_files(const char *name, int flags, uint64_t n)
{
	while (n--) {
		if (open(name, flags | O_CLOEXEC) < 0)
			victim_harmed("open: %s", strerror(errno));
	}
}

static void *live_apart(void *arg)
{
	struct timespec pause = { .tv_sec = 3600 };

	(void)arg;
	if (unshare(CLONE_FILES))
		victim_harmed("unshare: %s", strerror(errno));
	open_files("/etc/passwd", O_RDONLY, apart);
	__atomic_store_n(&thread, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	while (nanosleep(&pause, &pause))
		victim_interrupted();
	return NULL;
}

static bool command(const char *line)
{
	size_t len = sizeof(bool);
	bool active = false;

	if (!strcmp(line, "tid")) {
		victim_say("tid %d", (int)thread);
	} else if (!strcmp(line, "active")) {
		if (mallctl("prof.active", &active, &len, NULL, 0))
			victim_harmed("cannot read prof.active");
		victim_say("active %d", active);
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, option);
	victim_thread(live_apart, NULL);
	while (!__atomic_load_n(&thread, __ATOMIC_SEQ_CST))
		usleep(1000);
	open_files(path, O_RDWR, FILES);
	victim_ready();
	victim_obey(command);
	return 0;
}
