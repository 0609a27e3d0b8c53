/**
 * @file process_list.h - which processes use jemalloc, seen from outside:
 * nothing is attached to, nothing is stopped.
 */
#ifndef TARGET_PROCESS_LIST_H
#define TARGET_PROCESS_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/process_row.h"

struct list {
	struct process_list_row
		*items; /* owned; largest rss first, then by pid */
	size_t n, cap;
	size_t denied; /* processes that may not be looked at */
};

/** Looks at all processes in /proc. Each ELF file is read once, whatever the
 *  number of processes and names. process_list_release(). */
struct hs_error *process_list_take(struct list *ret) hs_must_check;

void process_list_release(struct list *list);

/** What a text of options, "prof:true,prof_active:false", makes of
 *  profiling that was @before it. */
enum process_list_profiling
process_list_profiling_of(const char *options, size_t len,
			  enum process_list_profiling before);

#endif
