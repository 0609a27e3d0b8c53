/* Memory of mappings: every field that is read, what is refused and where; and
 * what mappings are used for, of each kind. */
#include "proc/smaps.h"

#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "proc/usage.h"
#include "tests/unit/hs_check.h"

static struct hs_error *parse(const char *text, struct smaps *ret)
{
	return smaps_parse(text, strlen(text), "x", ret);
}

START_TEST(every_field)
{
	static const char text[] =
		"7f00000000-7f00010000 rw-p 00000000 00:00 0 \n"
		"Size:                 64 kB\n"
		"Rss:                  36 kB\n"
		"Pss:                  18 kB\n"
		"Anonymous:            32 kB\n"
		"LazyFree:              8 kB\n"
		"Swap:                  4 kB\n"
		"SwapPss:               2 kB\n"
		"THPeligible:           0\n"
		"VmFlags: rd wr mr mw me ac \n"
		"7f00010000-7f00011000 r--p 00001000 fe:00 12      /a b\n"
		"Rss:                   4 kB\n";
	struct smaps s;

	hs_ck_ok(parse(text, &s));
	ck_assert_uint_eq(s.n, 2);
	ck_assert_uint_eq(s.maps.n, 2);
	ck_assert_uint_eq(s.maps.items[0].start, 0x7f00000000);
	ck_assert_uint_eq(s.items[0].rss, 36 << 10);
	ck_assert_uint_eq(s.items[0].anonymous, 32 << 10);
	ck_assert_uint_eq(s.items[0].lazy_free, 8 << 10);
	ck_assert_uint_eq(s.items[0].swap, 4 << 10);
	ck_assert_str_eq(s.maps.items[1].path, "/a b");
	ck_assert_uint_eq(s.items[1].rss, 4 << 10);
	ck_assert_uint_eq(s.items[1].swap, 0);
	smaps_release(&s);
}
END_TEST

#define FIRST "1000-2000 rw-p 00000000 00:00 0 \n"

static const struct refused_case {
	const char *text, *message;
} refused[] = {
	{ "Rss: 4 kB\n", "x:1: not a line of smaps" },
	{ FIRST "Rss: 4 MB\n", "x:2: not a line of smaps" },
	{ FIRST "Rss: -4 kB\n", "x:2: not a line of smaps" },
	{ FIRST "Rss: kB\n", "x:2: not a line of smaps" },
	{ FIRST "Rss: 18446744073709551615 kB\n", "x:2: not a line of smaps" },
	{ FIRST "Rss: 4 kB\nSwap: 1\n", "x:3: not a line of smaps" },
	{ FIRST "Rss: 4 kB\nSomething\n", "x:3: not a line of smaps" },
	{ FIRST, "x:1: not a line of smaps" },
	{ FIRST "Size: 4 kB\n2000-3000 rw-p 0 00:00 0 \nRss: 0 kB\n",
	  "x:3: not a line of smaps" },
	{ FIRST "Rss: 4 kB\n1000-3000 rw-p 0 00:00 0 \nRss: 0 kB\n",
	  "x:2: mapping begins before the end of the one above it" },
	{ FIRST "Rss: 4 kB\n\n", "x:3: not a line of smaps" },
	{ FIRST "Rss: 4 kB\n\nRss: 4 kB\n", "x:3: not a line of smaps" },
};

START_TEST(what_is_refused)
{
	const struct refused_case *c;
	struct smaps s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		c = &refused[i];
		hs_ck_err(parse(c->text, &s), HS_ERROR_INPUT, c->message);
	}
}
END_TEST

/* One mapping a row; their Rss does not matter. */
static const struct kind_case {
	const char *line;
	enum usage_kind kind;
} kinds[] = {
	{ "10000-11000 r--p 0 fe:00 1 /bin/a", USAGE_CODE },
	{ "11000-12000 r-xp 0 fe:00 1 /bin/a", USAGE_CODE },
	{ "12000-13000 rw-p 0 fe:00 1 /bin/a", USAGE_CODE },
	{ "13000-15000 rw-p 0 00:00 0 ", USAGE_CODE }, /* its bss */
	{ "20000-30000 rw-p 0 00:00 0 [heap]", USAGE_BRK },
	{ "30000-31000 r--s 0 fe:00 2 /var/index", USAGE_FILE },
	{ "31000-32000 rw-p 0 fe:00 2 /var/index", USAGE_FILE },
	{ "32000-33000 rw-p 0 00:00 0 ", USAGE_ANON }, /* behind no code */
	{ "34000-35000 rw-s 0 00:01 3 /dev/shm/x (deleted)", USAGE_SHARED },
	{ "35000-36000 rw-s 0 00:01 3 /memfd:x (deleted)", USAGE_SHARED },
	{ "36000-37000 rw-s 0 00:01 3 /SYSV00000000 (deleted)", USAGE_SHARED },
	{ "37000-38000 rw-s 0 00:01 3 /dev/zero (deleted)", USAGE_SHARED },
	{ "38000-39000 rwxp 0 00:00 0 ", USAGE_OTHER }, /* code made here */
	{ "39000-3a000 rw-p 0 00:00 0 [anon:v8]", USAGE_OTHER },
	{ "3a000-3b000 rw-p 0 00:00 0 [anon:jemalloc_pg]", USAGE_ANON },
	{ "40000-41000 ---p 0 00:00 0 ", USAGE_ANON },
	{ "41000-50000 rw-p 0 00:00 0 ", USAGE_STACK }, /* has a pointer */
	{ "50000-51000 ---p 0 00:00 0 ", USAGE_ANON },
	{ "51000-60000 rw-p 0 00:00 0 ", USAGE_STACK }, /* looks the same */
	{ "60000-61000 ---p 0 00:00 0 ", USAGE_ANON },
	{ "61000-80000 rw-p 0 00:00 0 ", USAGE_ANON }, /* another size */
	{ "81000-90000 rw-p 0 00:00 0 ", USAGE_ANON }, /* pointer, no guard */
	{ "90000-91000 r--p 0 00:00 0 [vvar]", USAGE_OTHER },
	{ "91000-92000 rw-p 0 00:00 0 [stack]", USAGE_STACK },
	{ "92000-93000 rw-p 0 00:00 0 [anon: glibc: pthread stack: 7]",
	  USAGE_STACK },
};

START_TEST(kinds_of_memory)
{
	static const uint64_t pointers[] = { 0x4f000, 0x88000, 0x35010,
					     0xfffff000 };
	struct strbuf text = { 0 };
	struct usage u;
	struct smaps s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		strbuf_addf(&text, "%s\nRss: 4 kB\n", kinds[i].line);
	hs_ck_ok(parse(strbuf_str(&text), &s));
	hs_ck_ok(usage_make(&s, pointers, ARRAY_SIZE(pointers), &u));
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		ck_assert_msg(u.kinds[i] == kinds[i].kind, "'%s' is %d",
			      kinds[i].line, (int)u.kinds[i]);
	usage_release(&u);
	strbuf_release(&text);
}
END_TEST

START_TEST(own_process)
{
	size_t i, stacks = 0, code = 0;
	struct usage u;

	hs_ck_ok(usage_read(getpid(), true, &u));
	for (i = 0; i < u.smaps.n; i++) {
		if (u.kinds[i] == USAGE_STACK)
			stacks += u.smaps.items[i].rss;
		if (u.kinds[i] == USAGE_CODE)
			code += u.smaps.items[i].rss;
	}
	ck_assert_uint_ge(stacks, 4096);
	ck_assert_uint_ge(code, 100 << 10);
	usage_release(&u);
	hs_ck_ok(usage_read(getpid(), false, &u));
	ck_assert_uint_ge(u.smaps.n, 10);
	for (i = 0; i < u.smaps.n; i++)
		ck_assert_uint_eq(u.smaps.items[i].rss, 0);
	usage_release(&u);
}
END_TEST

int main(void)
{
	return hs_check_run("proc/smaps", every_field, what_is_refused,
			    kinds_of_memory, own_process);
}
