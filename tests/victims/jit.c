/*
 * A runtime that makes code: two functions in anonymous memory, which call
 * malloc() for objects that are kept, and /tmp/perf-PID.map with their names.
 *
 *	--names good	what their names are now, and were before (the default)
 *	--names none	no such file
 *	--names old	a file from before the process was started
 *
 * Commands:
 *	forget		the first function's memory is used again
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { OBJECTS = 1000, APART = 64 };

static const unsigned char code[] = {
	0x55,		  /* push %rbp */
	0x48, 0x89, 0xe5, /* mov %rsp, %rbp */
	0x48, 0x89, 0xf8, /* mov %rdi, %rax */
	0x48, 0x89, 0xf7, /* mov %rsi, %rdi */
	0xff, 0xd0,	  /* call *%rax */
	0x5d,		  /* pop %rbp */
	0xc3,		  /* ret */
};

typedef void *made_fn(void *(*allocate)(size_t), size_t size);

static void *kept[2 * OBJECTS];
static const char *names = "good";
static char path[64];
static unsigned char *memory;

static bool option(const char *name, const char *value)
{
	names = value;
	return !strcmp(name, "--names");
}

static void make(size_t at)
{
	memcpy(memory + at, code, sizeof(code));
}

static void use(made_fn *fn, size_t first)
{
	size_t i;

	for (i = 0; i < OBJECTS; i++) {
		kept[first + i] = fn(malloc, first ? 96 : 512);
		if (!kept[first + i])
			_exit(2);
	}
}

static void write_names(const char *mode, const char *format, void *a, void *b)
{
	char text[400];
	int n = snprintf(text, sizeof(text), format, a, a, b);
	FILE *f = fopen(path, mode);

	if (!f || n < 0 || fwrite(text, 1, (size_t)n, f) != (size_t)n ||
	    fclose(f))
		_exit(2);
}

static bool forget(const char *line)
{
	if (strcmp(line, "forget"))
		return false;
	write_names("a", "%p 4 third\n", memory, memory);
	victim_say("forgotten");
	return true;
}

int main(int argc, char **argv)
{
	const struct timespec before[2] = { { .tv_sec = 1000000000 },
					    { .tv_sec = 1000000000 } };

	victim_begin(argc, argv, option);
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		_exit(2);
	make(0);
	make(APART);
	if (mprotect(memory, 4096, PROT_READ | PROT_EXEC))
		_exit(2);
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	if (strcmp(names, "none"))
		write_names("w",
			    "%p 100 interpreter\n"
			    "%p 10 *first /srv/app.js:1:7\n"
			    "%p 10 ~second <T>(\"x\")\n",
			    memory, memory + APART);
	if (!strcmp(names, "old") && utimensat(0, path, before, 0))
		_exit(2);
	use((made_fn *)(uintptr_t)memory, 0);
	use((made_fn *)(uintptr_t)(memory + APART), OBJECTS);
	victim_ready();
	victim_obey(forget);
	unlink(path);
	return 0;
}
