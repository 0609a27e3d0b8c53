/**
 * @file progress.h - the line that tells what takes so long.
 *
 * On a terminal only, without -q, and gone when something else is said or when
 * it is over. It is written only when the terminal takes it at once: one that
 * was stopped (Ctrl-S) must not hold up what is done in a live process.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

#include "base/error.h"
#include "cli/options.h"

/** Whether there is anybody to see it: stderr is a terminal that can erase a
 *  line, and -q was not given. Without this call there is none. */
void progress_init(const struct cli_options *o);

/** Shows a line, cut to the width of the terminal; too soon after the last one
 *  (less than a tenth of a second) it does not. Not escaped. */
void progress_show(const char *fmt, ...) hs_printf(1, 2);

/** Shows it now, whatever was shown before. */
void progress_force(const char *fmt, ...) hs_printf(1, 2);

/** Takes the line away, if there is one. */
void progress_end(void);

#endif
