/* The heap of a real process is opened and read, and a signal ends that at any
 * point. */
#include "contents/live_heap.h"

#include <signal.h>

#include "tests/unit/shop_child.h"

enum { LONG_US = 60 * 1000000 };

struct look {
	struct victim victim;
	struct identity id;
	volatile sig_atomic_t stop;
	struct live_heap heap;
	struct heap_regions regions;
	struct thread_caches caches;
};

static struct hs_error *look_begin(struct look *l)
{
	struct deadline d;

	l->regions = (struct heap_regions){ 0 };
	shop_start(&l->victim);
	hs_ck_ok(identity_open(l->victim.pid, &l->id));
	d = deadline_in(LONG_US, &l->stop);
	return live_heap_open(&l->id, 0, &d, &l->heap);
}

static void look_end(struct look *l)
{
	heap_regions_release(&l->regions);
	thread_caches_release(&l->caches);
	live_heap_close(&l->heap);
	identity_close(&l->id);
	victim_end(&l->victim);
}

START_TEST(reads_what_is_in_use)
{
	struct look l = { 0 };

	hs_ck_ok(look_begin(&l));
	hs_ck_ok(live_heap_read(&l.heap, UINT64_MAX, &l.regions, &l.caches));
	/* 64 bytes: two steps a session. */
	ck_assert_uint_eq(heap_class_size(4), 64);
	ck_assert_uint_eq(l.regions.classes[4].live, 40000);
	ck_assert_uint_ge(l.caches.found, 1);
	look_end(&l);
}
END_TEST

START_TEST(stops_while_it_opens)
{
	struct look l = { .stop = SIGINT };

	hs_ck_err(look_begin(&l), HS_ERROR_INTERRUPTED,
		  "interrupted: Interrupt");
	look_end(&l);
}
END_TEST

START_TEST(stops_while_it_reads)
{
	struct look l = { 0 };

	hs_ck_ok(look_begin(&l));
	l.stop = SIGINT;
	hs_ck_err(live_heap_read(&l.heap, UINT64_MAX, &l.regions, &l.caches),
		  HS_ERROR_INTERRUPTED, "interrupted: Interrupt");
	ck_assert_uint_eq(l.regions.n, 0);
	look_end(&l);
}
END_TEST

/* A process without a jemalloc has no such heap. */
START_TEST(refuses_others)
{
	struct look l = { 0 };
	struct deadline d = deadline_in(LONG_US, NULL);
	struct hs_error *err;

	victim_start(&l.victim, "plain", VICTIM_PLAIN, NULL, NULL);
	hs_ck_ok(identity_open(l.victim.pid, &l.id));
	err = live_heap_open(&l.id, 0, &d, &l.heap);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_UNPROFILED);
	hs_error_free(err);
	look_end(&l);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/live_heap", reads_what_is_in_use,
			    stops_while_it_opens, stops_while_it_reads,
			    refuses_others);
}
