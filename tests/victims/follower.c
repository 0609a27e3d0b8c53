/*
 * A process that changes its groups when it is told, in a thread of its own:
 * for the kernel that is each thread's business, so glibc asks all of them by a
 * signal, waits until each has followed, and aborts when one fared otherwise
 * (nptl/nptl_setxid.c).
 *
 *	groups N	begins to; "asked"
 *	group		"group N": which one it has followed to last
 */
#include <errno.h>
#include <grp.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/victims/victim.h"

enum { BEAT_NS = 5000000 };

static sem_t asked;
static unsigned wanted, done;

/* The other threads' waits are interrupted by the signal: this one beats. */
static bool await_order(void)
{
	struct timespec until;

	__atomic_add_fetch(&heartbeat->beats, 1, __ATOMIC_RELAXED);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += BEAT_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	if (!sem_timedwait(&asked, &until))
		return true;
	if (errno == EINTR)
		victim_interrupted();
	return false;
}

static void *follow(void *arg)
{
	(void)arg;
	for (;;) {
		gid_t group;

		if (!await_order())
			continue;
		group = __atomic_load_n(&wanted, __ATOMIC_SEQ_CST);
		if (setgroups(1, &group))
			victim_harmed("setgroups: %s", strerror(errno));
		__atomic_store_n(&done, group, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static bool command(const char *line)
{
	unsigned group;

	if (sscanf(line, "groups %u", &group) == 1) {
		__atomic_store_n(&wanted, group, __ATOMIC_SEQ_CST);
		sem_post(&asked);
		victim_say("asked");
		return true;
	}
	if (strcmp(line, "group") != 0)
		return false;
	victim_say("group %u", __atomic_load_n(&done, __ATOMIC_SEQ_CST));
	return true;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	sem_init(&asked, 0, 0);
	victim_thread(follow, NULL);
	victim_ready();
	victim_obey(command);
	return heartbeat->harmed[0] != 0;
}
