/*
 * base/nearest: the word that was meant is found, and none where none is near.
 */
#include "base/nearest.h"

#include <stdint.h>

#include "tests/unit/hs_check.h"

START_TEST(distances)
{
	ck_assert_uint_eq(nearest_distance("", ""), 0);
	ck_assert_uint_eq(nearest_distance("", "abc"), 3);
	ck_assert_uint_eq(nearest_distance("abc", ""), 3);
	ck_assert_uint_eq(nearest_distance("snpa", "snap"), 1);
	ck_assert_uint_eq(nearest_distance("snap", "snap"), 0);
	ck_assert_uint_eq(nearest_distance("kitten", "sitting"), 3);
	/* Letters that were swapped are not changed again. */
	ck_assert_uint_eq(nearest_distance("ca", "abc"), 3);
}
END_TEST

START_TEST(too_long)
{
	char word[65];

	memset(word, 'a', 64);
	word[64] = '\0';
	ck_assert_uint_eq(nearest_distance(word, "a"), SIZE_MAX);
	ck_assert_uint_eq(nearest_distance("a", word), SIZE_MAX);
	ck_assert_uint_eq(nearest_distance(word + 1, "a"), 62);
}
END_TEST

static const struct {
	const char *typed, *best;
} meant[] = {
	{ "stas", "stats" },  { "lst", "list" },
	{ "snapshot", NULL }, { "comp", "compare" },
	{ "c", NULL },	      { "", NULL },
	{ "frob", NULL },     { "comparee", "compare" },
};

START_TEST(what_is_meant)
{
	static const char *const words[] = { "snap", "stats", "list", "compare",
					     NULL };
	struct nearest n = { .word = meant[_i].typed };
	const char *const *word;

	for (word = words; *word; word++)
		nearest_consider(&n, *word);
	ck_assert_pstr_eq(n.best, meant[_i].best);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base/nearest");
	TCase *tcase = tcase_create("nearest");

	tcase_add_test(tcase, distances);
	tcase_add_test(tcase, too_long);
	tcase_add_loop_test(tcase, what_is_meant, 0,
			    sizeof(meant) / sizeof(meant[0]));
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
