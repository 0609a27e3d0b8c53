/* Lines and words of a text: what is cut off, what remains, and that a line
 * without its newline is none. */
#include "base/words.h"

#include <string.h>

#include "tests/unit/hs_check.h"

static struct word all(const char *s)
{
	return (struct word){ s, strlen(s) };
}

static void expect(struct word w, const char *want)
{
	ck_assert_msg(word_is(w, want), "'%.*s' is not '%s'", (int)w.len, w.s,
		      want);
}

START_TEST(lines_are_whole)
{
	struct word rest = all("one\n\n two\ncut"), line;

	ck_assert(words_line(&rest, &line));
	expect(line, "one");
	ck_assert(words_line(&rest, &line));
	expect(line, "");
	ck_assert(words_line(&rest, &line));
	expect(line, " two");
	ck_assert(!words_line(&rest, &line));
	expect(rest, "cut");
	rest = (struct word){ NULL, 0 };
	ck_assert(!words_line(&rest, &line));
}
END_TEST

START_TEST(words_are_between_blanks)
{
	struct word rest = all(" \tone  two\t");

	expect(words_next(&rest), "one");
	expect(rest, "two\t");
	expect(words_next(&rest), "two");
	expect(rest, "");
	expect(words_next(&rest), "");
	rest = all("  ");
	expect(words_next(&rest), "");
	expect(rest, "");
}
END_TEST

START_TEST(a_separator_remains)
{
	struct word rest = all("a,,b");

	expect(words_until(&rest, ','), "a");
	expect(rest, ",,b");
	words_step(&rest, 1);
	expect(words_until(&rest, ','), "");
	words_step(&rest, 1);
	expect(words_until(&rest, ','), "b");
	expect(rest, "");
	words_step(&rest, 1);
	expect(rest, "");
	expect(words_until(&rest, ','), "");
}
END_TEST

START_TEST(only_what_is_there_is_stepped_over)
{
	struct word rest = all("Key: value");

	ck_assert(!words_step_over(&rest, "Keys"));
	ck_assert(!words_step_over(&rest, "Key: value and more"));
	expect(rest, "Key: value");
	ck_assert(words_step_over(&rest, "Key: "));
	expect(rest, "value");
	ck_assert(words_step_over(&rest, ""));
	ck_assert(!word_is(rest, "val"));
	ck_assert(!word_is(rest, "values"));
	ck_assert(word_is(rest, "value"));
}
END_TEST

int main(void)
{
	return hs_check_run("base/words", lines_are_whole,
			    words_are_between_blanks, a_separator_remains,
			    only_what_is_there_is_stepped_over);
}
