/**
 * @file monitor.h - callbacks by which long work shows warnings and progress,
 * and finds out that it has to stop.
 *
 * Code below the command line prints nothing itself and knows no options: the
 * command line hands it one of these. A function that is NULL does nothing, so
 * a zero-initialised monitor is silent and never stops.
 */
#ifndef BASE_MONITOR_H
#define BASE_MONITOR_H

#include <signal.h>

#include "base/error.h"

struct monitor {
	/** Shows @err (not NULL) as a warning; the work goes on. Takes it. */
	void (*warn)(void *arg, struct hs_error *err);
	/** Shows a remark. */
	void (*note)(void *arg, const char *text);
	/** Shows one line that the next one replaces; NULL takes it away. It
	 *  must not wait for its reader: a live process may wait for us. */
	void (*progress)(void *arg, const char *text);
	void *arg; /* of all three; borrowed */
	/** Other than 0 when the work is to stop, see struct deadline; may be
	 *  NULL. Borrowed. */
	const volatile sig_atomic_t *stop;
};

/** Takes @err; NULL is fine. */
void monitor_warn(const struct monitor *m, struct hs_error *err);

void monitor_note(const struct monitor *m, const char *fmt, ...)
	hs_printf(2, 3);

void monitor_progress(const struct monitor *m, const char *fmt, ...)
	hs_printf(2, 3);

/** Removes the line of monitor_progress(), if there is one. */
void monitor_progress_end(const struct monitor *m);

/** HS_ERROR_INTERRUPTED when the work has to stop. */
struct hs_error *monitor_check_stop(const struct monitor *m) hs_must_check;

#endif
