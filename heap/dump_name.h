/**
 * @file dump_name.h - what the name of a dump tells: whose it is, and which one.
 *
 *   PREFIX.PID.SEQ.i3.heap             jemalloc: i by interval, m by hand, u by
 *                                      a new maximum, f at the end (no number);
 *                                      with prof_pid_namespace the namespace is
 *                                      before PID (prof_sys.c,
 * prof_dump_filename()) PREFIX.NNNN.heap                   gperftools
 * (heap-profiler.cc) heapsnap.COMMAND.PID.TIME.heap     heapsnap, TIME as
 * 20261123T060417.123Z
 *
 * Behind it ".gz" or ".zst" may stand.
 */
#ifndef HEAP_DUMP_NAME_H
#define HEAP_DUMP_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dump_name {
	const char *path;  /* borrowed */
	size_t base;	   /* where the file's name begins in path */
	size_t end;	   /* of what all dumps of the process begin with */
	uint64_t sequence; /* ascends in time, not without gaps */
};

/** false: the name tells nothing. */
bool dump_name_parse(const char *path, struct dump_name *ret);

/** Both begin the same, whatever folders they are in. */
bool dump_name_same_process(const struct dump_name *a,
			    const struct dump_name *b);

#endif
