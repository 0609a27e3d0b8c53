/**
 * @file progress.h - the line that tells what takes so long.
 *
 * On a terminal only, and gone when something else is said or when it is over.
 * It is written only when the terminal takes it at once: one that was stopped
 * (Ctrl-S) must not hold up what is done in a live process.
 */
#ifndef OUTPUT_PROGRESS_H
#define OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/** Zero-initialised: nobody sees it. */
struct progress {
	FILE *f;      /* borrowed; the terminal */
	size_t width; /* of the terminal; 0: nobody sees it */
	bool shown;
	int64_t shown_at; /* clock_us() */
};

/** Shows it on @f, if that is a terminal which can erase a line. */
void progress_init(struct progress *p, FILE *f);

/** Shows a line, cut to the width of the terminal; too soon after the last one
 *  (less than a tenth of a second) it does not. Not escaped. */
void progress_show(struct progress *p, const char *fmt, ...) hs_printf(2, 3);

/** Shows it now, whatever was shown before. */
void progress_force(struct progress *p, const char *fmt, ...) hs_printf(2, 3);

/** Takes the line away, if there is one. */
void progress_end(struct progress *p);

#endif
