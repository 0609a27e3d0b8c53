/**
 * @file sampling.h - random numbers for tests that simulate jemalloc's
 * sampling: the same in every run, so that what is asserted of thousands of
 * simulated heaps holds always or never.
 *
 *	uint64_t state = 20260101;		any seed
 *	double hits = binomial(&state, 5000, seen);
 */
#ifndef TESTS_UNIT_SAMPLING_H
#define TESTS_UNIT_SAMPLING_H

#include <math.h>
#include <stdint.h>

#include "heap/unbias.h"

/** splitmix64 (Steele, Lea, Flood 2014): 64 random bits. *state: the seed
 *  before the first call, then the generator's own. */
static inline uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/** Of equal chance everywhere from 0 to 1; never 0, so it has a logarithm (once
 *  in 2^53 calls it is 1, by rounding). */
static inline double next_random(uint64_t *state)
{
	return ((double)(splitmix64(state) >> 11) + 0.5) * 0x1p-53;
}

/** How many of @n objects, a whole number, are sampled, each with probability
 *  @seen, above 0 and below 1: by the distances between those that are, which
 *  are geometric. */
static inline double binomial(uint64_t *state, double n, double seen)
{
	double at = 0, scale = log1p(-seen), hits = 0;

	for (;; hits++) {
		at += floor(log(next_random(state)) / scale) + 1;
		if (at > n)
			return hits;
	}
}

/** Standard error of the bytes. */
static inline double heap_counts_error(const struct heap_counts *c)
{
	return sqrt(c->bytes_variance);
}

/** What is read from a dump of jemalloc 5.3 of a stack whose samples, each
 *  corrected by its own size, come to @objects (above 0) and @bytes: it writes
 *  numbers that become these again (prof_data.c, prof_do_unbias()), rounded.
 *  @period: the mean distance between samples, in bytes. */
static inline struct heap_counts read_as_5_3(double objects, double bytes,
					     double period)
{
	double x = bytes / objects;
	double y = bytes * -expm1(-x / period);

	return heap_unbias((uint64_t)llround(y / x), (uint64_t)llround(y),
			   (uint64_t)period);
}

#endif
