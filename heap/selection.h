/**
 * @file selection.h - what of a profile is looked at.
 */
#ifndef HEAP_SELECTION_H
#define HEAP_SELECTION_H

#include <regex.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/monitor.h"
#include "heap/format/read.h"
#include "heap/profile.h"

/** All zero: what is in use, of all threads together. Pointers are borrowed. */
struct heap_selection {
	struct heap_read_options read; /* how it has to be read for that */
	bool allocated; /* what was allocated since the start is wanted */
	bool threads;	/* they have to be told apart; read.threads too */
	/* Only threads whose label (heap/threads.h) matches; NULL: all. With
	 * threads only. */
	const regex_t *thread;
	const char *thread_text; /* what the user wrote for it */
};

/** Checks that @p, which was read as @s has it, has the numbers that are
 *  wanted, else HS_ERROR_INPUT, and takes the other threads from it. @monitor
 *  hears of it when no thread matches. */
struct hs_error *heap_selection_apply(const struct heap_selection *s,
				      const struct monitor *monitor,
				      struct heap_profile *p) hs_must_check;

/** The same after heap_read_file_with(@path). */
struct hs_error *heap_selection_read(const struct heap_selection *s,
				     const struct monitor *monitor,
				     const char *path,
				     struct heap_profile *ret) hs_must_check;

#endif
