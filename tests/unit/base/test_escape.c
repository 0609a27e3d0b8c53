/* Strings from outside: no byte of them reaches a terminal, a JSON text or a
 * word of a line that could do harm there; words come back as they went. */
#include "base/escape.h"

#include "base/array.h"
#include "tests/unit/hs_check.h"

typedef void (*escape_fn)(struct strbuf *, const char *, size_t);

static void ck_escape(escape_fn escape, const char *in, size_t len,
		      const char *want)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	escape(&sb, in, len);
	hs_ck_ok(strbuf_check(&sb));
	ck_assert_str_eq(strbuf_str(&sb), want);
}

#define CK_ESCAPE(fn, in, want) ck_escape((fn), (in), sizeof(in) - 1, (want))

START_TEST(terminal_sees_no_control)
{
	CK_ESCAPE(escape_terminal, "", "");
	CK_ESCAPE(escape_terminal, "a b\\c~", "a b\\c~");
	CK_ESCAPE(escape_terminal, "\x1b[31m\a\r\n\t\x7f",
		  "\\x1b[31m\\x07\\x0d\\x0a\\x09\\x7f");
	CK_ESCAPE(escape_terminal, "a\0b", "a\\x00b");
	/* C1, which some terminals obey: U+009B is CSI. */
	CK_ESCAPE(escape_terminal, "\xc2\x9b", "\\xc2\\x9b");
	CK_ESCAPE(escape_terminal, "\xc2\xa0", "\xc2\xa0");
	/* Right-to-left override and isolate. */
	CK_ESCAPE(escape_terminal, "\xe2\x80\xae|\xe2\x81\xa6",
		  "\\xe2\\x80\\xae|\\xe2\\x81\\xa6");
	/* The marks of a direction, and what no text has. */
	CK_ESCAPE(escape_terminal, "\xe2\x80\x8f|\xd8\x9c",
		  "\\xe2\\x80\\x8f|\\xd8\\x9c");
	CK_ESCAPE(escape_terminal, "\xef\xbf\xbf\xef\xbf\xbe\xef\xbf\xbd",
		  "\\xef\\xbf\\xbf\\xef\\xbf\\xbe\xef\xbf\xbd");
	CK_ESCAPE(escape_terminal,
		  "Gr\xc3\xb6\xc3\x9f"
		  "e \xe2\x82\xac",
		  "Gr\xc3\xb6\xc3\x9f"
		  "e \xe2\x82\xac");
}
END_TEST

START_TEST(what_is_not_utf8_is_shown_as_bytes)
{
	/* A lone tail, a cut head, a head without tail. */
	CK_ESCAPE(escape_terminal, "\x80", "\\x80");
	CK_ESCAPE(escape_terminal, "\xe2\x82", "\\xe2\\x82");
	CK_ESCAPE(escape_terminal, "\xe2\x28\xa1", "\\xe2(\\xa1");
	/* Overlong: '/' in two, three and four bytes. */
	CK_ESCAPE(escape_terminal, "\xc0\xaf", "\\xc0\\xaf");
	CK_ESCAPE(escape_terminal, "\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	CK_ESCAPE(escape_terminal, "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf");
	/* A surrogate, the last code point and the one behind it. */
	CK_ESCAPE(escape_terminal, "\xed\xa0\x80", "\\xed\\xa0\\x80");
	CK_ESCAPE(escape_terminal, "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
	CK_ESCAPE(escape_terminal, "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	CK_ESCAPE(escape_terminal, "\xff", "\\xff");
}
END_TEST

START_TEST(utf8_keeps_what_json_can_hold)
{
	CK_ESCAPE(escape_utf8, "a\n\x1b\"\\", "a\n\x1b\"\\");
	CK_ESCAPE(escape_utf8, "a\0\xff\xc3\xa9", "a\\x00\\xff\xc3\xa9");
	/* jansson writes these as they are. */
	CK_ESCAPE(escape_utf8, "\x7f\xc2\x9b|\xe2\x80\xae|\xe2\x81\xa9",
		  "\\x7f\\xc2\\x9b|\\xe2\\x80\\xae|\\xe2\\x81\\xa9");
}
END_TEST

START_TEST(word_is_one_word)
{
	CK_ESCAPE(escape_word, "", "\\e");
	CK_ESCAPE(escape_word, "my prog\t(x)\\n", "my\\x20prog\\x09(x)\\x5cn");
	CK_ESCAPE(escape_word, "\xc3\xa9~\x7f", "\\xc3\\xa9~\\x7f");
}
END_TEST

START_TEST(every_byte_comes_back)
{
	_cleanup_strbuf_ struct strbuf word = { 0 }, back = { 0 };
	char all[256];
	size_t i;

	for (i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	escape_word(&word, all, sizeof(all));
	ck_assert_ptr_null(strpbrk(word.buf, " \t\r\n\v\f"));
	ck_assert(unescape_word(&back, word.buf, word.len));
	ck_assert_uint_eq(back.len, sizeof(all));
	ck_assert_mem_eq(back.buf, all, sizeof(all));
	strbuf_clear(&back);
	ck_assert(unescape_word(&back, "\\e", 2));
	ck_assert_uint_eq(back.len, 0);
}
END_TEST

START_TEST(unescape_takes_nothing_else)
{
	static const char *const bad[] = {
		"",	    "a b",	"\\",	 "\\x",	  "\\x2",
		"\\x2g",    "a\\x20\n", "\\n",	 "\\ee",  "x\\e",
		"\xc3\xa9", "\\X20",	"\\x41", "\\xC3", "ok\\x2",
	};
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t i;

	strbuf_adds(&sb, "before");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ck_assert_msg(!unescape_word(&sb, bad[i], strlen(bad[i])),
			      "'%s'", bad[i]);
		ck_assert_str_eq(strbuf_str(&sb), "before");
	}
}
END_TEST

START_TEST(markup_is_text)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	static const char text[] = "<a href=\"x\">&amp;\x1b'</a>\xff";

	escape_markup(&sb, text, sizeof(text) - 1);
	ck_assert_str_eq(strbuf_str(&sb),
			 "&lt;a href=&quot;x&quot;&gt;&amp;amp;\\x1b'"
			 "&lt;/a&gt;\\xff");
}
END_TEST

int main(void)
{
	return hs_check_run("base/escape", terminal_sees_no_control,
			    what_is_not_utf8_is_shown_as_bytes,
			    utf8_keeps_what_json_can_hold, word_is_one_word,
			    every_byte_comes_back, unescape_takes_nothing_else,
			    markup_is_text);
}
