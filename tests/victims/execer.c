/*
 * What heapsnap takes for a jemalloc. A moment after a dump a thread of it
 * calls execve(): the program that comes fills its stack, which is where the
 * first one's was, and looks for two seconds whether anybody writes to it. It
 * prints "unharmed", or what it found.
 *
 * Options:
 *	--in-dump yes	the thread that dumps calls execve() in the middle of
 *it, and the program that comes crashes at once
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/no_mib.h"
#include "tests/victims/victim.h"

enum { MOMENT_US = 1000, FILLED = 400000, LOOK_US = 2000000 };

int je_prof_mdump(const char *path);

static bool dumped, in_dump;

static void become(char *how)
{
	char *args[] = { "execer", how, NULL };

	execv("/proc/self/exe", args);
}

/* The name is what jemalloc's own functions look like. */
int je_prof_mdump(const char *path)
{
	static const char dump[] = "heap_v2/1\n  t*: 1: 16 [0: 0]\n"
				   "  t0: 1: 16 [0: 0]\n@ 0x1000\n"
				   "  t*: 1: 16 [0: 0]\n  t0: 1: 16 [0: 0]\n";
	int fd = creat(path, 0644);

	if (fd < 0 || write(fd, dump, sizeof(dump) - 1) < 0)
		return EFAULT;
	if (in_dump)
		become("--crash");
	close(fd);
	__atomic_store_n(&dumped, true, __ATOMIC_SEQ_CST);
	return 0;
}

int mallctl(const char *name, void *old, size_t *old_len, void *value,
	    size_t len)
{
	static const char *const on[] = { "config.prof", "opt.prof",
					  "prof.active" };
	size_t i;

	if (!strcmp(name, "prof.dump") && len == sizeof(char *))
		return je_prof_mdump(*(char **)value);
	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		if (!strcmp(name, on[i]) && *old_len == 1) {
			*(bool *)old = true;
			return 0;
		}
	}
	return ENOENT;
}

static void *becomes_another(void *arg)
{
	while (!__atomic_load_n(&dumped, __ATOMIC_SEQ_CST))
		;
	usleep(MOMENT_US);
	become("--filled");
	return arg;
}

static int fill_and_look(void)
{
	volatile unsigned char filled[FILLED];
	const int64_t end = victim_now() + LOOK_US;
	size_t i;

	for (i = 0; i < sizeof(filled); i++)
		filled[i] = 0x55;
	while (victim_now() < end) {
		for (i = 0; i < sizeof(filled) && filled[i] == 0x55; i++)
			;
		if (i < sizeof(filled)) {
			victim_say("overwritten at %p", (void *)&filled[i]);
			return 1;
		}
		usleep(10000);
	}
	victim_say("unharmed");
	return 0;
}

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--in-dump"))
		return false;
	in_dump = !strcmp(value, "yes");
	return true;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--crash"))
		*(volatile int *)0 = 1;
	if (argc == 2 && !strcmp(argv[1], "--filled"))
		return fill_and_look();
	victim_begin(argc, argv, option);
	victim_thread(becomes_another, NULL);
	victim_ready();
	victim_obey(NULL);
	return 0;
}
