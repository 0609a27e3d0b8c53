/**
 * @file unbias.h - what sampling hides, and how sure one can be of the rest.
 *
 * jemalloc samples with a mean of @period bytes between samples (geometric,
 * per byte), so an allocation of size z is seen with probability
 * p(z) = 1 - exp(-z / period). n samples of mean size x stand for n / p(x)
 * objects and n * x / p(x) bytes; the standard error of the bytes is
 * bytes * sqrt((1 - p(x)) / n). (jemalloc, prof_data.c, "unbias"; jeprof,
 * AdjustSamples; the error: each object is seen or not, a Bernoulli trial.)
 */
#ifndef HEAP_UNBIAS_H
#define HEAP_UNBIAS_H

#include <stdint.h>

#include "heap/profile.h"

/** One line "n: b" of a dump with sample period @period (bytes, >= 1). */
struct heap_counts heap_unbias(uint64_t n, uint64_t bytes, uint64_t period);

/** Adds @b to @a; the two are independent estimates. */
void heap_counts_add(struct heap_counts *a, const struct heap_counts *b);

/** Standard error of the bytes. */
double heap_counts_error(const struct heap_counts *c);

/** Standard error of the difference of the bytes of two estimates (an upper
 *  bound when objects live in both). */
double heap_counts_difference_error(const struct heap_counts *a,
				    const struct heap_counts *b);

#endif
