/* The region that holds an address is the one that a plain search finds,
 * however the slabs lie: side by side, far apart, in more groups than there are
 * areas. */
#include "contents/graph_index.h"

#include "tests/unit/hs_check.h"

enum { SLABS = 3000 };

static struct heap_slab slabs[SLABS];
static const struct heap_regions regions = { .slabs = slabs, .n = SLABS };
static struct heap_range everywhere = { 0, UINT64_MAX };
static const struct heap_ranges all = { &everywhere, 1, 1 };

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return *seed >> 33;
}

/* Slabs from @at on, between which is something now and then, up to @gap; far
 * away now and then, up to @jump. */
static void fill(uint64_t at, uint64_t gap, uint64_t jump)
{
	uint64_t seed = at + gap + jump;
	size_t i, k;

	for (i = 0; i < SLABS; i++) {
		struct heap_slab *s = &slabs[i];

		*s = (struct heap_slab){ .address = at };
		s->szind = (uint16_t)(next(&seed) % 45);
		s->n = (uint16_t)(next(&seed) % HEAP_SLAB_REGIONS + 1);
		for (k = 0; k < HEAP_BITMAP_WORDS; k++)
			s->free[k] = next(&seed) << 31 & next(&seed) << 20;
		s->size = heap_class_size(s->szind);
		at += s->n * s->size;
		at = (at + 63) / 64 * 64;
		if (gap && next(&seed) % 4 == 0)
			at += next(&seed) % gap / 64 * 64;
		if (jump && next(&seed) % 100 == 0)
			at += (next(&seed) << 12) % jump / 64 * 64;
	}
}

static void check_at(const struct graph_index *index, uint64_t address)
{
	const struct graph_slab *slab = NULL;
	const uint32_t found = graph_index_find(index, address, &slab);
	struct heap_region want;

	if (!heap_regions_find(&regions, address, true, &want) ||
	    !heap_region_live(&regions, &want)) {
		ck_assert_uint_eq(found, GRAPH_NONE);
		return;
	}
	ck_assert_uint_ne(found, GRAPH_NONE);
	ck_assert_ptr_eq(slab, &index->slabs[want.slab]);
	ck_assert_uint_eq(found, slab->first + want.i);
	ck_assert_ptr_eq(graph_index_slab(index, found), slab);
	ck_assert_uint_eq(index->classes[found], slabs[want.slab].szind);
	ck_assert_uint_eq(graph_index_address(index, found),
			  slab->address + want.i * slab->size);
}

static void check(uint64_t at, uint64_t gap, uint64_t jump)
{
	struct graph_index index;
	uint64_t seed = 5;
	size_t i, k;

	fill(at, gap, jump);
	hs_ck_ok(graph_index_make(&regions, &all, &index));
	ck_assert_uint_eq(index.n, SLABS);
	ck_assert_uint_eq(index.left_out, 0);
	for (i = 0; i < SLABS; i++) {
		const uint64_t start = slabs[i].address;
		const uint64_t len = slabs[i].n * slabs[i].size;

		check_at(&index, start - 1);
		check_at(&index, start);
		check_at(&index, start + len - 1);
		check_at(&index, start + len);
		for (k = 0; k < 20; k++)
			check_at(&index, start + next(&seed) % len);
	}
	check_at(&index, 0);
	check_at(&index, UINT64_MAX);
	/* Whatever the addresses are, it is not larger. */
	ck_assert_uint_le(index.bytes,
			  (uint64_t)index.n_regions * 9 / 8 + SLABS * 40 + 512);
	graph_index_release(&index);
}

START_TEST(side_by_side)
{
	check(UINT64_C(0x7f1000000000), 0, 0);
}
END_TEST

START_TEST(with_gaps)
{
	check(UINT64_C(0x7f1000000000), 1 << 20, 0);
}
END_TEST

START_TEST(in_groups)
{
	check(UINT64_C(0x555500000000), 1 << 16, UINT64_C(1) << 42);
	check(UINT64_C(0x5555000), 1 << 16, UINT64_C(1) << 30);
}
END_TEST

START_TEST(nothing)
{
	const struct heap_regions none = { .slabs = slabs };
	struct graph_index index;

	hs_ck_ok(graph_index_make(&none, &all, &index));
	ck_assert_uint_eq(graph_index_find(&index, 4096, NULL), GRAPH_NONE);
	ck_assert_uint_eq(index.n_regions, 0);
	graph_index_release(&index);
}
END_TEST

/* Only what is wholly in memory that is there. */
START_TEST(outside)
{
	struct heap_range some[2];
	const struct heap_ranges heap = { some, 2, 2 };
	struct graph_index index;

	fill(UINT64_C(0x7f1000000000), 0, 0);
	some[0] = (struct heap_range){ slabs[10].address, slabs[20].address };
	some[1] = (struct heap_range){ slabs[30].address + 8,
				       slabs[40].address + 8 };
	hs_ck_ok(graph_index_make(&regions, &heap, &index));
	ck_assert_uint_eq(index.n, 10 + 9);
	ck_assert_uint_eq(index.left_out, SLABS - 19);
	ck_assert_uint_eq(index.slabs[0].address, slabs[10].address);
	ck_assert_uint_eq(index.slabs[10].address, slabs[31].address);
	graph_index_release(&index);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/graph_index", side_by_side, with_gaps,
			    in_groups, nothing, outside);
}
