/* The environment that a process was started with: read from a child, detected
 * when overwritten, found by name. */
#include "proc/environment.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

static const struct intact_case {
	const char *text; /* of @len bytes */
	size_t len;
	char before;
	bool want;
} intact[] = {
#define DATA(s) s, sizeof(s) - 1
	{ DATA("A=1\0B=\0"), '\0', true },
	{ DATA("A=1\0B"), '\0', false },
	{ DATA("A=1\0B=2"), '\0', true },
	{ DATA("A=1\0\0\0"), '\0', false },
	{ DATA("\0\0\0\0"), '\0', false },
	{ DATA("y=1\0B=2\0"), 'x', false }, /* a long title's end */
	{ DATA(""), '\0', true },
#undef DATA
};

START_TEST(what_is_intact)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(intact); i++) {
		const struct intact_case *c = &intact[i];

		ck_assert_msg(environment_is_intact(c->text, c->len,
						    c->before) == c->want,
			      "case %zu", i);
	}
}
END_TEST

START_TEST(variables)
{
	char text[] = "LD_PRELOAD_X=no\0LD_PRELOAD=a b\0EMPTY=\0LAST=1";
	const struct environment e = { text, sizeof(text) - 1, true };
	const struct environment none = { 0 };

	ck_assert_str_eq(environment_get(&e, "LD_PRELOAD"), "a b");
	ck_assert_str_eq(environment_get(&e, "EMPTY"), "");
	ck_assert_str_eq(environment_get(&e, "LAST"), "1");
	ck_assert(!environment_get(&e, "LD"));
	ck_assert(!environment_get(&e, "LAST=1"));
	ck_assert(!environment_get(&none, "LAST"));
}
END_TEST

START_TEST(of_a_process)
{
	struct environment e;

	hs_ck_ok(environment_read(getpid(), &e));
	ck_assert(e.intact);
	ck_assert_str_eq(environment_get(&e, "HS_TEST_VARIABLE"), "as set");
	environment_release(&e);
}
END_TEST

int main(int argc, char **argv)
{
	/* The kernel shows what was there at the start. */
	if (argc == 1 && !getenv("HS_TEST_VARIABLE")) {
		setenv("HS_TEST_VARIABLE", "as set", 1);
		execv("/proc/self/exe", argv);
	}
	return hs_check_run("proc/environment", what_is_intact, variables,
			    of_a_process);
}
