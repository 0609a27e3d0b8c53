/**
 * @file units.h - formats numbers for people.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

/** The number without its sign. */
static inline uint64_t magnitude(int64_t n)
{
	return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

/** How sizes are written. */
enum units {
	UNITS_IEC,   /* "12.3 MiB" */
	UNITS_BYTES, /* "12897485 B" */
};

/** Appends @bytes; @sign: with "+" or "-" unless it is 0. */
void units_add_bytes(struct strbuf *sb, int64_t bytes, bool sign,
		     enum units units);

/** Appends @error, a standard error of @bytes, in the unit of @bytes (so that
 *  the two compare at a glance) unless it would be less than 0.1 of that
 *  unit. */
void units_add_error(struct strbuf *sb, int64_t error, int64_t bytes,
		     enum units units);

/** Appends "2.0 +- 0.2 MiB": @error, not negative, in the unit of @bytes and
 *  never as 0; without it when it is 0. @between: " +- ". */
void units_add_between(struct strbuf *sb, int64_t bytes, int64_t error,
		       const char *between, enum units units);

/** Appends @bytes exactly, in the largest unit of which it is a multiple:
 *  "512 KiB", "1000 B". */
void units_add_exact(struct strbuf *sb, uint64_t bytes);

/** Appends "1,234,567"; @sign as above. */
void units_add_count(struct strbuf *sb, int64_t n, bool sign);

/** Appends "1 object", "2 objects". @noun is in the singular. */
void units_add_counted(struct strbuf *sb, int64_t n, const char *noun,
		       bool sign);

/** Appends microseconds: "850 us", "4.2 ms", "10.0 s", "5 min 3 s",
 *  "2 h 5 min". Not negative. */
void units_add_duration(struct strbuf *sb, int64_t us);

/** Appends seconds (0 or more) as a prediction has them, in one unit: "58 min",
 * "3 days". */
void units_add_about(struct strbuf *sb, double seconds);

#endif
