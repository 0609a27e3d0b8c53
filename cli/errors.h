/**
 * @file errors.h - prints errors, remarks and progress on stderr; exit statuses.
 */
#ifndef CLI_ERRORS_H
#define CLI_ERRORS_H

#include "base/error.h"
#include "base/monitor.h"
#include "options/options.h"
#include "output/progress.h"

/** Exit statuses; 128 + n: ended by signal n. */
enum {
	EXIT_OK = 0,
	EXIT_GREW = 1,
	EXIT_USAGE = 2,
	EXIT_UNPROFILED = 3,
	EXIT_DENIED = 4,
	EXIT_UNSAFE = 5,
	EXIT_OUTPUT = 6,
};

/** Prints @err with its hint, frees it, and returns the exit status; NULL is
 *  EXIT_OK. A closed pipe is not reported. */
int errors_end(struct hs_error *err);

/** The exit status for @err, which is not NULL. */
int errors_status(const struct hs_error *err);

/** Instead of EXIT_OK errors_end() returns @status. */
void errors_exit_with(int status);

/** Prints a remark, unless -q. */
void errors_note(const struct cli_options *o, const char *fmt, ...)
	hs_printf(2, 3);

/** Shows progress from now on, unless -q. */
void errors_begin(const struct cli_options *o);

/** The progress line of stderr. */
struct progress *errors_progress(void);

/** Warnings, remarks and progress on stderr, unless -q; a signal stops the
 *  work. */
struct monitor errors_monitor(const struct cli_options *o);

#endif
