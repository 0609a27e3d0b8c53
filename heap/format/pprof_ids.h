/**
 * @file pprof_ids.h - finds the parts of a pprof profile by their numbers,
 * which are any but 0, each once.
 *
 * Internal to heap/.
 */
#ifndef HEAP_FORMAT_PPROF_IDS_H
#define HEAP_FORMAT_PPROF_IDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "heap/format/pprof_message.h"

/** The number of part @i. */
typedef uint64_t pprof_id_of(const Pprof__Profile *p, size_t i);

struct pprof_ids {
	const Pprof__Profile *profile; /* borrowed */
	const char *noun;	       /* "location" */
	size_t n;
	pprof_id_of *id_of;
	struct hash_index index; /* empty when part i has the number i + 1 */
};

/** Of the @n parts of @p that are called @noun. HS_ERROR_INPUT when one has no
 *  number, or two have the same. pprof_ids_release() in any case. */
struct hs_error *pprof_ids_init(struct pprof_ids *ids, const Pprof__Profile *p,
				const char *noun, size_t n,
				pprof_id_of *id_of) hs_must_check;

void pprof_ids_release(struct pprof_ids *ids);

/** Which part has number @id. HS_ERROR_INPUT: none, which "@of @of_id" refers
 *  to. */
struct hs_error *pprof_ids_find(const struct pprof_ids *ids, uint64_t id,
				const char *of, uint64_t of_id,
				size_t *ret) hs_must_check;

#endif
