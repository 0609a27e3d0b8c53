/**
 * @file values.h - reads numbers and flags of jemalloc by their names.
 */
#ifndef MALLCTL_VALUES_H
#define MALLCTL_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mallctl/mallctl.h"

/** Reads an unsigned number of @size bytes, 4 or 8; some that are unsigned now
 *  are size_t in jemalloc 3. *found is false when there is no such name. */
struct hs_error *mallctl_get_number(struct session *s, const char *name,
				    size_t size, uint64_t *ret,
				    bool *found) hs_must_check;

/** A size_t by the name that @fmt makes; -1 when there is no such name, or when
 *  it is above HEAP_NUMBER_MAX (heap/snapshot_meta.h): the target may say what
 * it likes. */
struct hs_error *mallctl_get_size(struct session *s, int64_t *ret,
				  const char *fmt, ...)
	hs_printf(3, 4) hs_must_check;

/** The same for unsigned and uint32_t. */
struct hs_error *mallctl_get_unsigned(struct session *s, int64_t *ret,
				      const char *fmt, ...)
	hs_printf(3, 4) hs_must_check;

/** Whether it has threads of its own, as of its last epoch: 0 or 1; -1 when
 * that is not known, as without statistics. "background_thread" says it, too,
 * and is not asked: jemalloc first looks up pthread_create() then, once, by
 * dlsym(3), which allocates in the C library before glibc 2.34: an arena there
 * for the thread that asked. */
struct hs_error *mallctl_get_background(struct session *s,
					int *ret) hs_must_check;

/** @pages of @page bytes in bytes; -1 when one of them is not known, or when
 *  that is above HEAP_NUMBER_MAX. */
int64_t mallctl_pages(int64_t pages, int64_t page);

/** A bool, true for any byte but 0: the target may write what it likes. *ret is
 *  false when there is no such name. */
struct hs_error *mallctl_get_bool(struct session *s, const char *name,
				  bool *ret, bool *found) hs_must_check;

/** The same: 0 or 1; -1 when there is no such name. */
struct hs_error *mallctl_get_flag(struct session *s, const char *name,
				  int *ret) hs_must_check;

#endif
