/* Suppressions in LeakSanitizer's format: which lines there are, what is
 * damaged, and which names a pattern matches. */
#include "heap/suppressions.h"

#include <string.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

static struct hs_error *parse(struct heap_suppressions *s, const char *text)
{
	*s = (struct heap_suppressions){ 0 };
	return heap_suppressions_parse(s, text, strlen(text), "x.supp");
}

START_TEST(lines)
{
	struct heap_suppressions s;

	hs_ck_ok(parse(&s, "# known\n\n  leak:one\r\nleak:*two*\n"
			   "\t# more\nleak:a b"));
	ck_assert_uint_eq(s.n, 3);
	ck_assert_str_eq(s.patterns[0], "one");
	ck_assert_str_eq(s.patterns[1], "*two*");
	ck_assert_str_eq(s.patterns[2], "a b");
	heap_suppressions_release(&s);
	hs_ck_ok(parse(&s, ""));
	ck_assert_uint_eq(s.n, 0);
	ck_assert(!heap_suppressions_match(&s, ""));
	heap_suppressions_release(&s);
}
END_TEST

START_TEST(damaged)
{
	struct heap_suppressions s;

	hs_ck_err(parse(&s, "leak:a\nrace:b\n"), HS_ERROR_INPUT,
		  "x.supp:2: expected 'leak:PATTERN'");
	heap_suppressions_release(&s);
	hs_ck_err(parse(&s, "leak:\n"), HS_ERROR_INPUT,
		  "x.supp:1: expected 'leak:PATTERN'");
	heap_suppressions_release(&s);
	hs_ck_err(heap_suppressions_read(&s, "tests/data/none"), HS_ERROR_INPUT,
		  "cannot open 'tests/data/none': No such file or directory");
}
END_TEST

static const struct {
	const char *pattern, *name;
	bool matches;
} cases[] = {
	{ "put", "Cache::put", true },
	{ "put", "Cache::get", false },
	{ "^put", "Cache::put", false },
	{ "^Cache", "Cache::put", true },
	{ "put$", "Cache::put", true },
	{ "Cache$", "Cache::put", false },
	{ "^Cache::put$", "Cache::put", true },
	{ "^Cache::pu$", "Cache::put", false },
	{ "Ca*pu", "Cache::put", true },
	{ "^*put", "Cache::put", true },
	{ "^Ca*che*x", "Cache::put", false },
	{ "a*a*b$", "aaaaaaaaab", true },
	{ "a*a*b$", "aaaaaaaaabc", false },
	{ "foo$", "foofoo", true },
	{ "*", "", true },
	{ "^$", "", true },
	{ "^$", "x", false },
	{ "$", "x", true },
	{ "a$b", "a$b", true },
	{ "/usr/lib*/libx.so", "/usr/lib64/libx.so.3", true },
};

START_TEST(patterns)
{
	struct heap_suppressions s = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		s.patterns = (const char *[]){ cases[i].pattern };
		s.n = 1;
		ck_assert_msg(heap_suppressions_match(&s, cases[i].name) ==
				      cases[i].matches,
			      "'%s' and '%s'", cases[i].pattern, cases[i].name);
	}
}
END_TEST

int main(void)
{
	return hs_check_run("heap/suppressions", lines, damaged, patterns);
}
