/**
 * @file diagnosis.h - chooses the one answer to: where did the memory go?
 *
 * The rule. Of two readings: growth counts when it is at least 256 KiB (of the
 * program and its libraries 1 MiB) and half a percent of resident memory. Among
 * the parts of the memory breakdown that grew so (heap/memory_breakdown.h; all
 * but HEAP_BREAKDOWN_ABSENT), the one that grew most is the answer: alone when
 * it has at least half of their growth together, else as the largest of
 * several. HEAP_BREAKDOWN_UNATTRIBUTED is the answer only when nothing else
 * grew, and is in no sum. What sampling itself adds to jemalloc's numbers does
 * not count (heap/sampling_cost.h).
 *
 * When nothing grew, and of one reading: fragmentation, when a quarter or more
 * of the pages in use is free space and that is a tenth of resident memory;
 * else freed pages that jemalloc keeps, when they are a quarter of resident
 * memory; else nothing odd.
 */
#ifndef HEAP_DIAGNOSIS_H
#define HEAP_DIAGNOSIS_H

#include <stdint.h>

#include "heap/memory_breakdown.h"

enum heap_diagnosis_kind {
	HEAP_DIAGNOSIS_NONE,   /* nothing is known */
	HEAP_DIAGNOSIS_STEADY, /* nothing grew, or one reading: nothing odd */
	HEAP_DIAGNOSIS_GREW,   /* part grew */
	HEAP_DIAGNOSIS_MIXED,  /* several grew, part most */
	HEAP_DIAGNOSIS_HOLDS,  /* nothing grew, but part is large */
};

struct heap_diagnosis {
	enum heap_diagnosis_kind kind;
	enum heap_breakdown_part part;
	int64_t bytes;	   /* growth of part, or its size when it HOLDS */
	int64_t grown;	   /* bytes: growth of the grown parts together */
	int slack_percent; /* free space in pages in use; -1 */
};

/** Diagnoses @after; @before NULL: one reading. */
struct heap_diagnosis heap_diagnose(const struct heap_breakdown *before,
				    const struct heap_breakdown *after);

#endif
