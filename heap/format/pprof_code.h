/**
 * @file pprof_code.h - the code of a pprof profile: its locations become the
 * addresses and names of ours.
 *
 * Internal to heap/. A location of theirs has an address, names or both; one of
 * ours is its address. So it keeps its address when it has one that no location
 * with other names has, else it gets one that means nothing
 * (heap_address_is_invented() in heap/profile.h).
 */
#ifndef HEAP_FORMAT_PPROF_CODE_H
#define HEAP_FORMAT_PPROF_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/format/pprof_message.h"
#include "heap/profile.h"

struct pprof_code;

/** Reads all of @m's mappings, functions and locations, which must be whole;
 *  the mappings go to @p->maps. Borrows both until pprof_code_destroy(). */
struct hs_error *pprof_code_create(const struct pprof_message *m,
				   struct heap_profile *p,
				   struct pprof_code **ret) hs_must_check;

/** NULL is fine. */
void pprof_code_destroy(struct pprof_code *c);

/** *ret: the index of the first location of @sample, number @index, that its
 *  stack begins with: those before it are what the profile wants left out. */
struct hs_error *pprof_code_first(const struct pprof_code *c,
				  const Pprof__Sample *sample, size_t index,
				  size_t *ret) hs_must_check;

/** The address of the location with number @id, for heap_builder_add_frame().
 *  HS_ERROR_INPUT: there is none, which sample number @sample has. */
struct hs_error *pprof_code_address(const struct pprof_code *c, uint64_t id,
				    size_t sample, uint64_t *ret) hs_must_check;

/** Gives the locations of the profile, which is built now, their names, and the
 *  modules their build-ids. */
struct hs_error *pprof_code_finish(struct pprof_code *c) hs_must_check;

#endif
