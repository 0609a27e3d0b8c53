/* Numbers as people read them. */
#include "base/units.h"

#include "base/array.h"
#include "tests/unit/hs_check.h"

static const struct {
	int64_t bytes;
	bool sign;
	enum units units;
	const char *want;
} sizes[] = {
	{ 0, true, UNITS_IEC, "0 B" },
	{ 1023, true, UNITS_IEC, "+1023 B" },
	{ 1024, false, UNITS_IEC, "1.0 KiB" },
	{ -1536, true, UNITS_IEC, "-1.5 KiB" },
	{ 1048524, false, UNITS_IEC, "1023.9 KiB" },
	{ 1048575, false, UNITS_IEC, "1.0 MiB" },
	{ 12897485, true, UNITS_IEC, "+12.3 MiB" },
	{ 12897485, true, UNITS_BYTES, "+12897485 B" },
	{ INT64_MAX, false, UNITS_IEC, "8.0 EiB" },
	{ INT64_MIN, false, UNITS_IEC, "-8.0 EiB" },
};

START_TEST(bytes)
{
	struct strbuf sb = { 0 };

	units_add_bytes(&sb, sizes[_i].bytes, sizes[_i].sign, sizes[_i].units);
	ck_assert_str_eq(strbuf_str(&sb), sizes[_i].want);
	strbuf_release(&sb);
}
END_TEST

/* In the unit of what it is the error of, unless nothing would be left. */
START_TEST(error)
{
	struct strbuf sb = { 0 };

	units_add_error(&sb, 943718, 12897485, UNITS_IEC);
	strbuf_addc(&sb, '|');
	units_add_error(&sb, 2048, 12897485, UNITS_IEC);
	strbuf_addc(&sb, '|');
	units_add_error(&sb, 943718, 64, UNITS_IEC);
	strbuf_addc(&sb, '|');
	units_add_error(&sb, 943718, 12897485, UNITS_BYTES);
	ck_assert_str_eq(strbuf_str(&sb), "0.9 MiB|2.0 KiB|921.6 KiB|943718 B");
	strbuf_release(&sb);
}
END_TEST

START_TEST(counts)
{
	struct strbuf sb = { 0 };

	units_add_count(&sb, 0, true);
	strbuf_addc(&sb, '|');
	units_add_count(&sb, 999, true);
	strbuf_addc(&sb, '|');
	units_add_count(&sb, -1000, true);
	strbuf_addc(&sb, '|');
	units_add_count(&sb, 1002003, false);
	strbuf_addc(&sb, '|');
	units_add_counted(&sb, 1, "object", true);
	strbuf_addc(&sb, '|');
	units_add_counted(&sb, 0, "stack", false);
	ck_assert_str_eq(strbuf_str(&sb),
			 "0|+999|-1,000|1,002,003|+1 object|0 stacks");
	strbuf_release(&sb);
}
END_TEST

START_TEST(durations)
{
	static const int64_t us[] = { 412,	  4210,	       21500,
				      10000000,	  119900000,   303000000,
				      7500000000, 200000000000 };
	struct strbuf sb = { 0 };
	size_t i;

	for (i = 0; i < sizeof(us) / sizeof(us[0]); i++) {
		units_add_duration(&sb, us[i]);
		strbuf_addc(&sb, '|');
	}
	ck_assert_str_eq(strbuf_str(&sb),
			 "412 us|4.2 ms|21 ms|10.0 s|119.9 s|5 min 3 s|"
			 "2 h 5 min|2 days 7 h|");
	strbuf_release(&sb);
	for (i = 0; i < sizeof(us) / sizeof(us[0]); i++) {
		units_add_about(&sb, (double)us[i] / 1e6);
		strbuf_addc(&sb, '|');
	}
	ck_assert_str_eq(strbuf_str(&sb),
			 "0 s|0 s|0 s|10 s|120 s|5 min|2 h|2 days|");
	strbuf_release(&sb);
}
END_TEST

START_TEST(exact)
{
	static const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {
		{ 0, "0 B" },
		{ 512, "512 B" },
		{ 1000, "1000 B" },
		{ 1 << 19, "512 KiB" },
		{ (1 << 20) + 1024, "1025 KiB" },
		{ UINT64_C(1) << 63, "8 EiB" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		units_add_exact(&sb, cases[i].bytes);
		ck_assert_str_eq(strbuf_str(&sb), cases[i].want);
	}
}
END_TEST

/* Flush left and right; characters count, not bytes; no spaces at the end. */
int main(void)
{
	Suite *suite = suite_create("base/units");
	TCase *tcase = tcase_create("units");

	tcase_add_loop_test(tcase, bytes, 0, sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(tcase, error);
	tcase_add_test(tcase, exact);
	tcase_add_test(tcase, counts);
	tcase_add_test(tcase, durations);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
