/* Rows by function, line, file, module and thread; of what was allocated since
 * the start; without hidden, suppressed and insignificant ones; and that what
 * is not the same is not made one: other builds, other processes. */
#include "output/row_recipes.h"

#include <regex.h>
#include <string.h>

#include "base/array.h"
#include "heap/threads.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/report_fixture.h"

/* Two functions of one file in the program, of which one is also in another
 * file, below a library's template, and a library without names. */
#define STACKS                                                       \
	HEAD(1)                                                      \
	"  t0: 0: 0 [0: 0] main\n  t1: 0: 0 [0: 0] my worker\n"      \
	"@ 0x1001 0x1101\n"                                          \
	"  t*: 1: 1024 [2: 2048]\n  t0: 1: 1024 [2: 2048]\n"         \
	"@ 0x1002 0x1101\n"                                          \
	"  t*: 3: 6144 [3: 6144]\n  t0: 2: 4096 [2: 4096]\n"         \
	"  t1: 1: 2048 [1: 2048]\n"                                  \
	"@ 0x1003 0x1101\n"                                          \
	"  t*: 1: 65536 [1: 65536]\n  t1: 1: 65536 [1: 65536]\n"     \
	"@ 0x2001 0x1101\n"                                          \
	"  t*: 1: 131072 [1: 131072]\n  t1: 1: 131072 [1: 131072]\n" \
	"\nMAPPED_LIBRARIES:\n"                                      \
	"1000-2000 r-xp 00000000 fe:00 11 /srv/app\n"                \
	"2000-3000 r-xp 00000000 fe:00 12 /usr/lib/libx.so\n"        \
	"# heapsnap 1\n"                                             \
	"# heapsnap name 0x1001 put /a/cache.c 10 0\n"               \
	"# heapsnap name 0x1002 grow /usr/include/vec.h 5 1\n"       \
	"# heapsnap name 0x1002 put /a/cache.c 12 0\n"               \
	"# heapsnap name 0x1003 get /a/cache.c 20 0\n"               \
	"# heapsnap name 0x1100 main /a/main.c 7 0\n"                \
	"# heapsnap end\n"

struct want {
	const char *function;
	int64_t bytes;
};

static void check_rows(const struct rows_options *options,
		       const struct want *want, size_t n)
{
	const struct heap_read_options read = { .threads = true };
	struct heap_profile p;
	struct rows rows;
	size_t i;

	hs_ck_ok(heap_read_with(STACKS, strlen(STACKS), "x", &read, &p));
	hs_ck_ok(rows_of_profile(&p, options, &rows));
	ck_assert_uint_eq(rows.n, n);
	for (i = 0; i < n; i++) {
		ck_assert_uint_eq(rows.items[i].depth, 1);
		ck_assert_pstr_eq(
			row_frame(&rows, &rows.items[i], 0)->look->function,
			want[i].function);
		ck_assert_int_eq(rows.items[i].bytes, want[i].bytes);
	}
	rows_release(&rows);
	heap_profile_release(&p);
}

/* The library's stack is the program's who called it. */
START_TEST(functions)
{
	static const struct want want[] = { { "main", 131072 },
					    { "get", 65536 },
					    { "put", 7168 } };

	check_rows(&(struct rows_options){ .group = ROWS_FUNCTIONS }, want, 3);
}
END_TEST

START_TEST(lines)
{
	static const struct want want[] = {
		{ "main", 131072 },
		{ "get", 65536 },
		{ "put", 6144 },
		{ "put", 1024 },
	};

	check_rows(&(struct rows_options){ .group = ROWS_LINES }, want, 4);
}
END_TEST

START_TEST(files)
{
	static const struct want want[] = { { "/a/main.c", 131072 },
					    { "/a/cache.c", 72704 } };

	check_rows(&(struct rows_options){ .group = ROWS_FILES }, want, 2);
}
END_TEST

START_TEST(modules)
{
	static const struct want want[] = { { "/usr/lib/libx.so", 131072 },
					    { "/srv/app", 72704 } };

	check_rows(&(struct rows_options){ .group = ROWS_MODULES }, want, 2);
}
END_TEST

START_TEST(threads)
{
	static const struct want want[] = { { "my worker (t1)", 198656 },
					    { "main (t0)", 5120 } };
	static const struct want ever[] = { { "my worker (t1)", 198656 },
					    { "main (t0)", 6144 } };

	check_rows(&(struct rows_options){ .group = ROWS_THREADS }, want, 2);
	check_rows(&(struct rows_options){ .group = ROWS_THREADS,
					   .counts = ROWS_ALLOCATED },
		   ever, 2);
}
END_TEST

START_TEST(allocated)
{
	static const struct want want[] = { { "main", 131072 },
					    { "get", 65536 },
					    { "put", 8192 } };

	check_rows(&(struct rows_options){ .group = ROWS_FUNCTIONS,
					   .counts = ROWS_ALLOCATED },
		   want, 3);
}
END_TEST

/* Of a thread, also in the stacks. */
START_TEST(one_thread)
{
	const struct heap_read_options read = { .threads = true };
	const struct rows_options options = { .group = ROWS_FUNCTIONS };
	struct heap_profile p;
	struct rows rows;

	hs_ck_ok(heap_read_with(STACKS, strlen(STACKS), "x", &read, &p));
	ck_assert_uint_eq(p.n_threads, 2);
	ck_assert_uint_eq(p.n_parts, 5);
	heap_profile_keep_threads(&p, (const bool[]){ true, false });
	ck_assert_uint_eq(p.n_parts, 2);
	ck_assert_double_eq(p.total.bytes, 5120);
	hs_ck_ok(rows_of_profile(&p, &options, &rows));
	ck_assert_int_eq(rows.net.bytes, 5120);
	ck_assert_str_eq(row_frame(&rows, &rows.items[0], 0)->look->function,
			 "put");
	rows_release(&rows);
	heap_profile_release(&p);
}
END_TEST

START_TEST(hidden_frames)
{
	struct rows_options options = { 0 };
	struct fixture f;
	regex_t re;

	ck_assert_int_eq(regcomp(&re, "^(grow|main)$", REG_EXTENDED), 0);
	options.hide = &re;
	fixture_parse(&f, NULL, STACKS, &options);
	ck_assert_uint_eq(f.rows.n, 4);
	ck_assert_str_eq(
		row_frame(&f.rows, &f.rows.items[2], 0)->look->function, "put");
	ck_assert_uint_eq(f.rows.items[2].depth, 1);
	fixture_release(&f);
	options = (struct rows_options){ .show = &re };
	fixture_parse(&f, NULL, STACKS, &options);
	/* "main" alone, and that below "grow". */
	ck_assert_uint_eq(f.rows.n, 2);
	ck_assert_int_eq(f.rows.items[0].bytes, 197632);
	ck_assert_uint_eq(f.rows.items[1].depth, 2);
	fixture_release(&f);
	regfree(&re);
}
END_TEST

START_TEST(suppressed)
{
	struct heap_suppressions s = { 0 };
	const struct rows_options options = { .suppressions = &s };
	struct fixture f;

	hs_ck_ok(heap_suppressions_parse(&s, "leak:^put$\nleak:libx.so", 23,
					 "x"));
	fixture_parse(&f, NULL, STACKS, &options);
	ck_assert_uint_eq(f.rows.n, 1);
	ck_assert_int_eq(f.rows.net.bytes, 65536);
	ck_assert_uint_eq(f.rows.suppressed.rows, 3);
	ck_assert_int_eq(f.rows.suppressed.bytes, 138240);
	ck_assert_int_eq(f.rows.heap_after.bytes, 203776);
	fixture_release(&f);
	heap_suppressions_release(&s);
}
END_TEST

#define ONE(n) "  t*: " n " [0: 0]\n  t0: " n " [0: 0]\n"

/* One of 64 samples of 512 bytes is an error of 12.5 %. */
START_TEST(significant)
{
	const struct rows_options options = { .significant = true };
	struct fixture f;

	fixture_parse(&f,
		      HEAD(524288) "@ 0x1\n" ONE("64: 32768") "@ 0x2\n" ONE(
			      "64: 32768"),
		      HEAD(524288) "@ 0x1\n" ONE("96: 49152") "@ 0x2\n" ONE(
			      "80: 40960"),
		      &options);
	ck_assert_uint_eq(f.rows.n, 1);
	ck_assert_uint_eq(row_after(&f.rows, &f.rows.items[0])->samples, 96);
	ck_assert_uint_eq(f.rows.insignificant.rows, 1);
	ck_assert_int_eq(f.rows.insignificant.bytes + f.rows.items[0].bytes,
			 f.rows.net.bytes);
	fixture_release(&f);
}
END_TEST

#define APP(at, id, names)                                                     \
	HEAD(1)                                                                \
	"@ 0x" at "001\n" ONE("1: 64") "\nMAPPED_LIBRARIES:\n" at "000-" at    \
				       "fff r-xp 00000000 fe:00 11 /srv/app\n" \
				       "# heapsnap 1\n# heapsnap module 0 " id \
				       " 0 - /srv/app\n" names                 \
				       "# heapsnap end\n"

/* An upgraded program: by function and line where there are names; without, the
 * same offset in another build is something else. */
START_TEST(upgraded_program)
{
	struct fixture f;

	fixture_parse(&f,
		      APP("1", "aa", "# heapsnap name 0x1001 put c.c 5 0\n"),
		      APP("5", "bb", "# heapsnap name 0x5001 put c.c 5 0\n"),
		      NULL);
	ck_assert(heap_module_is_rebuilt(&f.after.modules[0], &f.before));
	ck_assert_uint_eq(f.diff.n_stacks, 2);
	ck_assert_uint_eq(f.rows.n, 1);
	ck_assert_int_eq(f.rows.items[0].bytes, 0);
	fixture_release(&f);
	fixture_parse(&f, APP("1", "aa", ""), APP("5", "bb", ""), NULL);
	ck_assert_uint_eq(f.rows.n, 2);
	ck_assert_int_eq(f.rows.grown.bytes, 64);
	fixture_release(&f);
	fixture_parse(&f, APP("1", "aa", ""), APP("5", "aa", ""), NULL);
	ck_assert(!heap_module_is_rebuilt(&f.after.modules[0], &f.before));
	ck_assert_uint_eq(f.rows.n, 1);
	fixture_release(&f);
}
END_TEST

#define JIT(start)                                                                      \
	HEAD(1)                                                                         \
	"@ 0x1001\n" ONE(                                                               \
		"1: 64") "\nMAPPED_LIBRARIES:\n"                                        \
			 "1000-2000 rwxp 00000000 00:00 0 \n"                           \
			 "# heapsnap 1\n# heapsnap pid 7\n# heapsnap start-time " start \
			 "\n# heapsnap end\n"

/* Memory without a file is the same by its address in one process only. */
START_TEST(other_process)
{
	struct fixture f;

	fixture_parse(&f, JIT("5"), JIT("5"), NULL);
	ck_assert_uint_eq(f.rows.n, 1);
	fixture_release(&f);
	fixture_parse(&f, JIT("5"), JIT("6"), NULL);
	ck_assert_uint_eq(f.rows.n, 2);
	fixture_release(&f);
}
END_TEST

int main(void)
{
	return hs_check_run("output/groups", functions, lines, files, modules,
			    threads, allocated, one_thread, hidden_frames,
			    suppressed, significant, upgraded_program,
			    other_process);
}
