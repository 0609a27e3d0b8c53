/* The regions of a real process, read from outside, are those that its jemalloc
 * counts itself: exactly, in each size class, and what its thread keeps in its
 * cache is told apart. Nothing of it comes into memory by that. */
#include "target/thread_caches.h"

#include "proc/passive_memory.h"
#include "target/heap_use.h"
#include "tests/unit/shop_child.h"

/* A process, and all that is read of it. */
struct look {
	struct victim victim;
	struct maps maps;
	struct heap_ranges data, heap;
	struct passive_memory memory;
	struct heap_tree tree;
	struct heap_regions regions;
	struct thread_caches caches;
};

/* The data of libjemalloc.so, and all memory that may be its heap. */
static void find_ranges(struct look *l)
{
	const struct mapping *library = NULL;
	size_t i;

	for (i = 0; i < l->maps.n; i++) {
		const struct mapping *m = &l->maps.items[i];

		if (!library && strstr(m->path, "libjemalloc"))
			library = m;
		if (m->write && !m->shared && !mapping_has_file(m))
			hs_ck_ok(heap_ranges_add(&l->heap, m->start, m->end));
	}
	ck_assert_ptr_nonnull(library);
	hs_ck_ok(heap_use_data(&l->maps, library, &l->data));
}

static void look_begin(struct look *l)
{
	struct memory_source source;
	bool found, whole;

	memset(l, 0, sizeof(*l));
	shop_start(&l->victim);
	hs_ck_ok(maps_read(l->victim.pid, &l->maps));
	find_ranges(l);
	hs_ck_ok(passive_memory_open(l->victim.pid, &l->maps, 0, &l->memory));
	source = passive_memory_source(&l->memory);
	hs_ck_ok(heap_tree_find(&source, &l->data, &l->heap, &l->tree, &found));
	ck_assert(found);
	hs_ck_ok(heap_regions_read(&l->tree, &l->heap, SIZE_MAX, &l->regions,
				   &whole));
	ck_assert(whole);
	ck_assert_uint_eq(l->regions.unclear, 0);
}

static void look_end(struct look *l)
{
	thread_caches_release(&l->caches);
	heap_regions_release(&l->regions);
	passive_memory_close(&l->memory);
	heap_ranges_release(&l->data);
	heap_ranges_release(&l->heap);
	maps_release(&l->maps);
	victim_end(&l->victim);
}

/* Those that jemalloc counted, and none else. */
static void check_classes(const struct look *l)
{
	const char *text = l->victim.said;
	uint64_t size, count, want[HEAP_CLASSES] = { 0 };
	unsigned i = 0, n = 0;

	while (shop_line(&text, "class", &size, &count)) {
		for (i = 0; heap_class_size(i) != size; i++)
			ck_assert_uint_lt(i, HEAP_CLASSES);
		want[i] = count;
		n++;
	}
	ck_assert_uint_ge(n, 5);
	for (i = 0; i < HEAP_CLASSES; i++) {
		const struct heap_class_use *use = &l->regions.classes[i];

		ck_assert_msg(use->live + use->cached == want[i],
			      "%" PRIu64 " bytes: %" PRIu64 " and %" PRIu64
			      " cached, not %" PRIu64,
			      heap_class_size(i), use->live, use->cached,
			      want[i]);
	}
}

START_TEST(counts_are_jemallocs)
{
	struct look l;

	look_begin(&l);
	check_classes(&l);
	look_end(&l);
}
END_TEST

START_TEST(cached_are_told_apart)
{
	uint64_t size, count, cached = 0;
	const char *text;
	struct look l;
	unsigned i;

	look_begin(&l);
	hs_ck_ok(thread_caches_take(&l.tree, &l.heap, &l.regions, &l.caches));
	ck_assert_uint_ge(l.caches.found, 1);
	ck_assert_uint_eq(l.caches.stale, 0);
	check_classes(&l);
	text = l.victim.said;
	ck_assert(shop_line(&text, "cached", &size, &count));
	for (i = 0; i < HEAP_CLASSES; i++) {
		const uint64_t n = l.regions.classes[i].cached;

		cached += n;
		ck_assert_uint_eq(n, heap_class_size(i) == size ? count : 0);
	}
	ck_assert_uint_eq(cached, count);
	look_end(&l);
}
END_TEST

START_TEST(nothing_is_touched)
{
	uint64_t before;
	struct look l;
	bool whole;

	look_begin(&l);
	before = resident_pages(l.victim.pid);
	heap_regions_release(&l.regions);
	hs_ck_ok(heap_regions_read(&l.tree, &l.heap, SIZE_MAX, &l.regions,
				   &whole));
	hs_ck_ok(thread_caches_take(&l.tree, &l.heap, &l.regions, &l.caches));
	ck_assert_uint_gt(l.memory.untouched, 0);
	ck_assert_uint_eq(resident_pages(l.victim.pid), before);
	look_end(&l);
}
END_TEST

int main(void)
{
	return hs_check_run("target/heap_live", counts_are_jemallocs,
			    cached_are_told_apart, nothing_is_touched);
}
