/*
 * A service whose memory grows for a cause that is known.
 *
 *	malloc COUNT SIZE	keeps so many objects
 *	unsampled COUNT SIZE	the same, with sampling off in the thread
 *	fragment COUNT SIZE	keeps them, then frees all but every 16th
 *	churn BYTES		allocates and frees so much, in pieces of 64 KiB
 *	mmap BYTES		anonymous memory, past jemalloc
 *	shared BYTES		a memfd
 *	file PATH BYTES		makes a file, maps and reads it
 *	stacks COUNT BYTES	threads that use so much of their stacks
 *	grow BYTES		one object, by realloc
 *	untouched BYTES		one object that is never written to
 *
 * All memory but that of the last is touched. Each answers "done".
 *
 *	value NAME		its own mallctl: "value N" (size_t, after epoch)
 *	flag NAME		the same of a bool: "flag 0" or "flag 1"
 *	classes			a line "class SIZE REGIONS" for each size class
 *				that has any, "end"
 *	print PATH		malloc_stats_print() as JSON to a file; "done"
 */
#include <fcntl.h>
#include <jemalloc/jemalloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { PIECE = 64 << 10, PAGE = 4096, ARENAS_ALL = 4096 };

static void *grown;

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	victim_harmed("cannot %s", what);
	_exit(2);
}

static void *keep(size_t size)
{
	void *p = malloc(size);

	must(p, "allocate");
	return memset(p, 'x', size);
}

static void fragment(size_t count, size_t size)
{
	void **all = mmap(NULL, count * sizeof(*all), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	must(all != MAP_FAILED, "map a table");
	for (i = 0; i < count; i++)
		all[i] = keep(size);
	for (i = 0; i < count; i++) {
		if (i % 16)
			free(all[i]);
	}
	munmap(all, count * sizeof(*all));
	/* What is left in the thread's cache is not for this test. */
	mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
}

static void churn(size_t bytes)
{
	size_t n = bytes / PIECE, i;
	void **all = mmap(NULL, n * sizeof(*all), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(all != MAP_FAILED, "map a table");
	for (i = 0; i < n; i++)
		all[i] = keep(PIECE);
	for (i = 0; i < n; i++)
		free(all[i]);
	munmap(all, n * sizeof(*all));
}

static void map(size_t bytes, int fd)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd,
		       0);

	must(p != MAP_FAILED, "map memory");
	memset(p, 'x', bytes);
}

static void map_memfd(size_t bytes)
{
	int fd = memfd_create("hoard", MFD_CLOEXEC);

	must(fd >= 0 && !ftruncate(fd, (off_t)bytes), "make a memfd");
	map(bytes, fd);
	close(fd);
}

static void map_file(const char *path, size_t bytes)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char piece[PAGE];
	size_t i;
	volatile const char *p;

	must(fd >= 0, "make a file");
	memset(piece, 'x', sizeof(piece));
	for (i = 0; i < bytes; i += sizeof(piece))
		must(write(fd, piece, sizeof(piece)) == sizeof(piece),
		     "write a file");
	p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	must(p != MAP_FAILED, "map a file");
	for (i = 0; i < bytes; i += PAGE)
		(void)p[i];
	close(fd);
}

static size_t stack_bytes;
static unsigned waiting;

static void *use_stack(void *arg)
{
	volatile char *used = __builtin_alloca(stack_bytes);
	size_t i;

	(void)arg;
	for (i = 0; i < stack_bytes; i += PAGE)
		used[i] = 'x';
	__atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	return NULL;
}

static void *allocate(void *arg)
{
	keep(100);
	return use_stack(arg);
}

static void start_threads(void *(*fn)(void *), unsigned count, size_t bytes)
{
	unsigned want = waiting + count;

	stack_bytes = bytes;
	while (count--)
		victim_thread(fn, NULL);
	while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) != want)
		usleep(1000);
}

static void refresh(void)
{
	uint64_t epoch = 1;

	mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
}

static size_t value(const char *name)
{
	size_t v = 0, len = sizeof(v);

	must(!mallctl(name, &v, &len, NULL, 0), name);
	return v;
}

static bool flag(const char *name)
{
	bool v = false;
	size_t len = sizeof(v);

	must(!mallctl(name, &v, &len, NULL, 0), name);
	return v;
}

static size_t indexed(const char *format, unsigned index)
{
	char name[96];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(name, sizeof(name), format, index);
#pragma GCC diagnostic pop
	return value(name);
}

static void print_class(size_t size, size_t regions)
{
	if (regions)
		victim_say("class %zu %zu", size, regions);
}

static void print_classes(void)
{
	unsigned bins = 0, larges = 0, i;
	size_t len = sizeof(bins);

	mallctl("arenas.nbins", &bins, &len, NULL, 0);
	len = sizeof(larges);
	mallctl("arenas.nlextents", &larges, &len, NULL, 0);
	refresh();
	for (i = 0; i < bins; i++)
		print_class(indexed("arenas.bin.%u.size", i),
			    indexed("stats.arenas.4096.bins.%u.curregs", i));
	for (i = 0; i < larges; i++)
		print_class(indexed("arenas.lextent.%u.size", i),
			    indexed("stats.arenas.4096.lextents.%u.curlextents",
				    i));
	victim_say("end");
}

static void write_text(void *arg, const char *text)
{
	size_t len = strlen(text);

	must(write(*(int *)arg, text, len) == (ssize_t)len, "write a file");
}

static void print_stats(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0, "make a file");
	malloc_stats_print(write_text, &fd, "J");
	close(fd);
}

static void set_flag(const char *name, bool to)
{
	must(!mallctl(name, NULL, NULL, &to, sizeof(to)), name);
}

static void keep_unsampled(size_t count, size_t size)
{
	set_flag("thread.prof.active", false);
	while (count--)
		keep(size);
	set_flag("thread.prof.active", true);
}

static bool command(const char *line)
{
	unsigned long long n, size;
	char text[200];

	if (sscanf(line, "malloc %llu %llu", &n, &size) == 2) {
		while (n--)
			keep(size);
	} else if (sscanf(line, "unsampled %llu %llu", &n, &size) == 2) {
		keep_unsampled(n, size);
	} else if (sscanf(line, "fragment %llu %llu", &n, &size) == 2) {
		fragment(n, size);
	} else if (sscanf(line, "churn %llu", &n) == 1) {
		churn(n);
	} else if (sscanf(line, "mmap %llu", &n) == 1) {
		map(n, -1);
	} else if (sscanf(line, "shared %llu", &n) == 1) {
		map_memfd(n);
	} else if (sscanf(line, "file %199s %llu", text, &n) == 2) {
		map_file(text, n);
	} else if (sscanf(line, "stacks %llu %llu", &n, &size) == 2) {
		start_threads(use_stack, (unsigned)n, size);
	} else if (sscanf(line, "arenas %llu", &n) == 1) {
		start_threads(allocate, (unsigned)n, PAGE);
	} else if (sscanf(line, "grow %llu", &n) == 1) {
		grown = realloc(grown, n);
		must(grown, "reallocate");
		memset(grown, 'x', n);
	} else if (sscanf(line, "untouched %llu", &n) == 1) {
		must(calloc(1, n), "allocate");
	} else if (sscanf(line, "value %199s", text) == 1) {
		refresh();
		victim_say("value %zu", value(text));
		return true;
	} else if (sscanf(line, "flag %199s", text) == 1) {
		victim_say("flag %d", flag(text));
		return true;
	} else if (!strcmp(line, "classes")) {
		print_classes();
		return true;
	} else if (sscanf(line, "print %199s", text) == 1) {
		print_stats(text);
	} else {
		return false;
	}
	victim_say("done");
	return true;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	victim_ready();
	victim_obey(command);
	return 0;
}
