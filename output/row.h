/**
 * @file row.h - a row of a report, without its frames.
 */
#ifndef OUTPUT_ROW_H
#define OUTPUT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "heap/counts.h"

/** Why a row is not shown; rows.items has none but ROW_VISIBLE. */
enum row_visibility { ROW_VISIBLE, ROW_UNFOCUSED, ROW_SUPPRESSED };

/** There may be millions. */
struct row {
	uint32_t first; /* of its leaf in rows.stack */
	uint32_t depth;
	uint32_t wrappers; /* so many frames at its leaf are of functions that
			      the program allocates through; less than depth */
	uint32_t number : 27; /* in the order the rows were made, from 0 */
	enum row_visibility visibility : 2;
	bool unsampled : 1; /* of no stack (unsampled.h): only its change is
			       known */
	/* Its trend is not flat, and neither flat nor noise; false without. */
	bool moves : 1, moves_on : 1;
	union {
		/* What it has in a report of one snapshot, as long as rows are
		 * made. */
		struct heap_counts counts;
		struct {
			/* Of its last point - its first, each rounded to
			 * integers, so that sums of rows are the totals
			 * exactly; moved by what jemalloc's counters know. */
			int64_t bytes, objects;
			double error;  /* of the change in bytes: half of the
					  95.4 % interval; 0: exact */
			double chance; /* of such a change where nothing
					  changed, corrected for the number of
					  rows; 0 to 1, 1 without a change */
		};
	};
};

enum { ROWS_MAX = 1 << 27 };

#endif
