/* Limits of a process: those that are read, without and with a bound, and what
 * is refused. */
#include "proc/limits.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

/* As Linux 6.18 writes it, short_name. */
#define HEAD                                                                   \
	"Limit                     Soft Limit           Hard Limit           " \
	"Units     \n"                                                         \
	"Max cpu time              unlimited            unlimited            " \
	"seconds   \n"
#define ROW(soft, hard, unit) \
	"Max file size             " soft " " hard " " unit
#define DATA                                                                   \
	"\nMax data size             unlimited            unlimited          " \
	"  bytes     \n"
#define TAIL                                                                        \
	DATA "Max locked memory         8388608              8388608              " \
	     "bytes     \n"                                                         \
	     "Max address space         1048576              unlimited            " \
	     "bytes     \n"                                                         \
	     "Max processes             100                  96365                " \
	     "processes \n"

static struct hs_error *parse(const char *text, struct limits *ret)
{
	return limits_parse(text, strlen(text), "x", ret);
}

START_TEST(values)
{
	struct limits l;

	hs_ck_ok(parse(HEAD ROW("unlimited   ", "unlimited  ", "bytes  ") TAIL,
		       &l));
	ck_assert_uint_eq(l.file_size, LIMITS_NONE);
	ck_assert_uint_eq(l.data, LIMITS_NONE);
	ck_assert_uint_eq(l.locked, 8388608);
	ck_assert_uint_eq(l.address_space, 1048576);
	ck_assert_uint_eq(l.processes, 100);
	hs_ck_ok(parse(HEAD ROW("4096", "unlimited", "bytes") TAIL, &l));
	ck_assert_uint_eq(l.file_size, 4096);
	hs_ck_ok(parse(HEAD ROW("0", "8192", "bytes") TAIL, &l));
	ck_assert_uint_eq(l.file_size, 0);
}
END_TEST

static const struct refused_case {
	const char *text, *message;
} refused[] = {
	{ "", "x: the line 'Max file size' is missing" },
	{ HEAD, "x: the line 'Max file size' is missing" },
	{ HEAD ROW("1", "2", "bytes"),
	  "x: the line 'Max file size' is missing" }, /* cut off */
	{ HEAD ROW("1", "2", "bytes") DATA,
	  "x: the line 'Max address space' is missing" },
	{ HEAD ROW("1", "", "") TAIL, "x:3: not a limit" },
	{ HEAD ROW("1", "2", "") TAIL, "x:3: not a limit" },
	{ HEAD ROW("1", "2", "pages") TAIL, "x:3: not a limit" },
	{ HEAD ROW("1", "2", "bytes 3") TAIL, "x:3: not a limit" },
	{ HEAD ROW("-1", "2", "bytes") TAIL, "x:3: not a limit" },
	{ HEAD ROW("1k", "2", "bytes") TAIL, "x:3: not a limit" },
	{ HEAD ROW("3", "2", "bytes") TAIL, "x:3: not a limit" },
	{ HEAD ROW("18446744073709551616", "unlimited", "bytes") TAIL,
	  "x:3: not a limit" },
};

START_TEST(what_is_refused)
{
	struct limits l;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		hs_ck_err(parse(refused[i].text, &l), HS_ERROR_INPUT,
			  refused[i].message);
}
END_TEST

START_TEST(own_process)
{
	struct rlimit r;
	struct limits l;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = 123456789;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &r), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_MEMLOCK, &r), 0);
	r.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_MEMLOCK, &r), 0);
	hs_ck_ok(limits_read(getpid(), &l));
	ck_assert_uint_eq(l.file_size, 123456789);
	ck_assert_uint_eq(l.locked, 4096);
}
END_TEST

int main(void)
{
	return hs_check_run("proc/limits", values, what_is_refused,
			    own_process);
}
