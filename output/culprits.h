/**
 * @file culprits.h - the places in the program that a report is about: the
 * lines of its own code that most of the growth comes from.
 */
#ifndef OUTPUT_CULPRITS_H
#define OUTPUT_CULPRITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "output/rows.h"

/** All rows whose innermost frame of the program's own code is @frame. */
struct culprit {
	const struct row_frame *frame; /* of the rows */
	int64_t bytes; /* sum of the rows; negative: of what shrank */
};

struct culprits {
	struct culprit *items; /* owned; largest first */
	size_t n;      /* as few as make up 90%, and at most CULPRITS_MOST */
	size_t more;   /* so many others belong to the 90%, too */
	int64_t whole; /* bytes that shares are of; of the sign of the items */
};

enum { CULPRITS_MOST = 5 };

enum culprits_of {
	CULPRITS_GREW,	 /* of one snapshot: what is there */
	CULPRITS_SHRANK, /* of a diff */
};

/** The places that make up 90% of what @rows grew or shrank by, without what
 *  is within the sampling noise, unless it is certain that something grew and
 *  all of it is: then those that grew the most. culprits_release(). */
struct hs_error *culprits_find(const struct rows *rows, enum culprits_of of,
			       struct culprits *ret) hs_must_check;

void culprits_release(struct culprits *c);

/** Share of the whole in percent. */
double culprits_share(const struct culprits *c, const struct culprit *one);

/** Appends "search::Cache::put (cache.cc:214)", escaped for a terminal; without
 *  a line what is known of its place. A name of more than @width columns is cut
 *  (0: none is). */
void culprit_add(struct strbuf *sb, const struct culprit *c, size_t width,
		 bool utf8);

#endif
