/**
 * @file address_names.h - names for addresses of a live process.
 */
#ifndef NAMES_ADDRESS_NAMES_H
#define NAMES_ADDRESS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/options.h"
#include "proc/identity.h"
#include "proc/maps.h"

struct check_names;

/** One address. What is not known is NULL or 0. Strings live as long as the
 *  check_names. */
struct check_name {
	const char *function; /* as in the symbol table */
	const char *file;
	uint32_t line;
	const char *module; /* path; "[vdso]" and the like; "" anonymous */
	uint64_t offset;    /* in the module's file */
};

/** All are borrowed while it lives. check_names_destroy(). */
struct hs_error *check_names_create(const struct cli_options *o,
				    const struct identity *id,
				    const struct maps *maps,
				    struct check_names **ret) hs_must_check;

/** NULL is fine. */
void check_names_destroy(struct check_names *n);

/** Names @address. @caller: it is where a call returns to. */
struct hs_error *check_names_find(struct check_names *n, uint64_t address,
				  bool caller,
				  struct check_name *ret) hs_must_check;

#endif
