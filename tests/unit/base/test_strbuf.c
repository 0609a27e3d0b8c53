/* Growing strings: always terminated, NUL bytes kept, and a failure is
 * remembered until it was reported. */
#include "base/strbuf.h"

#include <stdint.h>

#include "tests/unit/hs_check.h"

START_TEST(empty_is_a_string)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	char *text;

	ck_assert_str_eq(strbuf_str(&sb), "");
	hs_ck_ok(strbuf_check(&sb));
	strbuf_clear(&sb);
	hs_ck_ok(strbuf_finish(&sb, &text));
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(adds_in_order)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_adds(&sb, "a");
	strbuf_addc(&sb, 'b');
	strbuf_addf(&sb, "%d%%", 12);
	strbuf_add(&sb, "xyz", 2);
	strbuf_addf(&sb, "%s", "");
	ck_assert_str_eq(strbuf_str(&sb), "ab12%xy");
	ck_assert_uint_eq(sb.len, 7);
	ck_assert_uint_eq(strlen(sb.buf), 7);
}
END_TEST

START_TEST(grows_over_every_size)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t i;

	for (i = 0; i < 5000; i++) {
		if (i % 2)
			strbuf_addc(&sb, (char)('a' + i % 26));
		else
			strbuf_addf(&sb, "%c", (char)('a' + i % 26));
		ck_assert_uint_lt(sb.len, sb.cap);
		ck_assert_int_eq(sb.buf[sb.len], '\0');
	}
	ck_assert_uint_eq(sb.len, 5000);
	for (i = 0; i < 5000; i++)
		ck_assert_int_eq(sb.buf[i], (char)('a' + i % 26));
}
END_TEST

START_TEST(nul_bytes_are_bytes)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_add(&sb, "a\0b", 3);
	strbuf_addc(&sb, '\0');
	ck_assert_uint_eq(sb.len, 4);
	ck_assert_mem_eq(sb.buf, "a\0b\0", 5);
}
END_TEST

START_TEST(clear_keeps_the_memory)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const char *buf;

	strbuf_adds(&sb, "something");
	buf = sb.buf;
	strbuf_clear(&sb);
	ck_assert_str_eq(strbuf_str(&sb), "");
	strbuf_adds(&sb, "else");
	ck_assert_ptr_eq(sb.buf, buf);
	ck_assert_str_eq(strbuf_str(&sb), "else");
}
END_TEST

START_TEST(finish_hands_over)
{
	struct strbuf sb = { 0 };
	char *text;

	strbuf_adds(&sb, "mine");
	hs_ck_ok(strbuf_finish(&sb, &text));
	ck_assert_str_eq(text, "mine");
	ck_assert_ptr_null(sb.buf);
	ck_assert_uint_eq(sb.len, 0);
	free(text);
}
END_TEST

START_TEST(failure_is_told_once)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	char *text = NULL;

	strbuf_adds(&sb, "kept");
	strbuf_add(&sb, "", SIZE_MAX - 2);
	strbuf_adds(&sb, " not added");
	ck_assert_str_eq(strbuf_str(&sb), "kept");
	strbuf_clear(&sb);
	hs_ck_err(strbuf_check(&sb), HS_ERROR_NOMEM, "out of memory");
	hs_ck_err(strbuf_finish(&sb, &text), HS_ERROR_NOMEM, "out of memory");
	ck_assert_ptr_null(text);
	hs_ck_ok(strbuf_check(&sb));
}
END_TEST

int main(void)
{
	return hs_check_run("base/strbuf", empty_is_a_string, adds_in_order,
			    grows_over_every_size, nul_bytes_are_bytes,
			    clear_keeps_the_memory, finish_hands_over,
			    failure_is_told_once);
}
