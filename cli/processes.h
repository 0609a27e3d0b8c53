/**
 * @file processes.h - which processes the words of a command line mean.
 */
#ifndef CLI_PROCESSES_H
#define CLI_PROCESSES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "options/options.h"

/** Whether processes_find() takes @word for a name, or a container's id. */
bool processes_is_name(const char *word);

/**
 * Finds the processes of o->processes, for all commands alike, and sets o->pids
 * and o->pid: each word is a pid, the name of a process (proc/process_names.h)
 * or a container's id. A name that several have is the one's that uses jemalloc.
 *
 * HS_ERROR_USAGE when there is none, or when there are several: then those to
 * choose from are listed on stderr.
 */
struct hs_error *processes_find(struct cli_options *o) hs_must_check;

#endif
