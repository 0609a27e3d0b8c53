/**
 * @file pprof_message.h - a profile of pprof, as a message of Protocol Buffers,
 * in memory.
 *
 * Internal to heap/. What is in it is checked by those that use it; its size
 * and the memory that it takes are limited here.
 */
#ifndef HEAP_FORMAT_PPROF_MESSAGE_H
#define HEAP_FORMAT_PPROF_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/format/profile.pb-c.h"
#include "heap/format/source.h"

struct pprof_message {
	const Pprof__Profile *profile; /* lives as long as this */
	void *chunks;		       /* owned: its memory */
};

/** Reads all of @source. Errors do not name the file. *ret:
 *  pprof_message_release(), also after an error. */
struct hs_error *pprof_message_read(struct heap_source *source,
				    struct pprof_message *ret) hs_must_check;

void pprof_message_release(struct pprof_message *m);

/** The string of number @index, never NULL; @of and @id name what has the
 *  number, for the error that there is no such string. */
struct hs_error *pprof_message_string(const struct pprof_message *m,
				      int64_t index, const char *of,
				      uint64_t id,
				      const char **ret) hs_must_check;

/** HS_ERROR_INPUT "damaged profile: ..."; as printf(3). */
#define pprof_damaged(...)                                       \
	hs_error_wrap(hs_error_new(HS_ERROR_INPUT, __VA_ARGS__), \
		      "damaged profile")

#endif
