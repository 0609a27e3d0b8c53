/**
 * @file demangle_style.h - how the names of functions are written for people.
 *
 * Who knows the languages' names (symbol/demangle.h) is handed to who shows
 * them.
 */
#ifndef BASE_DEMANGLE_STYLE_H
#define BASE_DEMANGLE_STYLE_H

#include "base/strbuf.h"

enum demangle_style {
	DEMANGLE_SHORT, /* no parameters, template arguments, return types or
			   Rust hash suffix: "std::vector::push_back" */
	DEMANGLE_FULL,	/* all that the name says (but the Rust hash) */
	DEMANGLE_NONE,	/* as in the symbol table */
};

/** Appends @name, as in the symbol table, in @style to @sb. */
typedef void demangle_writer(struct strbuf *sb, const char *name,
			     enum demangle_style style);

#endif
