/*
 * A program that lies to heapsnap, to have it empty a file that the program may
 * not even read. It is no jemalloc, but has a mallctl().
 *
 *	--file PATH	the file; in a root in which its path reads as the link
 *			of heapsnap's memfd does
 *
 * As soon as heapsnap has made its memfd, the file takes its number for a
 * moment, and heapsnap can be fooled again when it is closed. What the
 * dump "writes" goes to a pipe, whose number the file takes as soon as that is
 * read: for heapsnap it was a write to the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { DUMP_FD = 100, HELD_US = 300000 };

void je_prof_mdump(void);
int mallctl(const char *name, void *old, size_t *old_len, void *value,
	    size_t len);
int mallctlnametomib(const char *name, size_t *mib, size_t *len);
int mallctlbymib(const size_t *mib, size_t n, void *old, size_t *old_len,
		 void *value, size_t len);

static const char *path;
static off_t size;
static int memfd; /* the number that the next memfd gets */
static int ends[2];
static atomic_bool swapped;
static char block[4096];

/* The file takes the number @fd; nothing of it is opened. */
static void put_file(int fd)
{
	int file = open(path, O_PATH | O_CLOEXEC);

	dup2(file, fd);
	close(file);
}

static void *take_memfd(void *arg)
{
	for (;;) {
		while (fcntl(memfd, F_GETFD) < 0)
			sched_yield(); /* it must be quick */
		put_file(memfd);
		usleep(HELD_US);
		close(memfd);
	}
	return arg;
}

static void *take_writes(void *arg)
{
	static char in[sizeof(block)];

	while (read(ends[0], in, sizeof(in)) > 0) {
		put_file(DUMP_FD);
		swapped = true;
	}
	return arg;
}

static void *rest(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* A name of jemalloc's inner functions, by which heapsnap knows its code. */
void je_prof_mdump(void)
{
	off_t left;

	for (left = size; left > 0; left -= (off_t)sizeof(block)) {
		dup2(ends[1], DUMP_FD);
		swapped = false;
		syscall(SYS_write, DUMP_FD, block,
			left < (off_t)sizeof(block) ? (size_t)left
						    : sizeof(block));
		while (!swapped)
			sched_yield();
	}
	close(DUMP_FD);
}

int mallctl(const char *name, void *old, size_t *old_len, void *value,
	    size_t len)
{
	static const char *const on[] = { "config.prof", "opt.prof",
					  "prof.active" };
	size_t i;

	if (!strcmp(name, "prof.dump") && value && len == sizeof(char *)) {
		je_prof_mdump();
		return 0;
	}
	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		if (strcmp(name, on[i]) != 0 || *old_len != sizeof(bool))
			continue;
		*(bool *)old = true;
		return 0;
	}
	return ENOENT;
}

/* By these names a jemalloc is known; there is no number to tell. */
int mallctlnametomib(const char *name, size_t *mib, size_t *len)
{
	(void)name, (void)mib, (void)len;
	return ENOENT;
}

int mallctlbymib(const size_t *mib, size_t n, void *old, size_t *old_len,
		 void *value, size_t len)
{
	(void)mib, (void)n, (void)old, (void)old_len, (void)value, (void)len;
	return ENOENT;
}

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--file") != 0)
		return false;
	path = value;
	return true;
}

int main(int argc, char **argv)
{
	struct stat st;

	victim_begin(argc, argv, option);
	if (!path || stat(path, &st) || pipe(ends))
		return 2;
	size = st.st_size;
	victim_thread(rest, NULL);
	victim_thread(rest, NULL);
	victim_thread(take_writes, NULL);
	memfd = dup(STDIN_FILENO);
	close(memfd);
	victim_thread(take_memfd, NULL);
	victim_ready();
	victim_obey(NULL);
	return 0;
}
