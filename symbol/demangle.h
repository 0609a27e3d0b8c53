/**
 * @file demangle.h - makes C++, Rust (legacy and v0) and D names readable.
 */
#ifndef SYMBOL_DEMANGLE_H
#define SYMBOL_DEMANGLE_H

#include "base/demangle_style.h"
#include "base/strbuf.h"

/** Appends @name in @style to @sb; a name that is not mangled as it is (but
 *  without template arguments when short: "a::B<int>::f"). */
void demangle(struct strbuf *sb, const char *name, enum demangle_style style);

#endif
