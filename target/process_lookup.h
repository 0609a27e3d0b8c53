/**
 * @file process_lookup.h - which process a name means.
 */
#ifndef TARGET_PROCESS_LOOKUP_H
#define TARGET_PROCESS_LOOKUP_H

#include <sys/types.h>

#include "base/error.h"
#include "proc/process_names.h"
#include "target/process_list.h"

/** Those that have the name. Zero-initialised: nobody. */
struct process_lookup {
	struct pid_list found;
	struct process_list users; /* of jemalloc, if several have the name */
	size_t n_users;		   /* processes; users has a row a jemalloc */
	pid_t pid; /* the one that is meant; 0: none, or any of several */
};

/**
 * Looks for processes by @name: as proc/process_names.h has it, that of the
 * program, of the script, or a container's id. Of several, the one that uses
 * jemalloc is meant. *ret is empty; process_lookup_release() in any case.
 */
struct hs_error *process_lookup(const char *name,
				struct process_lookup *ret) hs_must_check;

void process_lookup_release(struct process_lookup *l);

/** Whether users.items[i] is of another process than the row before. */
bool process_lookup_is_next(const struct process_lookup *l, size_t i);

#endif
