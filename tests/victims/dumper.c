/*
 * What heapsnap takes for a jemalloc, with a dump of our own making: it says
 * something to stderr, which may be closed, between its parts, or waits in the
 * middle for as long as it likes.
 *
 * Options:
 *	--wait SECONDS	after the first MiB of the dump; then there are 63 more
 *	--endless HOW	after the first MiB the dump goes on for ever: "spin",
 *			by system calls that write nothing, "flood", by ones
 *			that do, or "drip", by a stack now and then
 *	--stderr no	is closed
 *	--forge yes	behind it, lines that only heapsnap writes
 *	--crash NAME	mallctl(NAME) crashes, and no thread that called
 *			mallctl() may end as threads do after it
 *	--old yes	is of version 3.6.0, whose threads cannot dump before
 *			their first allocation
 *
 * Commands:
 *	dump	prints "dump written=BYTES failed=WRITES errno=N size=BYTES" of
 *		the last one that ended, or "dump none"
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/no_mib.h"
#include "tests/victims/victim.h"

enum { BLOCK = 65536, MIB = 1 << 20 };

int je_prof_mdump(const char *path);

static time_t wait_s;
static bool no_stderr, old_version, forge, dumped;
static __thread bool has_allocated;
static const char *crash = "", *endless = "";
static pthread_key_t key;
static long long written, failed, size;
static int errnum;

static void put(int fd, const char *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	if (n >= 0) {
		written += n;
		return;
	}
	failed++;
	errnum = errno;
}

/* Many times a stack of one frame, one object of 16 bytes. */
static void put_stacks(int fd, size_t bytes)
{
	static const char stack[] = "@ 0x1000\n  t*: 1: 16 [0: 0]\n"
				    "  t0: 1: 16 [0: 0]\n";
	static char block[BLOCK];
	size_t at = 0;

	while (at + sizeof(stack) < sizeof(block)) {
		memcpy(block + at, stack, sizeof(stack) - 1);
		at += sizeof(stack) - 1;
	}
	for (; bytes > at; bytes -= at) {
		put(fd, block, at);
		if (write(STDERR_FILENO, "a word\n", 7) < 0)
			continue;
	}
}

/* Under way for ever. */
static void go_on(int fd)
{
	static const char stack[] = "@ 0x1000\n  t*: 1: 16 [0: 0]\n";
	const struct timespec pause = { .tv_nsec = 10000000 };
	const bool floods = !strcmp(endless, "flood");
	const bool drips = !strcmp(endless, "drip");

	for (;;) {
		if (floods)
			put_stacks(fd, MIB);
		if (drips)
			put(fd, stack, sizeof(stack) - 1);
		if (!floods || failed) {
			syscall(SYS_getppid);
			nanosleep(&pause, NULL);
		}
	}
}

/* The name is what jemalloc's own functions look like. */
int je_prof_mdump(const char *path)
{
	static const char head[] = "heap_v2/1\n  t*: 1: 16 [0: 0]\n"
				   "  t0: 1: 16 [0: 0]\n";
	static const char forged[] =
		"# heapsnap 1\n# heapsnap command other\n"
		"# heapsnap name 0xfff innocent /srv/innocent.c 1 0\n"
		"# heapsnap name 0x1000 innocent /srv/innocent.c 1 0\n"
		"# heapsnap\n# heapsnap end\n# heapsnap 1";
	struct timespec pause = { .tv_sec = wait_s };
	int fd = creat(path, 0644);
	struct stat st;

	if (fd < 0)
		return EFAULT;
	written = failed = 0;
	errnum = 0;
	put(fd, head, sizeof(head) - 1);
	put_stacks(fd, MIB);
	if (endless[0])
		go_on(fd);
	if (wait_s) {
		nanosleep(&pause, NULL);
		put_stacks(fd, 63 * MIB);
	}
	if (forge)
		put(fd, forged, sizeof(forged) - 1);
	size = fstat(fd, &st) ? -1 : (long long)st.st_blocks * 512;
	close(fd);
	__atomic_store_n(&dumped, true, __ATOMIC_SEQ_CST);
	return 0;
}

extern void __libc_free(void *p);
extern void *__libc_memalign(size_t alignment, size_t size);

int posix_memalign(void **ret, size_t alignment, size_t bytes)
{
	has_allocated = true;
	*ret = __libc_memalign(alignment, bytes);
	return *ret ? 0 : ENOMEM;
}

void free(void *p)
{
	__libc_free(p);
}

int mallctl(const char *name, void *old, size_t *old_len, void *value,
	    size_t len)
{
	static const char *const on[] = { "config.prof", "opt.prof",
					  "prof.active" };
	const char *version = old_version ? "3.6.0-0-g0" : "5.3.0-0-g0";
	size_t i;

	pthread_setspecific(key, &key);
	if (!strcmp(name, crash))
		*(volatile int *)0 = 1;
	if (!strcmp(name, "prof.dump") && old_version && !has_allocated)
		return EFAULT;
	if (!strcmp(name, "prof.dump") && len == sizeof(char *))
		return je_prof_mdump(*(char **)value);
	if (!strcmp(name, "version") && *old_len == sizeof(char *)) {
		*(const char **)old = version;
		return 0;
	}
	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		if (!strcmp(name, on[i]) && *old_len == 1) {
			*(bool *)old = true;
			return 0;
		}
	}
	return ENOENT;
}

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--wait"))
		wait_s = (time_t)victim_number(value);
	else if (!strcmp(name, "--endless"))
		endless = value;
	else if (!strcmp(name, "--stderr"))
		no_stderr = !strcmp(value, "no");
	else if (!strcmp(name, "--old"))
		old_version = !strcmp(value, "yes");
	else if (!strcmp(name, "--forge"))
		forge = !strcmp(value, "yes");
	else if (!strcmp(name, "--crash"))
		crash = value;
	else
		return false;
	return true;
}

static bool command(const char *line)
{
	if (strcmp(line, "dump"))
		return false;
	if (__atomic_load_n(&dumped, __ATOMIC_SEQ_CST))
		victim_say("dump written=%lld failed=%lld errno=%d size=%lld",
			   written, failed, errnum, size);
	else
		victim_say("dump none");
	return true;
}

static void clean_up(void *arg)
{
	(void)arg;
	if (crash[0])
		victim_harmed("a thread cleans up after a crash");
}

int main(int argc, char **argv)
{
	pthread_key_create(&key, clean_up);
	victim_begin(argc, argv, option);
	if (no_stderr)
		close(STDERR_FILENO);
	victim_ready();
	victim_obey(command);
	return 0;
}
