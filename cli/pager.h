/**
 * @file pager.h - shows a report that is longer than the terminal in a pager.
 */
#ifndef CLI_PAGER_H
#define CLI_PAGER_H

#include <stdio.h>
#include <sys/types.h>

#include "cli/options.h"

struct pager {
	FILE *f;   /* where to write the report; NULL: to standard output */
	pid_t pid; /* of the process that will be the pager */
};

/**
 * Starts the pager, if standard output is a terminal of a known height that is
 * not TERM=dumb, and the report is text: $PAGER, or less; none when that is
 * empty or "cat", or --no-pager is given. It waits for all of the report, and
 * when that fits the terminal, it just writes it there. Whoever writes to f
 * closes it, which pager_finish() waits for.
 *
 * It is a process from the beginning, so a caller may give up the right to
 * start one in between.
 */
void pager_start(struct pager *pager, const struct cli_options *o);

/** Waits until the user has left the pager. Nothing where there is none. */
void pager_finish(struct pager *pager);

#endif
