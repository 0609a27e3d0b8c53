/*
 * output/text: the report is, byte by byte, what tests/data/golden has: on a
 * terminal of 80 and of 160 columns, in a pipe, with colours, and in the cases
 * where there is little to say. HS_GOLDEN=update rewrites the files;
 * review them before you commit them.
 */
#include "output/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/breakdown_text.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/report_fixture.h"

#define BEFORE "searchd-before.heap"
#define AFTER "searchd-after.heap"

static char *read_golden(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;

	ck_assert_msg(f != NULL, "no %s: run with HS_GOLDEN=update", path);
	if (getdelim(&text, &cap, '\0', f) < 0)
		text[0] = '\0';
	fclose(f);
	return text;
}

static void check_golden(const char *name, const char *got)
{
	const char *mode = getenv("HS_GOLDEN");
	char path[256], *want;
	FILE *f;

	snprintf(path, sizeof(path), "tests/data/golden/%s", name);
	if (mode && strcmp(mode, "update") == 0) {
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fputs(got, f);
		fclose(f);
		return;
	}
	want = read_golden(path);
	ck_assert_str_eq(got, want);
	free(want);
}

static char *write_report(const struct rows *rows,
			  const struct text_options *options)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	hs_ck_ok(text_write(f, rows, options));
	fclose(f);
	return text;
}

static const struct {
	const char *golden, *before, *after;
	struct text_options options;
	enum demangle_style style;
} reports[] = {
	{ .golden = "diff-80.txt",
	  .before = BEFORE,
	  .after = AFTER,
	  .options = { .width = 80, .utf8 = true, .top = 10 } },
	{ .golden = "diff-160.txt",
	  .before = BEFORE,
	  .after = AFTER,
	  .options = { .width = 160, .utf8 = true, .top = 10 } },
	{ .golden = "diff-color.txt",
	  .before = BEFORE,
	  .after = AFTER,
	  .options = { .width = 80, .utf8 = true, .color = true, .top = 2 } },
	{ .golden = "diff-pipe.txt",
	  .before = BEFORE,
	  .after = AFTER,
	  .options = { .top = 1 } },
	{ .golden = "diff-bytes.txt",
	  .before = BEFORE,
	  .after = AFTER,
	  .style = DEMANGLE_FULL,
	  .options = { .units = UNITS_BYTES, .top = 2 } },
	{ .golden = "diff-backwards.txt",
	  .before = AFTER,
	  .after = BEFORE,
	  .options = { .utf8 = true, .top = 2 } },
	{ .golden = "diff-nothing.txt",
	  .before = AFTER,
	  .after = AFTER,
	  .options = { .utf8 = true } },
	{ .golden = "report-80.txt",
	  .after = AFTER,
	  .options = { .width = 80, .utf8 = true, .top = 2 } },
};

START_TEST(as_the_golden_file)
{
	struct fixture f;
	char *text;

	fixture_read(&f, reports[_i].before, reports[_i].after,
		     &(struct rows_options){ .style = reports[_i].style });
	text = write_report(&f.rows, &reports[_i].options);
	check_golden(reports[_i].golden, text);
	free(text);
	fixture_release(&f);
}
END_TEST

#define MAPS                    \
	"\nMAPPED_LIBRARIES:\n" \
	"00001000-00002000 r-xp 00000000 fe:00 7 /srv/app/prog\n"

static void check_says(const char *before, const char *after, const char *want)
{
	struct text_options options = { 0 };
	struct fixture f;
	char *text;

	fixture_parse(&f, before, after, NULL);
	text = write_report(&f.rows, &options);
	ck_assert_msg(strstr(text, want) != NULL, "no '%s' in:\n%s", want,
		      text);
	free(text);
	fixture_release(&f);
}

#define ONE(n, b) \
	"@ 0x1100\n  t*: " #n ": " #b " [0: 0]\n  t0: " #n ": " #b " [0: 0]\n"

#define AT(pc, n, b) \
	"@ " pc "\n  t*: " #n ": " #b " [0: 0]\n  t0: " #n ": " #b " [0: 0]\n"
#define MANY(n, b)         \
	AT("0x1100", n, b) \
	AT("0x1110", n, b) \
	AT("0x1120", n, b) \
	AT("0x1130", n, b) AT("0x1140", n, b) AT("0x1150", n, b)

/* Each outcome that is not plain growth is said in a sentence. */
START_TEST(verdicts)
{
	check_says(HEAD(1) ONE(1, 64) MAPS, HEAD(1) ONE(1, 64) MAPS,
		   "\nNothing grew: no stack holds more or less than "
		   "before.\n");
	check_says(HEAD(1) ONE(2, 128) MAPS, HEAD(1) ONE(1, 64) MAPS,
		   "\nNothing grew: the stacks only shrank.\n");
	check_says(HEAD(524288) ONE(1, 64) MAPS, HEAD(524288) ONE(2, 128) MAPS,
		   "\nNothing grew for sure: all changes are within the "
		   "sampling noise.\n");
	check_says(HEAD(524288) MANY(1, 512000) MAPS,
		   HEAD(524288) MANY(3, 1536000) MAPS,
		   "\nNo single stack grew for sure, but all of them together "
		   "did.\n");
	check_says(NULL, HEAD(524288) MAPS,
		   "\nNo live allocation was sampled.\n");
}
END_TEST

/* An estimate that may be chance comes with a hint. */
/* What an interval begins and ends with is no leak, where it fell by as much in
 * between. */
START_TEST(what_comes_and_goes_is_no_leak)
{
	struct heap_meta before, after;
	struct breakdown_view t = { .before = &before, .after = &after };
	struct strbuf sb = { 0 };

	heap_meta_init(&before);
	before.allocated = before.active = before.resident = 100 << 20;
	before.metadata = before.dirty = before.muzzy = before.tcache = 0;
	before.retained = 0;
	before.mapped = before.rss = 200 << 20;
	after = before;
	after.allocated = after.active = after.resident = 108 << 20;
	t.live_fell = (2 << 20) - 1;
	breakdown_text_diagnosis(&sb, &t);
	ck_assert_str_eq(strbuf_str(&sb),
			 "malloc: live allocations grew by 8.0 MiB:\n"
			 "a leak through malloc, if that goes on\n");
	strbuf_release(&sb);
	t.live_fell = 2 << 20;
	breakdown_text_diagnosis(&sb, &t);
	ck_assert_str_eq(strbuf_str(&sb),
			 "malloc: live allocations grew by 8.0 MiB:\n"
			 "a leak through malloc, if that goes on; they shrank "
			 "by 2.0 MiB in between\n");
	strbuf_release(&sb);
	t.live_fell = 24 << 20;
	breakdown_text_diagnosis(&sb, &t);
	ck_assert_str_eq(strbuf_str(&sb),
			 "malloc: live allocations grew by 8.0 MiB:\n"
			 "they come and go, and shrank by 24.0 MiB in "
			 "between\n");
	strbuf_release(&sb);
	heap_meta_release(&before);
}
END_TEST

START_TEST(noise_hint)
{
	check_says(HEAD(524288) ONE(1, 64) MAPS, HEAD(524288) ONE(2, 128) MAPS,
		   "More time between the snapshots\nmakes them surer;");
}
END_TEST

#define NAMED(name)                                 \
	"# heapsnap 1\n"                            \
	"# heapsnap module 0 - 0 - /srv/app/prog\n" \
	"# heapsnap name 0x1100 " name " - 0 0\n# heapsnap end\n"

/* What gperftools writes is not always of live objects. */
START_TEST(growth_profiles)
{
	static const char dump[] = "heap profile: 1: 64 [1: 64] @ growthz\n"
				   "1: 64 [1: 64] @ 0x1001\n";

	check_says(NULL, dump, "growth profile of after.heap: 64 B; ");
	check_says(NULL, dump, "#1  64 B  1 object  100% of all\n");
	check_says(dump, dump,
		   "change of growth profile from before.heap to "
		   "after.heap: 0 B.\n");
}
END_TEST

/* A name that would clear the screen is shown, not obeyed. */
START_TEST(names_are_escaped)
{
	check_says(NULL, HEAD(1) ONE(1, 64) MAPS NAMED("a\\x1b[2Jb"),
		   "    a\\x1b[2Jb  prog\n");
}
END_TEST

START_TEST(switched_off_is_told)
{
	check_says(NULL,
		   HEAD(1) ONE(1, 64) MAPS
		   "# heapsnap 1\n"
		   "# heapsnap prof-active 0\n# heapsnap end\n",
		   "profiling is switched off in the process (prof.active is "
		   "false):\n  what it allocates now is not seen; --activate "
		   "switches it on for a run\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("output/text");
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, as_the_golden_file, 0,
			    sizeof(reports) / sizeof(reports[0]));
	tcase_add_test(tcase, verdicts);
	tcase_add_test(tcase, what_comes_and_goes_is_no_leak);
	tcase_add_test(tcase, noise_hint);
	tcase_add_test(tcase, growth_profiles);
	tcase_add_test(tcase, names_are_escaped);
	tcase_add_test(tcase, switched_off_is_told);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
