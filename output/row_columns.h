/**
 * @file row_columns.h - more columns of rows: the points of a trend, and, for
 * formats that use them, threads and the other numbers.
 */
#ifndef OUTPUT_ROW_COLUMNS_H
#define OUTPUT_ROW_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "base/intern.h"
#include "heap/profile.h"
#include "heap/trend.h"

/** The columns of a trend beside the first and the last snapshot. */
struct rows_series {
	size_t n;   /* snapshots; 0: no trend */
	bool inner; /* the report is a diff; those in between only say how */
	const struct heap_profile *const *profiles; /* borrowed */
	/* Seconds since the first when timed, else the snapshots' indices. */
	double *times; /* owned */
	bool timed;
	struct heap_trend *trends;  /* owned; by row.number */
	struct heap_counts *totals; /* owned; n, of the visible rows */
	struct heap_trend total;
};

/** Estimates of objects and bytes. */
struct row_values {
	double objects, bytes;
};

#define ROW_NO_PART UINT32_MAX

/** What one thread allocated of a row. Its numbers are proportions of the
 *  row's; with sampling they need not add up to it. */
struct row_part {
	uint32_t row;	 /* its number */
	uint32_t next;	 /* index in parts, ROW_NO_PART: the last one */
	uint32_t thread; /* index in threads */
	struct row_values before, after; /* the numbers that rows count */
	struct row_values other_before, other_after; /* the other numbers */
};

/** The columns of one row. The other numbers are those that rows do not count:
 *  allocated since the start when rows count what is in use, and the
 *  reverse. */
struct row_extra {
	struct row_values before, after;
	uint32_t first; /* index in parts, ROW_NO_PART: none */
};

/** Zero-initialised: not wanted. */
struct row_columns {
	bool wanted;
	bool inuse;		/* what is counted */
	bool other;		/* the profiles have the other numbers */
	struct row_extra *rows; /* owned; by row.number */
	size_t n_rows, rows_cap;
	struct row_part *parts; /* owned */
	size_t n_parts, parts_cap;
	struct hash_index part_index; /* parts by row and thread */
	struct intern threads;	      /* "my worker (t1)" */
};

void row_columns_release(struct row_columns *x);

/** Enables the columns for rows of @before (NULL: none) and @after, which count
 *  what is in use (@inuse) or what was allocated since the start. */
void row_columns_init(struct row_columns *x, const struct heap_profile *before,
		      const struct heap_profile *after, bool inuse);

/** Adds the columns of stack @index of @p, the profile after or before, to row
 *  @number, if they are wanted. */
struct hs_error *row_columns_add(struct row_columns *x, uint32_t number,
				 const struct heap_profile *p, uint32_t index,
				 bool after) hs_must_check;

/** The columns of row @number; NULL: none. */
const struct row_extra *row_columns_of(const struct row_columns *x,
				       uint32_t number);

#endif
