/* What mappings are used for, of each kind. */
#include "proc/usage.h"

#include <unistd.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/smaps_text.h"

/* One mapping a row; their Rss does not matter. */
static const struct kind_case {
	const char *line;
	enum usage_kind kind;
} kinds[] = {
	{ "10000-11000 r--p 0 fe:00 1 /bin/a", USAGE_CODE },
	{ "11000-12000 r-xp 0 fe:00 1 /bin/a", USAGE_CODE },
	{ "12000-13000 rw-p 0 fe:00 1 /bin/a", USAGE_CODE },
	{ "13000-15000 rw-p 0 00:00 0 ", USAGE_CODE }, /* its bss */
	{ "16000-17000 r-xp 0 fe:00 4 /bin/b", USAGE_CODE },
	{ "17000-18000 r--p 0 fe:00 4 /bin/b", USAGE_CODE },
	{ "18000-19000 rw-p 0 00:00 0 ", USAGE_ANON }, /* behind no data */
	{ "1a000-1b000 r-xp 0 fe:00 5 /bin/c", USAGE_CODE },
	{ "1b000-1c000 rw-p 1000 fe:00 5 /bin/c", USAGE_CODE },
	{ "1c000-1d000 r--p 2000 fe:00 5 /bin/c", USAGE_CODE },
	{ "1d000-1e000 rw-p 0 00:00 0 ", USAGE_CODE }, /* of that data */
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
	smaps_from_text(strbuf_str(&text), &s);
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
	return hs_check_run("proc/usage", kinds_of_memory, own_process);
}
