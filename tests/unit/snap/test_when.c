/*
 * snap/when: conditions are read whole or refused, hold from their amount on,
 * and are looked at the sooner the nearer they are.
 */
#include "snap/when.h"

#include "tests/unit/hs_check.h"

enum { MIB = 1 << 20, S = 1000000 };

static const struct {
	const char *text;
	enum when_kind kind;
	uint64_t amount;
} right[] = {
	{ "rss:6G", WHEN_RSS, 6ull << 30 },
	{ "rss:4096", WHEN_RSS, 4096 },
	{ "growth:1.5MiB", WHEN_GROWTH, 3 << 19 },
	{ "limit:90%", WHEN_LIMIT, 90 },
	{ "limit:1%", WHEN_LIMIT, 1 },
	{ "limit:100%", WHEN_LIMIT, 100 },
};

START_TEST(is_read)
{
	struct when w;

	hs_ck_ok(when_parse(right[_i].text, &w));
	ck_assert_str_eq(w.text, right[_i].text);
	ck_assert_int_eq(w.kind, right[_i].kind);
	ck_assert_uint_eq(w.amount, right[_i].amount);
}
END_TEST

static const char *const wrong[] = {
	"",
	"rss",
	"rss:",
	"rss:0",
	"rss:6X",
	"rss:-1",
	"limit:90",
	"limit:%",
	"limit:0%",
	"limit:101%",
	"limit:9G",
	"growth:0",
	"growth:%",
	"pss:1M",
	" rss:1M",
	"RSS:1M",
	"limit:1%%",
	"rss:1M ",
	"growth:1M,rss:1M",
};

START_TEST(is_refused)
{
	struct when w;
	struct hs_error *err = when_parse(wrong[_i], &w);

	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_USAGE);
	ck_assert_ptr_nonnull(strstr(hs_error_message(err),
				     "want rss:SIZE, limit:PERCENT% or "
				     "growth:SIZE"));
	hs_error_free(err);
}
END_TEST

static uint64_t missing(const char *text, struct memory_reading now,
			uint64_t rss)
{
	struct when w;

	hs_ck_ok(when_parse(text, &w));
	return when_missing(&w, &now, rss);
}

START_TEST(holds)
{
	const struct memory_reading now = {
		.rss = 10 * MIB, .limited = true, .limit = 200, .used = 179
	};
	struct memory_reading other = now;

	ck_assert_uint_eq(missing("rss:10M", now, 0), 0);
	ck_assert_uint_eq(missing("rss:11M", now, 0), MIB);
	ck_assert_uint_eq(missing("growth:4M", now, 6 * MIB), 0);
	ck_assert_uint_eq(missing("growth:4M", now, 7 * MIB), MIB);
	/* It shrank since. */
	ck_assert_uint_eq(missing("growth:4M", now, 20 * MIB), 14 * MIB);
	ck_assert_uint_eq(missing("limit:90%", now, 0), 1);
	other.used = 180;
	ck_assert_uint_eq(missing("limit:90%", other, 0), 0);
	other.limited = false;
	ck_assert_uint_eq(missing("limit:90%", other, 0), UINT64_MAX);
	other = (struct memory_reading){ 0, true, 1ull << 61, 1ull << 61 };
	ck_assert_uint_eq(missing("limit:100%", other, 0), 0);
}
END_TEST

START_TEST(looks_sooner)
{
	struct when_pace p = { 0 };

	/* Nothing is known of the rate. */
	ck_assert_int_eq(when_pace(&p, 100 * MIB, S), S);
	/* 4 MiB a second: 25 s are left, and a quarter is more than a second. */
	ck_assert_int_eq(when_pace(&p, 96 * MIB, 2 * S), S);
	/* 48 MiB a second: a second is left. */
	ck_assert_int_eq(when_pace(&p, 48 * MIB, 3 * S), S / 4);
	/* 96 MiB a second. */
	ck_assert_int_eq(when_pace(&p, 24 * MIB, 3 * S + S / 4), S / 16);
	ck_assert_int_eq(when_pace(&p, 1, 3 * S + S / 2), WHEN_SHORTEST_US);
}
END_TEST

START_TEST(is_slower_where_nothing_can_be_missed)
{
	struct when_pace p = { 0 };

	ck_assert_int_eq(when_pace(&p, 512 * MIB, S), S);
	ck_assert_int_ge(when_pace(&p, 2048ull * MIB, 2 * S), 2 * S);
	ck_assert_int_le(when_pace(&p, 2048ull * MIB, 3 * S), 2 * S + S / 100);
	ck_assert_int_eq(when_pace(&p, UINT64_MAX, 4 * S), WHEN_FAR_US);
	p = (struct when_pace){ 0 };
	/* 1 GiB a second: of 8 GiB a quarter takes two. */
	when_pace(&p, 9216ull * MIB, 5 * S);
	ck_assert_int_eq(when_pace(&p, 8192ull * MIB, 6 * S), 2 * S);
}
END_TEST

START_TEST(is_slower_where_it_rests)
{
	struct when_pace p = { 0 };

	ck_assert_int_eq(when_pace(&p, 20 * MIB, S), S);
	ck_assert_int_eq(when_pace(&p, 20 * MIB, 60ll * S), S);
	ck_assert_int_eq(when_pace(&p, 20 * MIB, 61ll * S), 3 * S);
	/* Up and down by a page, and by much, but no nearer. */
	ck_assert_int_eq(when_pace(&p, 20 * MIB - 4096, 63ll * S), 3 * S);
	ck_assert_int_eq(when_pace(&p, 40 * MIB, 65ll * S), 3 * S);
	/* It takes 2 MiB a second. */
	ck_assert_int_eq(when_pace(&p, 38 * MIB, 66ll * S), 3 * S);
	ck_assert_int_eq(when_pace(&p, 36 * MIB, 67ll * S), 3 * S);
	when_pace(&p, 20 * MIB - 4096, 75ll * S);
	/* Nearer than ever. */
	ck_assert_int_eq(when_pace(&p, 18 * MIB, 76ll * S), S);
	ck_assert_int_eq(when_pace(&p, 18 * MIB, 135ll * S), S);
	ck_assert_int_eq(when_pace(&p, 18 * MIB, 136ll * S), 3 * S);
}
END_TEST

START_TEST(remembers_the_rate)
{
	struct when_pace p = { 0 };
	int64_t pause;

	when_pace(&p, 20 * MIB, S);
	when_pace(&p, 10 * MIB, 2 * S);
	/* It stands still: half of 10 MiB a second, so 2 s are left, */
	pause = when_pace(&p, 10 * MIB, 3 * S);
	ck_assert_int_ge(pause, S / 2 - 1);
	ck_assert_int_le(pause, S / 2 + 1);
	/* and after half a minute nothing of that is. */
	ck_assert_int_eq(when_pace(&p, 10 * MIB, 33ll * S), S);
	/* It shrinks. */
	ck_assert_int_eq(when_pace(&p, 30 * MIB, 34ll * S), S);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snap/when");
	TCase *tcase = tcase_create("snap/when");

	tcase_add_loop_test(tcase, is_read, 0,
			    sizeof(right) / sizeof(right[0]));
	tcase_add_loop_test(tcase, is_refused, 0,
			    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tcase, holds);
	tcase_add_test(tcase, looks_sooner);
	tcase_add_test(tcase, is_slower_where_nothing_can_be_missed);
	tcase_add_test(tcase, is_slower_where_it_rests);
	tcase_add_test(tcase, remembers_the_rate);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
