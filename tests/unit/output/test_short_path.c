/* Paths in few columns: without detours, then without their first folders. */
#include "output/short_path.h"

#include "base/array.h"
#include "tests/unit/hs_check.h"

static const struct {
	const char *path, *want;
	size_t width;
	bool utf8;
} cases[] = {
	{ "/usr/src/a.c:1", "/usr/src/a.c:1", 14, true },
	{ "/usr/src/a.c:1", "…/src/a.c:1", 13, true },
	{ "/usr/src/a.c:1", "…/src/a.c:1", 11, true },
	{ "/usr/src/a.c:1", ".../a.c:1", 12, false },
	{ "/usr/src/a.c:1", "…/a.c:1", 10, true },
	{ "/usr/src/a.c:1", "a.c:1", 6, true },
	{ "a.c:1", "a.c:1", 4, true },
	{ "/usr/src/a.c:1", "a.c:1", 0, true },
	/* What has room stays as the compiler wrote it. */
	{ "./build/../Objects/call.c:9", "./build/../Objects/call.c:9", 27,
	  true },
	{ "./build/../Objects/call.c:9", "./Objects/call.c:9", 26, true },
	{ "./build/../Objects/call.c:9", "…/call.c:9", 17, true },
	{ "./build/x86/../../Objects/call.c:9", "./Objects/call.c:9", 30,
	  true },
	{ "build/../call.c", "call.c", 14, true },
	{ "/build/../call.c", "/call.c", 14, true },
	{ "a/b/../c/../call.c", "a/call.c", 14, true },
	/* Nothing is left that could be taken back. */
	{ "../../Objects/listobject.c", "../../Objects/listobject.c", 26,
	  true },
	{ "../../Objects/listobject.c", "…/listobject.c", 20, true },
	{ "a/../../Objects/call.c", "../Objects/call.c", 20, true },
	{ "./../Objects/call.c", "…/call.c", 10, true },
	{ "/../Objects/call.c", "…/Objects/call.c", 17, true },
	{ "//a/../Objects/call.c", "//Objects/call.c", 17, true },
	{ "/usr/a..", "…/a..", 7, true },
	{ "a/b/..", "a/b/..", 6, true },
};

START_TEST(it_is_short)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strbuf sb = { 0 };

		short_path_add(&sb, cases[i].path, cases[i].width,
			       cases[i].utf8);
		ck_assert_str_eq(strbuf_str(&sb), cases[i].want);
		strbuf_release(&sb);
	}
}
END_TEST

int main(void)
{
	return hs_check_run("output/short_path", it_is_short);
}
