/**
 * @file rows.h - the rows that all reports show: one per stack.
 *
 * A row is one stack as people see it: the allocator's frames at its leaf are
 * folded away, and stacks that then show the same functions and lines are one.
 * Rows may also represent functions, lines or files: all stacks whose innermost
 * frame of the program's own code is there (or the leaf, when all is library
 * code); modules: all stacks whose leaf is there, the allocator folded away; in
 * both, functions that the program allocates through do not count (wrappers.h);
 * or threads. Such a row has one frame. All formats are written from these.
 */
#ifndef OUTPUT_ROWS_H
#define OUTPUT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "heap/change.h"
#include "heap/hints.h"
#include "heap/profile.h"
#include "heap/time_left.h"
#include "output/row.h"
#include "output/row_ages.h"
#include "output/row_columns.h"
#include "output/row_frame.h"
#include "output/row_options.h"

/** Sums over rows, of rounded numbers. */
struct rows_sum {
	int64_t bytes, objects;
	double variance; /* bytes^2 */
	size_t rows;
};

struct rows {
	const struct heap_profile *before; /* borrowed; NULL: one snapshot */
	const struct heap_profile *after;  /* borrowed */
	bool tracked; /* one process, which counts allocations in between */
	struct row *items; /* owned; largest growth first */
	size_t n, cap;
	/* Owned; n_points of each row, by row.number: what it had in each
	 * snapshot. A diff has two, a report of one snapshot none. */
	struct heap_counts *points;
	size_t n_points, points_cap;
	/* Owned; by row.number: variance of what came in between, if tracked */
	double *since;
	size_t since_cap;
	struct row_frame *frames; /* owned; what stack points to */
	size_t n_frames, frames_cap;
	struct row_look **looks; /* owned, each; what frames point to */
	size_t n_looks, looks_cap;
	uint32_t *stack; /* owned; indices in frames, leaf first */
	size_t n_stack, stack_cap;
	/* Of all stacks, also those that focus and ignore removed. */
	struct rows_sum heap_before, heap_after;
	/* Of the rows. Shrunk numbers are negative. */
	struct rows_sum grown, shrunk, net;
	size_t n_unfocused;	       /* rows that focus and ignore removed */
	struct rows_sum suppressed;    /* rows that suppressions removed */
	struct rows_sum insignificant; /* of net: rows that are not in items */
	/* Of two and more snapshots, what their counters say (heap/change.h). */
	struct heap_live_change live;
	int64_t unsampled; /* bytes that changed in no sampled stack */
	double seconds_until_sure;
	enum rows_group group;
	enum rows_counts counts;
	struct rows_series series;
	struct heap_time_left left; /* until a limit is reached */
	int64_t live_fell;	    /* in bytes, in between: heap/time_left.h */
	/* Owned; by row.number, in use: heap/inherited.h; NULL: none has any */
	struct heap_counts *inherited;
	struct row_ages ages;			/* of what is in use in after */
	struct heap_hint hints[HEAP_HINTS_MAX]; /* on after */
	unsigned n_hints;
	struct row_columns columns;
	struct intern strings; /* of frames, what no profile has */
};

/** Empty rows. rows_release(). */
void rows_init(struct rows *rows, const struct heap_profile *before,
	       const struct heap_profile *after,
	       const struct rows_options *options);

void rows_release(struct rows *rows);

/** Estimates the changes of the rows of @rows, none of which is unsampled. @in
 *  has their profiles; the rest of it is filled in, and valid until there are
 *  more rows. */
struct hs_error *rows_estimate(struct rows *rows, struct heap_change_input *in,
			       struct heap_changes *ret) hs_must_check;

/** Fills what follows from the counts of the rows and their @changes (NULL: of
 *  one snapshot), takes away those that @options do not want, adds up and
 *  sorts the rest. */
void rows_finish(struct rows *rows, const struct heap_changes *changes,
		 const struct rows_options *options);

/** Sets what follows from all snapshots of the interval, in the order of time. */
struct hs_error *rows_set_interval(struct rows *rows,
				   const struct heap_profile *const *profiles,
				   size_t n) hs_must_check;

/** Frame @i of @row, 0 is the leaf. */
static inline const struct row_frame *
row_frame(const struct rows *rows, const struct row *row, uint32_t i)
{
	return &rows->frames[rows->stack[row->first + i]];
}

/** The index in rows->stack of what stands for the stack whose frames are there
 *  at [@first, @end): its innermost frame of the program's own code, or the
 *  leaf when all is library code. */
size_t rows_place(const struct rows *rows, size_t first, size_t end);

/** The report is of all snapshots, not of the first and the last. */
static inline bool rows_is_trend(const struct rows *rows)
{
	return rows->series.n && !rows->series.inner;
}

/** The frame that is responsible for what @row has: the innermost that is no
 *  wrapper. Of a row with frames. */
static inline const struct row_frame *row_title(const struct rows *rows,
						const struct row *row)
{
	return row_frame(rows, row, row->wrappers);
}

/** What children have of @row by fork; all 0 where nobody looked. */
static inline struct heap_counts row_inherited(const struct rows *rows,
					       const struct row *row)
{
	return rows->inherited ? rows->inherited[row->number]
			       : (struct heap_counts){ 0 };
}

/** What @row had in snapshot @i of @rows, and in those behind it. */
static inline struct heap_counts *row_point(const struct rows *rows,
					    const struct row *row, size_t i)
{
	return &rows->points[row->number * rows->n_points + i];
}

/** The same in the last one; not of one snapshot, */
static inline const struct heap_counts *row_after(const struct rows *rows,
						  const struct row *row)
{
	return row_point(rows, row, rows->n_points - 1);
}

/** and in the first; all 0 in a report of one. */
static inline struct heap_counts row_before(const struct rows *rows,
					    const struct row *row)
{
	return rows->before ? *row_point(rows, row, 0)
			    : (struct heap_counts){ 0 };
}

/** The trend of @row; NULL where there is none. */
static inline const struct heap_trend *row_trend(const struct rows *rows,
						 const struct row *row)
{
	return rows->series.trends ? &rows->series.trends[row->number] : NULL;
}

/** Its bytes or objects differ between before and after, or in a trend its
 *  bytes between any snapshots. */
bool row_changed(const struct row *row);

/** The change is more than sampling noise: its chance, corrected for the number
 *  of rows, is 4.6 % at most; any change when the numbers are exact. */
bool row_significant(const struct row *row);

/** The row is neither that nor, in a trend, anything but flat or noise. */
bool row_is_noise(const struct row *row);

/** All rows together grew beyond noise: many changes within it can add up to
 * one that is not. In a trend: that of all is. */
bool rows_net_grew(const struct rows *rows);

/** All of its profiles count objects; else the rows' are 0, and never shown. */
bool rows_count_objects(const struct rows *rows);

/** The noun for a row of @rows: "stack", "function", ... */
const char *rows_noun(const struct rows *rows);

/** Microseconds from before to after; -1: not known, or the wrong way round. */
int64_t rows_elapsed(const struct rows *rows);

#endif
