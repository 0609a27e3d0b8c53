/**
 * @file when.h - the conditions of --when, and how often to look whether one of
 * them holds.
 */
#ifndef SNAP_WHEN_H
#define SNAP_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "proc/memory_gauge.h"

enum when_kind {
	WHEN_RSS,    /* resident memory of the process, bytes */
	WHEN_LIMIT,  /* of the limit of its control group, percent */
	WHEN_GROWTH, /* resident memory since the wait began, bytes */
};

struct when {
	const char *text; /* borrowed: as it was given, "rss:6G" */
	enum when_kind kind;
	uint64_t amount; /* bytes, or percent: 1 to 100 */
};

/** Parses "rss:SIZE", "limit:PERCENT%" or "growth:SIZE"; @text must live as
 * long as *ret. HS_ERROR_USAGE. */
struct hs_error *when_parse(const char *text, struct when *ret) hs_must_check;

/** How many bytes are missing until it holds; 0: it holds. UINT64_MAX: it
 *  cannot, its group has no limit. @rss: bytes when the wait began. */
uint64_t when_missing(const struct when *w, const struct memory_reading *now,
		      uint64_t rss);

/** The most by which a group's memory may be known too high, page cache
 *  included, before it matters to @w: a percentage for memory_gauge_read(). */
unsigned when_percent(const struct when *w);

/** At which rate what is missing gets less. Zero-initialised: not known. */
struct when_pace {
	int64_t at_us; /* clock_us() of the last look */
	uint64_t missing;
	double rate;	  /* bytes a microsecond */
	uint64_t least;	  /* about the least that ever was missing */
	int64_t least_us; /* and since when */
};

/** The longest time between two looks, and the shortest, in microseconds. It is
 *  longer where the process has come no nearer for WHEN_RESTS_US, and where so
 *  much is missing that one which takes WHEN_FASTEST bytes a second needs
 *  longer. */
enum {
	WHEN_LONGEST_US = 1000000,
	WHEN_SHORTEST_US = 10000,
	WHEN_RESTS_US = 60000000,
	WHEN_RESTING_US = 3000000,
	WHEN_FAR_US = 4000000,
	WHEN_FASTEST = 1 << 30,
};

/**
 * After a look at @now_us, by which @missing bytes are missing: in how many
 * microseconds to look again. That is a quarter of the time left at the present
 * rate, within the bounds above. The rate is that since the last look, or half
 * of what it was a second ago, if that is more: so a process that stands still
 * between two looks is not taken for one that has come to rest.
 */
int64_t when_pace(struct when_pace *p, uint64_t missing, int64_t now_us);

#endif
