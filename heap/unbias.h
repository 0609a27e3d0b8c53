/**
 * @file unbias.h - estimates the true heap from samples, with standard errors.
 *
 * jemalloc samples with a mean of @period bytes between samples (geometric, per
 * byte), so an allocation of size z is seen with probability p(z) = 1 - exp(-z
 * / period). n samples of mean size x represent n / p(x) objects and n * x /
 * p(x) bytes; the standard error of the bytes is bytes * sqrt((1 - p(x)) / n).
 * (jemalloc, prof_data.c, "unbias"; jeprof, AdjustSamples; the error: each
 * object is seen or not, a Bernoulli trial.)
 */
#ifndef HEAP_UNBIAS_H
#define HEAP_UNBIAS_H

#include <stdint.h>

#include "heap/profile.h"

/** Corrects one line "n: b" of a dump with sample period @period (bytes, >=
 *  1). */
struct heap_counts heap_unbias(uint64_t n, uint64_t bytes, uint64_t period);

/**
 * The same for a sampler that takes the object at a distance drawn uniformly
 * from [0, @most) bytes after the last one (early gperftools, "heap/<most>";
 * jeprof, ReadHeapProfile()). In the long run the gap that a given byte lies in
 * has a rest of r with density 2 (most - r) / most^2, so an object of size z is
 * seen with probability 1 - (1 - z / most)^2 when z < most, else for sure.
 * Other readers of such files use an approximation: jeprof by z over the mean
 * distance, which yields up to a quarter less, pprof by 1 - exp(-z / mean),
 * which yields up to a fifth more. For small objects all three agree.
 */
struct heap_counts heap_unbias_uniform(uint64_t n, uint64_t bytes,
				       uint64_t most);

/** The counts of @objects and @bytes that somebody else has estimated so, of
 *  samples with a mean of @period bytes between them: how many samples these
 *  are follows from them, and so does the error. Exact for the estimate of one
 *  line, and close for a sum of lines. Without objects (0) the error is the
 * most that it can be: sqrt(bytes * period), as of many small ones. */
struct heap_counts heap_counts_of_estimate(double objects, double bytes,
					   uint64_t period);

/** Adds @b to @a; the two are independent estimates. */
void heap_counts_add(struct heap_counts *a, const struct heap_counts *b);

/**
 * Standard error of the difference of the bytes from @a to @b, of one stack in
 * one process, when jemalloc counts what the stack allocated since the start:
 * @since is how much the variance of that estimate grew in between. Negative:
 * not known; the two are taken for independent then, which is an upper bound
 * when objects live in both.
 *
 * An object that lives in both was sampled in both or in none: only objects
 * that were allocated or freed in between cause an error. Variances are in
 * proportion to samples, and the number of freed samples is that of before,
 * plus the new ones, less those that are left: a + since - b. Objects that were
 * both allocated and freed in between count although they change nothing, so
 * this still is an upper bound; exact when only older objects were freed.
 */
double heap_counts_change_error(const struct heap_counts *a,
				const struct heap_counts *b, double since);

#endif
