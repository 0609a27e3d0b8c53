/**
 * @file sampled.h - the sampled allocations of a process that are in use, each
 * with its stack, its age, and what it is; and what reads them.
 */
#ifndef CONTENTS_SAMPLED_H
#define CONTENTS_SAMPLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/intern.h"
#include "contents/backtrace.h"
#include "proc/memory.h"

/** An allocation. */
struct sampled_one {
	uint64_t address;
	uint64_t tctx;
	/* When it was made by the clock of jemalloc, nanoseconds; then its age,
	 * milliseconds, or HEAP_AGE_UNKNOWN (heap/samples.h). */
	int64_t age;
	uint32_t trace; /* index in traces.items */
	uint16_t szind;
};

/** What most of those that one stack made are: struct heap_samples. */
struct sampled_type {
	uint32_t looked_at, of_type;
	const char *name; /* of strings; NULL: none */
};

/** Zero-initialised is empty. */
struct sampled {
	struct sampled_one *items; /* owned; ascending by trace, then age */
	size_t n, cap;
	struct backtraces traces;
	struct sampled_type *types; /* owned; of each trace; NULL: of none */
	struct intern strings;
};

void sampled_release(struct sampled *s);

/** Reads the process until the time is over: of this thread's on a CPU, which
 * on a busy machine is little of what passes. */
struct sampled_reader {
	int64_t began;	     /* clock_thread_us() */
	int64_t until;	     /* of this part of the work, the same clock */
	struct deadline end; /* of all, however busy the machine is */
	/* What is not in memory reads as zeros, or is not there. */
	struct memory_source zeros, present;
};

/** Time is over, or a signal came: nothing is read any more. */
bool sampled_reader_late(const struct sampled_reader *r);

/** memory_source.read of what is present, @arg a struct sampled_reader; */
bool sampled_read(void *arg, uint64_t addr, void *buf, size_t len);

/** and with zeros for what is not. */
bool sampled_read_zeros(void *arg, uint64_t addr, void *buf, size_t len);

#endif
