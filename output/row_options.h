/**
 * @file row_options.h - options for making rows.
 */
#ifndef OUTPUT_ROW_OPTIONS_H
#define OUTPUT_ROW_OPTIONS_H

#include <regex.h>
#include <stdbool.h>

#include "base/demangle_style.h"
#include "heap/suppressions.h"

enum rows_sort { ROWS_BY_BYTES, ROWS_BY_OBJECTS };

/** What a row represents. */
enum rows_group {
	ROWS_STACKS,
	ROWS_FUNCTIONS,
	ROWS_LINES,
	ROWS_FILES,
	ROWS_MODULES,
	ROWS_THREADS, /* the profiles must have their parts */
};

/** The frames that are folded at the leaf of stacks. */
enum rows_fold {
	ROWS_FOLD_WRAPPERS,  /* the allocator's; row.wrappers tells which of
				what is left are wrappers */
	ROWS_FOLD_ALLOCATOR, /* no function counts as a wrapper */
	ROWS_FOLD_STD, /* as the first, and the C++ library's frames, too */
	ROWS_FOLD_NONE,
};

/** The numbers of the profiles that rows count. */
enum rows_counts {
	ROWS_INUSE,
	ROWS_ALLOCATED, /* since the start; the profiles must have them */
};

struct rows_options {
	/* Demangles names; NULL: they are shown as they are. */
	demangle_writer *demangle;
	enum demangle_style style; /* of the shown names */
	enum rows_sort sort;
	enum rows_group group;
	enum rows_counts counts;
	bool no_inlines;
	enum rows_fold fold;
	bool addresses;	  /* only frames of one address are the same */
	bool significant; /* only changes beyond the sampling noise */
	bool columns;	  /* rows.columns, of stacks */
	/* Stacks in which a frame matches are counted and not shown. Borrowed;
	 * NULL: none. */
	const struct heap_suppressions *suppressions;
	/* Leave out the frames that match @hide, and with @show all others than
	 * those that match it. Borrowed; NULL: none. */
	const regex_t *hide, *show;
	/* More wrappers. Borrowed; NULL: none. */
	const regex_t *wrapper;
	/* Keep stacks with a frame that matches @focus and none that matches
	 * @ignore: in its function (for people or linkage name), file or
	 * module. Borrowed; NULL: all. */
	const regex_t *focus, *ignore;
};

#endif
