/* Nested ranges are cut right, those of no length, backward or overlapping too.
 */
#include "symbol/dwarf/range_index.h"

#include "tests/unit/hs_check.h"

/* Random ranges, against painting each address by hand. */
START_TEST(nested_ranges)
{
	enum { SPAN = 200, RANGES = 30 };
	uint32_t random = (uint32_t)_i + 1, painted[SPAN], i, depth = 0;
	uint64_t low[RANGES], high[RANGES], at;
	struct range_map map = { 0 };

	for (at = 0; at < SPAN; at++)
		painted[at] = UINT32_MAX;
	/* Each lies in the one before. */
	for (i = 0; i < RANGES; i++) {
		uint64_t from = i ? low[i - 1] : 0;
		uint64_t to = i ? high[i - 1] : SPAN;

		random = random * 1103515245 + 12345;
		low[i] = from + (random >> 16) % ((to - from) / 4 + 1);
		high[i] = to - (random >> 8) % ((to - from) / 4 + 1);
		hs_ck_ok(range_map_add(&map, low[i], high[i], depth++, i));
		for (at = low[i]; at < high[i]; at++)
			painted[at] = i;
	}
	hs_ck_ok(range_map_flatten(&map));
	for (at = 0; at < SPAN; at++) {
		const struct range *r = range_map_find(&map, at);

		ck_assert_uint_eq(r ? r->id : UINT32_MAX, painted[at]);
	}
	range_map_release(&map);
}
END_TEST

START_TEST(odd_ranges)
{
	struct range_map map = { 0 };

	hs_ck_ok(range_map_flatten(&map));
	ck_assert_ptr_null(range_map_find(&map, 0));
	hs_ck_ok(range_map_add(&map, 5, 5, 0, 1)); /* empty */
	hs_ck_ok(range_map_add(&map, 9, 3, 0, 2)); /* backward */
	hs_ck_ok(range_map_add(&map, 10, 30, 0, 3));
	hs_ck_ok(range_map_add(&map, 20, 40, 0, 4)); /* overlaps 3 */
	hs_ck_ok(range_map_add(&map, 40, UINT64_MAX, 0, 5));
	hs_ck_ok(range_map_flatten(&map));
	ck_assert_ptr_null(range_map_find(&map, 5));
	ck_assert_ptr_null(range_map_find(&map, 9));
	ck_assert_uint_eq(range_map_find(&map, 10)->id, 3);
	ck_assert_uint_eq(range_map_find(&map, 19)->id, 3);
	ck_assert_uint_eq(range_map_find(&map, 20)->id, 4);
	ck_assert_uint_eq(range_map_find(&map, 39)->id, 4);
	ck_assert_uint_eq(range_map_find(&map, 40)->id, 5);
	ck_assert_uint_eq(range_map_find(&map, UINT64_MAX - 1)->id, 5);
	ck_assert_ptr_null(range_map_find(&map, UINT64_MAX));
	range_map_release(&map);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/dwarf/range_index");
	TCase *tcase = tcase_create("range_index");

	tcase_add_loop_test(tcase, nested_ranges, 0, 20);
	tcase_add_test(tcase, odd_ranges);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
