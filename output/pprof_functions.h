/**
 * @file pprof_functions.h - numbers the functions of a profile for pprof.
 */
#ifndef OUTPUT_PPROF_FUNCTIONS_H
#define OUTPUT_PPROF_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_index.h"

/** What tells a function from others: numbers of strings, of which 0 is the
 *  empty one. */
struct pprof_function {
	uint32_t name, system_name, file;
	uint32_t id; /* from 1 */
};

/** Zero-initialise. */
struct pprof_functions {
	uint32_t n; /* the last id */
	/* Owned; by name: the id of the function that has nothing else, as one
	 * has of each address without a symbol, of which there may be millions.
	 * 0: none. */
	uint32_t *bare;
	size_t n_bare, bare_cap;
	struct pprof_function *items; /* owned; the others */
	size_t n_items, cap;
	struct hash_index index; /* of items */
};

void pprof_functions_release(struct pprof_functions *functions);

/** Sets @f->id. *is_new: no function was like @f before. */
struct hs_error *pprof_functions_number(struct pprof_functions *functions,
					struct pprof_function *f,
					bool *is_new) hs_must_check;

#endif
