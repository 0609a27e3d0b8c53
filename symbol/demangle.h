/**
 * @file demangle.h - C++, Rust (legacy and v0) and D names for people.
 */
#ifndef SYMBOL_DEMANGLE_H
#define SYMBOL_DEMANGLE_H

#include "base/error.h"
#include "base/strbuf.h"

enum demangle_style {
	DEMANGLE_SHORT, /* no parameters, template arguments, return types or
			   Rust hash suffix: "std::vector::push_back" */
	DEMANGLE_FULL,	/* all that the name says (but the Rust hash) */
	DEMANGLE_NONE,	/* as in the symbol table */
};

/** Appends @name in @style to @sb; a name that is not mangled as it is (but
 *  without template arguments when short: "a::B<int>::f"). */
void demangle(struct strbuf *sb, const char *name, enum demangle_style style);

#endif
