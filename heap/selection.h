/**
 * @file selection.h - selects the numbers and threads of a profile.
 */
#ifndef HEAP_SELECTION_H
#define HEAP_SELECTION_H

#include <regex.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/monitor.h"
#include "heap/format/read.h"
#include "heap/profile.h"

/** All zero: live objects of all threads together. Pointers are borrowed. */
struct heap_selection {
	struct heap_read_options read; /* options for reading the profile */
	bool allocated; /* count what was allocated since the start */
	bool threads;	/* distinguish threads; set read.threads too */
	/* Only threads whose label (heap/threads.h) matches; NULL: all.
	 * Requires threads. */
	const regex_t *thread;
	const char *thread_text; /* the user's pattern for it */
};

/** Checks that @p, which was read with @s->read, has the wanted numbers, else
 *  HS_ERROR_INPUT, and removes the other threads. Notes in @monitor when no
 *  thread matches. */
struct hs_error *heap_selection_apply(const struct heap_selection *s,
				      const struct monitor *monitor,
				      struct heap_profile *p) hs_must_check;

/** Calls heap_read_fd(@fd, @name), shows what is remarkable of the file as
 *  warnings, then calls the above. */
struct hs_error *heap_selection_read(const struct heap_selection *s,
				     const struct monitor *monitor, int fd,
				     const char *name,
				     struct heap_profile *ret) hs_must_check;

#endif
