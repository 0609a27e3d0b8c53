/**
 * @file nearest.h - which of several words a mistyped one was meant to be.
 *
 *	struct nearest n = { .word = "snpa" };
 *
 *	nearest_consider(&n, "snap");
 *	nearest_consider(&n, "stats");
 *	n.best is "snap"; it would be NULL if none were near.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

#include "base/error.h"

/** Zero-initialised but for the word. */
struct nearest {
	const char *word; /* what was typed */
	const char *best; /* one of the candidates; NULL: none is near */
	size_t distance;  /* of it, from nearest_distance() */
};

/** Letters to be put in, left out, replaced or swapped with the next to make
 *  @b of @a, of at most 63 letters each; else SIZE_MAX. This is the optimal
 *  string alignment distance. */
size_t nearest_distance(const char *a, const char *b);

/** Makes @candidate, which must outlive @n, the best one if it is nearer than
 *  what came before. Near is at most one step for every three letters of what
 *  was typed, or that two letters or more of the beginning were typed. */
void nearest_consider(struct nearest *n, const char *candidate);

/** Gives @err the hint "did you mean '<before><best>'?" if there is a best one.
 *  Takes @err and gives it back. */
struct hs_error *nearest_hint(struct hs_error *err, const struct nearest *n,
			      const char *before) hs_must_check;

#endif
