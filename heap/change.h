/**
 * @file change.h - estimates by how much each stack changed from the first to
 * the last of several snapshots of one process, and how sure that is.
 *
 * The derivation is in heapsnap-numbers(7). What is used, as far as it is
 * known: the sampled counts of each snapshot; snapshots in between, whose
 * increments show how much came and went; what prof_accum counted; and
 * jemalloc's exact counters (meta.class_counts, meta.allocated, meta.tcache).
 */
#ifndef HEAP_CHANGE_H
#define HEAP_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "heap/change_input.h"

/** Reports that call a change significant where nothing changed; what is
 * outside of 2 standard deviations of a normal variable. */
#define HEAP_CHANGE_CHANCE 0.0455

/** The change of a stack, last - first. */
struct heap_change {
	double bytes, objects;
	double error; /* half of the 95.4 % interval, in bytes; 0: exact */
	/* The chance of such a change where nothing changed, corrected for the
	 * number of stacks (Holm), 0 to 1. */
	double p;
	bool significant; /* p is at most HEAP_CHANGE_CHANCE */
};

/** What jemalloc's counters say of all live allocations together. */
struct heap_live_change {
	bool known;
	double bytes; /* last - first */
	/* The most that thread caches and the time between counters and dump
	 * can hide, and the noise of the sampled sum; bytes. */
	double slack;
	bool grew; /* by more than that */
};

struct heap_changes {
	/* Owned; as many as the input has, and after them the rest: what
	 * changed by the exact counters, and in no sampled stack. Its bytes are
	 * 0 where that is nothing, or not known. */
	struct heap_change *stacks;
	size_t n; /* without the rest */
	struct heap_live_change live;
	/* Seconds of more such growth until the likeliest stack is sure; -1:
	 * one is, none grew, or times are not known. */
	double seconds_until_sure;
};

/** What changed in no sampled stack. */
static inline const struct heap_change *
heap_changes_rest(const struct heap_changes *changes)
{
	return &changes->stacks[changes->n];
}

/** Estimates the changes of all stacks of @in. heap_changes_release(). */
struct hs_error *heap_changes_estimate(const struct heap_change_input *in,
				       struct heap_changes *ret) hs_must_check;

void heap_changes_release(struct heap_changes *changes);

#endif
