/* Strict numbers: which are accepted, and that all others are rejected with the
 * result unchanged. */
#include "base/parse.h"

#include <inttypes.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

enum { UNTOUCHED = 4711 };

START_TEST(u64)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "007", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x1", false, 0 },
		{ "1e3", false, 0 },
		{ "\xd9\xa1", false, 0 },
	};
	uint64_t value = UNTOUCHED;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++, value = UNTOUCHED) {
		ck_assert_msg(parse_u64(cases[i].text, strlen(cases[i].text),
					&value) == cases[i].ok,
			      "'%s'", cases[i].text);
		ck_assert_uint_eq(value,
				  cases[i].ok ? cases[i].value : UNTOUCHED);
	}
	ck_assert(parse_u64("123456", 3, &value));
	ck_assert_uint_eq(value, 123);
	ck_assert(!parse_u64("1\0002", 3, &value));
}
END_TEST

START_TEST(hex)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "7ffE", true, 0x7ffe },
		{ "ffffffffffffffff", true, UINT64_MAX },
		{ "0000ffffffffffffffff", true, UINT64_MAX },
		{ "10000000000000000", false, 0 },
		{ "", false, 0 },
		{ "0x1", false, 0 },
		{ "g", false, 0 },
		{ "-1", false, 0 },
	};
	uint64_t value = UNTOUCHED;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++, value = UNTOUCHED) {
		ck_assert_msg(parse_hex(cases[i].text, strlen(cases[i].text),
					&value) == cases[i].ok,
			      "'%s'", cases[i].text);
		ck_assert_uint_eq(value,
				  cases[i].ok ? cases[i].value : UNTOUCHED);
	}
}
END_TEST

START_TEST(range_includes_both_ends)
{
	uint64_t value = UNTOUCHED;

	ck_assert(!parse_range("1", 2, 4, &value));
	ck_assert(!parse_range("5", 2, 4, &value));
	ck_assert(!parse_range("3x", 2, 4, &value));
	ck_assert_uint_eq(value, UNTOUCHED);
	ck_assert(parse_range("2", 2, 4, &value));
	ck_assert_uint_eq(value, 2);
	ck_assert(parse_range("4", 2, 4, &value));
	ck_assert_uint_eq(value, 4);
}
END_TEST

START_TEST(duration)
{
	static const struct {
		const char *text;
		int64_t us; /* -1: rejected */
	} cases[] = {
		{ "10", 10000000 },
		{ "10s", 10000000 },
		{ "1.5s", 1500000 },
		{ "0.000001", 1 },
		{ "500ms", 500000 },
		{ "2.5ms", 2500 },
		{ "7us", 7 },
		{ "0.9us", 0 },
		{ "5m", 300000000 },
		{ "5min", 300000000 },
		{ "1h", 3600000000 },
		{ "1d", 86400000000 },
		{ "0", 0 },
		{ "9223372036854775807us", INT64_MAX },
		{ "9223372036854775808us", -1 },
		{ "18446744073709551615d", -1 },
		{ "", -1 },
		{ "s", -1 },
		{ ".5", -1 },
		{ "5.", -1 },
		{ "5.s", -1 },
		{ "1.0000001", -1 },
		{ "1..5", -1 },
		{ "-1s", -1 },
		{ "+1s", -1 },
		{ " 1s", -1 },
		{ "1 s", -1 },
		{ "1s ", -1 },
		{ "1ns", -1 },
		{ "1e3", -1 },
	};
	int64_t us = UNTOUCHED;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++, us = UNTOUCHED) {
		bool ok = parse_duration(cases[i].text, &us);

		ck_assert_msg(ok == (cases[i].us >= 0), "'%s'", cases[i].text);
		ck_assert_msg(us == (ok ? cases[i].us : UNTOUCHED),
			      "'%s': %" PRId64, cases[i].text, us);
	}
}
END_TEST

START_TEST(size)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t bytes;
	} cases[] = {
		{ "0", true, 0 },
		{ "4096", true, 4096 },
		{ "4096B", true, 4096 },
		{ "64K", true, 65536 },
		{ "64k", true, 65536 },
		{ "64KB", true, 65536 },
		{ "64kib", true, 65536 },
		{ "1.5MiB", true, 1572864 },
		{ "2G", true, 2147483648 },
		{ "1T", true, 1099511627776 },
		{ "8388607T", true, 9223370937343148032 },
		{ "8388608T", false, 0 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "1iB", false, 0 },
		{ "1P", false, 0 },
		{ "1 K", false, 0 },
		{ "K", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "1KK", false, 0 },
		{ "0x10", false, 0 },
	};
	uint64_t bytes = UNTOUCHED;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++, bytes = UNTOUCHED) {
		ck_assert_msg(parse_size(cases[i].text, &bytes) == cases[i].ok,
			      "'%s'", cases[i].text);
		ck_assert_msg(bytes == (cases[i].ok ? cases[i].bytes
						    : UNTOUCHED),
			      "'%s': %" PRIu64, cases[i].text, bytes);
	}
}
END_TEST

int main(void)
{
	return hs_check_run("base/parse", u64, hex, range_includes_both_ends,
			    duration, size);
}
