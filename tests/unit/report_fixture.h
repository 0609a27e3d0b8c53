/**
 * @file report_fixture.h - profiles to report on, for the tests of output/.
 */
#ifndef TESTS_UNIT_REPORT_FIXTURE_H
#define TESTS_UNIT_REPORT_FIXTURE_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "heap/diff.h"
#include "heap/format/read.h"
#include "heap/profile.h"
#include "output/row_recipes.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sample_names.h"

/** The first lines of a dump; what all threads have in all is not used. */
#define HEAD(period) "heap_v2/" #period "\n  t*: 0: 0 [0: 0]\n"

/** Two profiles and their rows; rows is of the diff, or of after alone. */
struct fixture {
	struct heap_profile before, after;
	struct heap_diff diff;
	struct rows rows;
};

static inline void make_rows(struct fixture *f, bool diff,
			     const struct rows_options *options)
{
	struct rows_options named = { 0 };

	if (options)
		named = *options;
	named.demangle = sample_name;
	options = &named;
	if (diff) {
		hs_ck_ok(heap_diff(&f->before, &f->after, &f->diff));
		hs_ck_ok(rows_of_diff(&f->diff, options, &f->rows));
	} else {
		hs_ck_ok(rows_of_profile(&f->after, options, &f->rows));
	}
}

/** Reads heap_v2 dumps or snapshots from memory; @before NULL: one profile.
 *  @options NULL: all defaults. Fails the test when it cannot. */
static inline void fixture_parse(struct fixture *f, const char *before,
				 const char *after,
				 const struct rows_options *options)
{
	memset(f, 0, sizeof(*f));
	heap_profile_init(&f->before);
	heap_profile_init(&f->after);
	if (before)
		hs_ck_ok(heap_read(before, strlen(before), "before.heap",
				   &f->before));
	hs_ck_ok(heap_read(after, strlen(after), "after.heap", &f->after));
	make_rows(f, before, options);
}

static inline void read_data(const char *name, struct heap_profile *ret)
{
	char path[256];

	snprintf(path, sizeof(path), "tests/data/%s", name);
	hs_ck_ok(heap_read_file(path, ret));
}

/** The same from the files tests/data/@before and tests/data/@after. */
static inline void fixture_read(struct fixture *f, const char *before,
				const char *after,
				const struct rows_options *options)
{
	memset(f, 0, sizeof(*f));
	heap_profile_init(&f->before);
	heap_profile_init(&f->after);
	if (before)
		read_data(before, &f->before);
	read_data(after, &f->after);
	make_rows(f, before, options);
}

static inline void fixture_release(struct fixture *f)
{
	rows_release(&f->rows);
	heap_diff_release(&f->diff);
	heap_profile_release(&f->before);
	heap_profile_release(&f->after);
}

#endif
