/**
 * @file mallctl.h - calls of mallctl() in a live process.
 *
 * mallctl/session.h opens the session in which they are made.
 */
#ifndef MALLCTL_MALLCTL_H
#define MALLCTL_MALLCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attach/helper.h"
#include "base/code_map.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/judge.h"
#include "proc/identity.h"
#include "proc/lock.h"
#include "proc/maps.h"
#include "target/heap_tree.h"
#include "target/jemalloc.h"

struct session {
	const struct identity *id; /* borrowed */
	struct deadline deadline;
	struct process_lock lock; /* until the end */
	struct deadline search;	  /* of its files, until they are known */
	struct maps maps;
	struct loaded_files files;
	struct jemallocs jemallocs;
	struct code_map code;
	struct judge judge; /* decides by that code */
	struct helper helper;
	/* session_log of session.h, and clock_us() of the attach. */
	void (*log)(const struct identity *id, int64_t us,
		    const struct hs_error *err);
	int64_t attached_at;
	bool no_room; /* why attaching failed: its memory is limited */
	const struct jemalloc *jemalloc; /* the one in use; of jemallocs */
	/* Its records, since stats_read_memory() found them; without a layout:
	 * it did not. It has no memory. */
	struct heap_tree heap;
};

/**
 * mallctl(@name): reads @size bytes to @value. *found is false, and @value
 * unchanged, when this jemalloc has no such name (ENOENT).
 */
struct hs_error *mallctl_get(struct session *s, const char *name, void *value,
			     size_t size, bool *found) hs_must_check;

/** Reads a const char * value; *ret is the caller's, free(3); NULL when there
 *  is no such name or the pointer is NULL. */
struct hs_error *mallctl_get_string(struct session *s, const char *name,
				    char **ret) hs_must_check;

/** mallctl(@name): writes @size (at most 64) bytes of @value. *result: 0 or
 *  the errno it returned. @watch may be NULL. */
struct hs_error *mallctl_set(struct session *s, const char *name,
			     const void *value, size_t size,
			     const struct remote_watch *watch,
			     int64_t *result) hs_must_check;

/** The same with a string: jemalloc gets a pointer to a copy of it at
 *  mallctl_text_address(). */
struct hs_error *mallctl_set_string(struct session *s, const char *name,
				    const char *value,
				    const struct remote_watch *watch,
				    int64_t *result) hs_must_check;

/** The address in the target of the string during a mallctl_set_string(). */
uint64_t mallctl_text_address(const struct session *s);

#endif
