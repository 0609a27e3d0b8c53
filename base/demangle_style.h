/**
 * @file demangle_style.h - styles in which function names are shown.
 *
 * Callers pass the demangler (symbol/demangle.h) to the code that shows names,
 * which need not depend on symbol/.
 */
#ifndef BASE_DEMANGLE_STYLE_H
#define BASE_DEMANGLE_STYLE_H

#include "base/strbuf.h"

enum demangle_style {
	DEMANGLE_SHORT, /* no parameters, template arguments, return types or
			   Rust hash suffix: "std::vector::push_back" */
	DEMANGLE_FULL,	/* the whole name (but the Rust hash) */
	DEMANGLE_NONE,	/* as in the symbol table */
};

/** Appends @name, as in the symbol table, in @style to @sb. */
typedef void demangle_writer(struct strbuf *sb, const char *name,
			     enum demangle_style style);

#endif
