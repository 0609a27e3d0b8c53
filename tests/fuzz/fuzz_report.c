/*
 * The whole way of hostile dumps: text to profile, to rows in each grouping, to
 * a report in each format, of one dump, of two merged, of a diff and of a
 *trend: nothing crashes or hangs.
 *
 * An input is two bytes that choose options, and a dump, or two of them with a
 * line "====" between.
 *
 *	tests/fuzz/run report 60
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap/diff.h"
#include "heap/format/read.h"
#include "heap/merge.h"
#include "output/format_names.h"
#include "output/report.h"
#include "output/row_recipes.h"
#include "output/rows.h"
#include "symbol/demangle.h"
#include "tests/fuzz/fuzz.h"

/* What the first bytes of an input choose. */
struct choice {
	struct rows_options rows;
	struct text_options text;
};

static struct choice choose(uint8_t a, uint8_t b)
{
	struct choice c = {
		.rows = {
			.demangle = demangle,
			.style = b & 8 ? DEMANGLE_FULL : DEMANGLE_SHORT,
			.sort = a & 1 ? ROWS_BY_OBJECTS : ROWS_BY_BYTES,
			.group = b % 8 < 6 ? b % 8 : ROWS_STACKS,
			.fold = a >> 1 & 3,
			.addresses = a & 8,
			.no_inlines = a & 16,
			.significant = a & 32,
			.columns = a & 64,
		},
		.text = {
			.width = b & 16 ? 40 : 0,
			.color = b & 32,
			.utf8 = b & 64,
			.all_frames = b & 128,
			.sort = a & 1 ? ROWS_BY_OBJECTS : ROWS_BY_BYTES,
			.top = a & 128 ? 3 : 0,
			.addresses = a & 8,
			.modules = b & 32,
			.folded_signed = a & 1,
		},
	};

	c.rows.columns &= c.rows.group == ROWS_STACKS;
	c.text.threads = c.rows.columns;
	return c;
}

static void write_all(const struct rows *rows, const struct choice *c)
{
	unsigned format;
	size_t size;
	char *text;
	FILE *f;

	for (format = FORMAT_TEXT; format <= FORMAT_SVG; format++) {
		text = NULL;
		f = open_memstream(&text, &size);
		must(f);
		/* Some formats refuse a diff or a trend. */
		hs_error_free(report_write(f, rows, format, &c->text));
		must(!fclose(f));
		free(text);
	}
}

static void report(struct hs_error *err, struct rows *rows,
		   const struct choice *c)
{
	if (!err)
		write_all(rows, c);
	hs_error_free(err);
	rows_release(rows);
}

static void report_two(const struct heap_profile *p,
		       const struct heap_profile *q, const struct choice *c)
{
	const struct heap_profile *all[] = { p, q, p };
	struct rows rows = { 0 };
	struct heap_profile merged;
	struct heap_diff diff;
	struct hs_error *err = heap_diff(p, q, &diff);

	hs_error_free(err);
	if (!err) {
		report(rows_of_diff(&diff, &c->rows, &rows), &rows, c);
		heap_diff_release(&diff);
	}
	rows = (struct rows){ 0 };
	report(rows_of_trend(all, 3, &c->rows, &rows), &rows, c);
	err = heap_merge(all, 2, &merged);
	hs_error_free(err);
	if (!err) {
		rows = (struct rows){ 0 };
		report(rows_of_profile(&merged, &c->rows, &rows), &rows, c);
		heap_profile_release(&merged);
	}
}

static bool read_dump(const uint8_t *text, size_t len, const char *name,
		      struct heap_profile *ret)
{
	static const struct heap_read_options options = { .threads = true };
	struct hs_error *err =
		heap_read_with((const char *)text, len, name, &options, ret);

	hs_error_free(err);
	return !err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char between[] = "\n====\n";
	const uint8_t *other, *end = data + size;
	struct rows rows = { 0 };
	struct heap_profile p, q;
	struct choice c;

	if (size < 2)
		return 0;
	c = choose(data[0], data[1]);
	data += 2;
	other = memmem(data, size - 2, between, strlen(between));
	if (!read_dump(data, (size_t)((other ? other + 1 : end) - data), "a",
		       &p))
		return 0;
	report(rows_of_profile(&p, &c.rows, &rows), &rows, &c);
	if (other) {
		other += strlen(between);
		if (read_dump(other, (size_t)(end - other), "b", &q)) {
			report_two(&p, &q, &c);
			heap_profile_release(&q);
		}
	}
	heap_profile_release(&p);
	return 0;
}
