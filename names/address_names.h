/**
 * @file address_names.h - names for single addresses of a live process.
 */
#ifndef NAMES_ADDRESS_NAMES_H
#define NAMES_ADDRESS_NAMES_H

#include <stdint.h>

#include "base/error.h"
#include "base/file_source.h"
#include "names/options.h"
#include "proc/maps.h"

struct address_names;

/** One address. What is not known is NULL or 0. Strings live as long as the
 *  address_names and its maps. */
struct address_name {
	const char *function; /* as in the symbol table */
	const char *file;
	uint32_t line;
	const char *module; /* path; "[vdso]" and the like; "" anonymous */
	uint64_t offset;    /* in the module's file */
};

/** @maps are the process's of now; they and what the others point to are
 *  borrowed while it lives. address_names_destroy(). */
struct hs_error *address_names_create(const struct names_options *options,
				      const struct file_source *source,
				      const struct maps *maps,
				      struct address_names **ret) hs_must_check;

/** NULL is fine. */
void address_names_destroy(struct address_names *n);

/** Names the function that @address is in, not what was inlined there. For a
 *  caller's frame pass the return address minus 1. */
struct hs_error *address_names_find(struct address_names *n, uint64_t address,
				    struct address_name *ret) hs_must_check;

#endif
