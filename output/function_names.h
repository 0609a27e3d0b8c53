/**
 * @file function_names.h - what functions are called, each found out once.
 */
#ifndef OUTPUT_FUNCTION_NAMES_H
#define OUTPUT_FUNCTION_NAMES_H

#include <stddef.h>

#include "base/demangle_style.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hash_index.h"

struct function_name {
	const char *function; /* as in the symbol table; borrowed */
	const char *full;     /* all that it says; strings' */
	const char *shown;    /* in the style that is asked for; strings' */
};

/** Zero-initialise but for the first three. */
struct function_names {
	demangle_writer *demangle; /* NULL: all forms are what they are given */
	enum demangle_style style; /* to show them in */
	struct intern *strings;	   /* borrowed: owns what is made */
	struct function_name *items; /* owned */
	size_t n, cap;
	struct hash_index index; /* by function */
	struct strbuf text;	 /* scratch */
};

void function_names_release(struct function_names *names);

/** What @function, which has to outlive @names, is called. *ret is valid until
 *  the next call. */
struct hs_error *
function_names_find(struct function_names *names, const char *function,
		    const struct function_name **ret) hs_must_check;

#endif
