/**
 * @file perf_map.h - reads the names of JIT code.
 *
 * Runtimes with a just-in-time compiler write them to /tmp/perf-PID.map, a line
 * for each piece of code, for perf(1): "START SIZE NAME", the first two in
 * hexadecimal (linux, tools/perf/Documentation/jit-interface.txt).
 */
#ifndef SYMBOL_PERF_MAP_H
#define SYMBOL_PERF_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	/* Bytes; larger files are not read. Those of the largest runtimes have
	 * some 100 MB, a second of reading. */
	PERF_MAP_SIZE_MAX = 256 << 20,
};

/** An address of code and its name. */
struct perf_name {
	uint64_t address;
	const char *name;    /* owned; NULL: it has none */
	uint64_t start, end; /* of the code that is called so; exclusive */
};

/**
 * Reads the file @fd (borrowed, from its start) and names @names[0..n), which
 * are in the order of their addresses and have none yet. Memory is used again
 * for newer code: a later line takes the place of all that it overlaps, and
 * what is left of older code has no name any more. Lines that are none, or have
 * no end yet, are skipped. @file is for errors. perf_names_release() in any
 * case.
 */
struct hs_error *perf_map_read(int fd, const char *file,
			       struct perf_name *names, size_t n) hs_must_check;

/** Frees the names, not the array. */
void perf_names_release(struct perf_name *names, size_t n);

#endif
