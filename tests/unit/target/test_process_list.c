/* The facts known of a jemalloc without calling it: its version, found among
 * other strings, and profiling by the options that a process was started
 * with. */
#include "target/jemalloc_files.h"
#include "target/process_list.h"

#include <string.h>

#include "base/array.h"
#include "target/jemalloc_files.h"
#include "tests/unit/hs_check.h"

#define HASH "54eaed1d8b56b1aa528be3bdd1877e59c56fa90c"

static const struct version_case {
	const char *data; /* of @len bytes */
	size_t len;
	const char *want;
} versions[] = {
#define DATA(s) s, sizeof(s) - 1
	{ DATA("5.3.0-0-g" HASH "\0"), "5.3.0-0-g" HASH },
	{ DATA("x\0"
	       "5.3.0-171-g0123456\0y"),
	  "5.3.0-171-g0123456" },
	{ DATA("a-g\0b-gcc\0"
	       "12.34.56-7-gabcdef0\0"),
	  "12.34.56-7-gabcdef0" },
	{ DATA("5.3.0-0-g" HASH), NULL },	/* no end */
	{ DATA("v5.3.0-0-g" HASH "\0"), NULL }, /* a part of something */
	{ DATA("5.3-0-g" HASH "\0"), NULL },
	{ DATA("5.3.0-0-gxyz4567\0"), NULL },
	{ DATA("5.3.0-0-g012345\0"), NULL }, /* too short */
	{ DATA("-g\0"), NULL },
	{ DATA("-g"), NULL },
	{ DATA(""), NULL },
#undef DATA
};

START_TEST(versions_in_data)
{
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		const struct version_case *c = &versions[i];
		const char *got = jemalloc_find_version(c->data, c->len, &n);

		ck_assert_msg(!got == !c->want, "case %zu", i);
		if (!got)
			continue;
		ck_assert_uint_eq(n, strlen(c->want));
		ck_assert(!memcmp(got, c->want, n));
	}
}
END_TEST

static const struct options_case {
	const char *text;
	enum process_profiling before, after;
} options[] = {
	{ "", PROFILING_OFF, PROFILING_OFF },
	{ "", PROFILING_INACTIVE, PROFILING_INACTIVE },
	{ "prof:true", PROFILING_OFF, PROFILING_ON },
	{ "prof:false", PROFILING_ON, PROFILING_OFF },
	{ "prof:false,prof:true", PROFILING_OFF, PROFILING_ON },
	{ "narenas:4,prof:true,lg_prof_sample:19", PROFILING_OFF,
	  PROFILING_ON },
	{ "prof:true,prof_active:false", PROFILING_OFF, PROFILING_INACTIVE },
	{ "prof_active:false,prof:true", PROFILING_OFF, PROFILING_INACTIVE },
	{ "prof_active:true", PROFILING_INACTIVE, PROFILING_ON },
	{ "prof_active:true", PROFILING_OFF, PROFILING_OFF },
	{ "prof_leak:true,xprof:true", PROFILING_OFF, PROFILING_OFF },
	{ ",,prof:true,", PROFILING_OFF, PROFILING_ON },
};

START_TEST(profiling_by_options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		const struct options_case *c = &options[i];

		ck_assert_msg(process_list_profiling_of(c->text,
							strlen(c->text),
							c->before) == c->after,
			      "'%s'", c->text);
	}
}
END_TEST

int main(void)
{
	return hs_check_run("target/process_list", versions_in_data,
			    profiling_by_options);
}
