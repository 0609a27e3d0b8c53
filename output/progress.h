/**
 * @file progress.h - the progress line on a terminal.
 *
 * It disappears when another line is printed or when the work is done. It is
 * written only when the terminal accepts it at once: a stopped terminal
 * (Ctrl-S) must not hold up the work in a live process.
 */
#ifndef OUTPUT_PROGRESS_H
#define OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/** Zero-initialised: not shown. */
struct progress {
	FILE *f;      /* borrowed; the terminal */
	size_t width; /* of the terminal; 0: not shown */
	bool shown;
	int64_t shown_at; /* clock_us() */
};

/** Enables it on @f, if that is a terminal which can erase a line. */
void progress_init(struct progress *p, FILE *f);

/** Shows a line, cut to the width of the terminal; skips it within a tenth of a
 *  second of the last one. Not escaped. */
void progress_show(struct progress *p, const char *fmt, ...) hs_printf(2, 3);

/** Shows it now, however soon after the last one. */
void progress_force(struct progress *p, const char *fmt, ...) hs_printf(2, 3);

/** Erases the line, if there is one. */
void progress_end(struct progress *p);

#endif
