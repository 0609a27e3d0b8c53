/**
 * @file process_list.h - lists the processes that use jemalloc, without
 * attaching to or stopping any.
 */
#ifndef TARGET_PROCESS_LIST_H
#define TARGET_PROCESS_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "heap/process_row.h"

struct process_list {
	struct process_row *items; /* owned; largest rss first, then by pid */
	size_t n, cap;
	/* Those that may use jemalloc, but could not be looked at; owned, by
	 * user, reason and pid. */
	struct process_unread *unread;
	size_t n_unread, unread_cap;
};

/** Reads all processes in /proc, and each ELF file once, whatever the number of
 *  processes and names. process_list_release(). */
struct hs_error *process_list_take(struct process_list *ret) hs_must_check;

/** The same of the processes @pids[0..n). */
struct hs_error *process_list_take_of(const pid_t *pids, size_t n,
				      struct process_list *ret) hs_must_check;

void process_list_release(struct process_list *list);

/** The profiling state after the options in @options[0..len),
 *  "prof:true,prof_active:false", when it was @before. */
enum process_profiling process_list_profiling_of(const char *options,
						 size_t len,
						 enum process_profiling before);

#endif
