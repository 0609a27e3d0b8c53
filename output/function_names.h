/**
 * @file function_names.h - makes the names of functions for people, each once.
 */
#ifndef OUTPUT_FUNCTION_NAMES_H
#define OUTPUT_FUNCTION_NAMES_H

#include <stddef.h>

#include "base/demangle_style.h"
#include "base/error.h"
#include "base/hash_index.h"
#include "base/intern.h"

struct function_name {
	const char *function; /* as in the symbol table; borrowed */
	const char *full;     /* the full name; owned by strings */
	const char *shown;    /* in the requested style; owned by strings */
};

/** Zero-initialise but for the first three. */
struct function_names {
	demangle_writer *demangle; /* NULL: all forms are the function itself */
	enum demangle_style style; /* the requested style */
	struct intern *strings;	   /* borrowed: owns the names */
	struct function_name *items; /* owned */
	size_t n, cap;
	struct hash_index index; /* by function */
	struct strbuf text;	 /* scratch */
};

void function_names_release(struct function_names *names);

/** The names of @function, which must outlive @names. *ret is valid until the
 *  next call. */
struct hs_error *
function_names_find(struct function_names *names, const char *function,
		    const struct function_name **ret) hs_must_check;

#endif
