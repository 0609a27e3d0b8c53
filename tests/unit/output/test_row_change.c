/* Rows of two snapshots of one process that counts allocations: the error of a
 * change is that of what came and went, not that of all that lives, in a row
 * and in sums; but not when they may be of two processes, have restarted
 * counting or do not count. */
#include <math.h>

#include "heap/unbias.h"
#include "output/rows.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/sampling.h"

#define MAPS                                                      \
	"\nMAPPED_LIBRARIES:\n"                                   \
	"00001000-00002000 r-xp 00000000 fe:00 7 /srv/app/prog\n" \
	"00009000-0000a000 r-xp 00000000 00:00 0 [vdso]\n"
#define STARTED(at)                                                  \
	"# heapsnap 1\n# heapsnap pid 42\n# heapsnap start-time " at \
	"\n# heapsnap end\n"
#define LINE(thread, now, ever) "  " thread ": " now " [" ever "]\n"
#define STACK(pcs, now, ever) \
	"@ " pcs "\n" LINE("t*", now, ever) LINE("t0", now, ever)

/* 100 samples of 64 B, and ten more; as many at another place, ten of which
 * were replaced. */
#define BEFORE                                     \
	HEAD(524288)                               \
	STACK("0x1001", "100: 6400", "300: 19200") \
	STACK("0x1002", "100: 6400", "100: 6400")
#define AFTER                                      \
	HEAD(524288)                               \
	STACK("0x1001", "110: 7040", "310: 19840") \
	STACK("0x1002", "100: 6400", "110: 7040")

/* Errors are in proportion to the roots of samples of one size. */
static double error_of(double samples)
{
	struct heap_counts one = heap_unbias(1, 64, 524288);

	return heap_counts_error(&one) * sqrt(samples);
}

static void check_errors(const char *before, const char *after,
			 const struct rows_options *options, double first,
			 double second)
{
	struct fixture f;

	fixture_parse(&f, before, after, options);
	ck_assert_uint_eq(f.rows.n, 2);
	ck_assert_double_eq_tol(f.rows.items[0].error / error_of(first), 1,
				1e-9);
	ck_assert_double_eq_tol(f.rows.items[1].error / error_of(second), 1,
				1e-9);
	ck_assert_double_eq_tol(
		sqrt(f.rows.net.variance) / error_of(first + second), 1, 1e-9);
	fixture_release(&f);
}

START_TEST(one_process)
{
	const struct rows_options lines = { .group = ROWS_LINES };
	const struct rows_options ever = { .counts = ROWS_ALLOCATED };

	check_errors(BEFORE MAPS STARTED("7"), AFTER MAPS STARTED("7"), NULL,
		     10, 20);
	check_errors(BEFORE MAPS STARTED("7"), AFTER MAPS STARTED("7"), &lines,
		     10, 20);
	check_errors(BEFORE MAPS STARTED("7"), AFTER MAPS STARTED("7"), &ever,
		     10, 10);
}
END_TEST

START_TEST(perhaps_two)
{
	check_errors(BEFORE MAPS STARTED("7"), AFTER MAPS STARTED("8"), NULL,
		     210, 200);
	check_errors(BEFORE MAPS, AFTER MAPS, NULL, 210, 200);
	check_errors(BEFORE MAPS STARTED("7"), AFTER MAPS, NULL, 210, 200);
}
END_TEST

/* prof.reset, or another period. */
START_TEST(counted_again)
{
	check_errors(BEFORE MAPS STARTED("7"),
		     HEAD(524288) STACK("0x1001", "110: 7040", "110: 7040")
			     STACK("0x1002", "100: 6400", "100: 6400")
				     MAPS STARTED("7"),
		     NULL, 210, 200);
}
END_TEST

START_TEST(not_counted)
{
	check_errors(
		HEAD(524288) STACK("0x1001", "100: 6400", "0: 0")
			STACK("0x1002", "100: 6400", "0: 0") MAPS STARTED("7"),
		HEAD(524288) STACK("0x1001", "110: 7040", "0: 0")
			STACK("0x1002", "100: 6400", "0: 0") MAPS STARTED("7"),
		NULL, 210, 200);
}
END_TEST

/* As a thread's part. */
START_TEST(threads)
{
	static const char before[] = BEFORE MAPS STARTED("7");
	static const char after[] = AFTER MAPS STARTED("7");
	const struct heap_read_options read = { .threads = true };
	const struct rows_options options = { .group = ROWS_THREADS };
	struct fixture f = { 0 };

	hs_ck_ok(heap_read_with(before, strlen(before), "a", &read, &f.before));
	hs_ck_ok(heap_read_with(after, strlen(after), "b", &read, &f.after));
	make_rows(&f, true, &options);
	ck_assert_uint_eq(f.rows.n, 1);
	ck_assert_double_eq_tol(f.rows.items[0].error / error_of(30), 1, 1e-9);
	fixture_release(&f);
}
END_TEST

int main(void)
{
	return hs_check_run("output/row_change", one_process, perhaps_two,
			    counted_again, not_counted, threads);
}
