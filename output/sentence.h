/**
 * @file sentence.h - what a report says before all numbers: whose growth it
 * is, how much, and where it comes from. Escaped for a terminal.
 */
#ifndef OUTPUT_SENTENCE_H
#define OUTPUT_SENTENCE_H

#include "base/strbuf.h"
#include "output/culprits.h"
#include "output/rows.h"
#include "output/text_options.h"

/** The order of the rows of a diff: growth, cycles, shrinkage, noise. */
enum section {
	SECTION_GROWN,
	SECTION_CYCLES,
	SECTION_SHRUNK,
	SECTION_NOISE,
	SECTION_NONE, /* it did not change */
};

/** Where @row belongs; in a report of one snapshot: to what grew. */
enum section section_of(const struct rows *rows, const struct row *row,
			enum rows_sort sort);

/** The first section of @rows that has a row. */
enum section section_first(const struct rows *rows, enum rows_sort sort);

/** jemalloc's counters know that all stacks together grew, whatever the samples
 *  say. */
bool sentence_live_grew(const struct rows *rows);

/** Appends "heap growth of searchd (pid 25861) on web3 in 10.0 s: +178.6 MiB +-
 *  11.6 MiB, +17.9 MiB/s; 90% of the growth from search::Cache::put
 *  (cache.cc:214)", and where memory went at the same time, if that is at least
 *  half as much. @grew, @shrank: of the rows. */
void sentence_add(struct strbuf *sb, const struct rows *rows,
		  const struct culprits *grew, const struct culprits *shrank,
		  const struct text_options *o);

/** Appends a sentence or two on numbers that are small or zero; nothing where
 *  something grew for sure. */
void sentence_add_verdict(struct strbuf *sb, const struct rows *rows,
			  const struct text_options *o);

#endif
