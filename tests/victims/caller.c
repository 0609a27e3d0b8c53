/*
 * Its only thread never waits, and hardly ever runs code of its own: it is in
 * one system call of libc's after the other, as an event loop that always finds
 * something to do. What it has got is compared with what was sent.
 *
 *	--inside N	of each hundred rounds of calls so many are made inside
 *			the allocator, with its lock (it is started with shim.c
 *			then)
 *	--stale yes	return addresses of the allocator are left on its stack,
 *			in an array that it never writes
 *
 * Start it with --beat no: the loop beats.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/victims/victim.h"

enum { BYTES = 128 << 10, CALLS = 64, HUNDRED = 100, STALE_BYTES = 65536 };

static unsigned char *sent, *got;
static int fds[2];
static uint64_t inside;
static bool stale;
static void (**shim_inside)(void);

static void call(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		if (recv(fds[1], got, BYTES, MSG_PEEK) != BYTES)
			victim_harmed("recv: %s", strerror(errno));
}

static void check(void)
{
	ssize_t n = recv(fds[1], got, BYTES, MSG_PEEK);

	if (n != BYTES)
		victim_harmed("recv: %zd, %s", n, strerror(errno));
	else if (memcmp(sent, got, BYTES))
		victim_harmed("recv: other bytes");
	heartbeat->beats++;
}

/* Nobody else is to call it. */
static void call_once(void)
{
	*shim_inside = NULL;
	call();
}

/* jemalloc samples and unwinds: its frames lie where an array is to be. */
static __attribute__((noinline)) void leave_stale_words(void)
{
	void *volatile kept[64];
	size_t i;

	for (i = 0; stale && i < sizeof(kept) / sizeof(kept[0]); i++) {
		kept[i] = malloc(STALE_BYTES);
		free(kept[i]);
	}
}

static __attribute__((noinline)) void go_on(void)
{
	char buf[STALE_BYTES]; /* as a read buffer before the first read */
	void *volatile allocated;
	uint64_t i;

	__asm__ volatile("" ::"r"(buf) : "memory");
	do {
		for (i = 0; i < HUNDRED; i++) {
			if (i >= inside) {
				call();
				continue;
			}
			*shim_inside = call_once;
			allocated = calloc(1, sizeof(int));
			free(allocated);
		}
		check();
	} while (victim_obey_now(NULL));
}

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--inside"))
		inside = victim_number(value);
	else if (!strcmp(name, "--stale"))
		stale = !strcmp(value, "yes");
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, option);
	*(void **)&shim_inside = dlsym(RTLD_DEFAULT, "shim_inside");
	if (inside && !shim_inside)
		return 2;
	sent = malloc(BYTES);
	got = calloc(1, BYTES);
	if (!sent || !got ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return 1;
	memset(sent, 'x', BYTES);
	if (send(fds[0], sent, BYTES, 0) != BYTES)
		return 1;
	leave_stale_words();
	victim_ready();
	go_on();
	return 0;
}
