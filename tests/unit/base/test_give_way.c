/* A thread that gives way does so alone, and not more than once. */
#include "base/give_way.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "tests/unit/hs_check.h"

struct standing {
	int nice, policy;
};

static struct standing now(void)
{
	return (struct standing){ getpriority(PRIO_PROCESS, 0),
				  sched_getscheduler(0) };
}

static void *give_way_twice(void *arg)
{
	struct standing *seen = arg;

	give_way();
	seen[0] = now();
	give_way();
	seen[1] = now();
	return NULL;
}

START_TEST(one_thread_alone)
{
	const struct standing before = now();
	struct standing seen[2], after;
	pthread_t thread;
	size_t i;

	ck_assert_int_lt(before.nice, 19);
	ck_assert_int_eq(pthread_create(&thread, NULL, give_way_twice, seen),
			 0);
	pthread_join(thread, NULL);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(seen[i].policy, SCHED_BATCH);
		ck_assert_int_eq(seen[i].nice,
				 before.nice > 10 ? before.nice : 10);
	}
	after = now();
	ck_assert_int_eq(after.nice, before.nice);
	ck_assert_int_eq(after.policy, before.policy);
}
END_TEST

int main(void)
{
	return hs_check_run("base/give_way", one_thread_alone);
}
