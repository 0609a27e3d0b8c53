/**
 * @file pprof_values.h - which of a pprof profile's values are those of a heap,
 * and how they were sampled.
 *
 * Internal to heap/.
 */
#ifndef HEAP_FORMAT_PPROF_VALUES_H
#define HEAP_FORMAT_PPROF_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/counts.h"
#include "heap/format/pprof_message.h"

/** Where in a sample's values a number is; -1: it is not there. */
struct pprof_value {
	int objects, bytes;
};

struct pprof_values {
	struct pprof_value inuse, allocated; /* one of them has bytes */
	uint64_t period;     /* mean bytes between samples; 1: all are there */
	bool sampling_known; /* else period is 1 */
};

/** HS_ERROR_INPUT names the kind of a profile that is not of a heap. */
struct hs_error *pprof_values_find(const struct pprof_message *m,
				   struct pprof_values *ret) hs_must_check;

/** The counts of @value in @sample, the one with number @index from 0; none
 *  when it is not there. HS_ERROR_INPUT for numbers that no heap has. */
struct hs_error *pprof_values_get(const struct pprof_values *v,
				  struct pprof_value value,
				  const Pprof__Sample *sample, size_t index,
				  struct heap_counts *ret) hs_must_check;

#endif
