/**
 * @file pager.h - shows a report that is longer than the terminal in a pager.
 */
#ifndef REPORT_PAGER_H
#define REPORT_PAGER_H

#include <stdio.h>
#include <sys/types.h>

#include "options/options.h"

struct pager {
	/* Owned; where to write the report, NULL: to @standard. Who takes
	 * it to write and close it puts NULL here. */
	FILE *f;
	FILE *standard; /* borrowed: standard output, which is behind it */
	pid_t pid;	/* of the process that will be the pager */
};

/**
 * Starts the pager, if standard output is a terminal of a known height that is
 * not TERM=dumb, and the report is text: $PAGER, or less; none when that is
 * empty or "cat", or --no-pager is given. It waits for all of the report, and
 * when that fits the terminal, it just writes it there.
 *
 * It is a process from the beginning, so that the right to start one can be
 * given up before the report is made.
 */
void pager_start(struct pager *pager, const struct cli_options *o,
		 FILE *standard);

/** Closes f if nobody took it, and waits until the user has left the pager.
 *  Nothing where there is none, or when it was called before. */
void pager_finish(struct pager *pager);

#endif
