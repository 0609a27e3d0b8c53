/**
 * @file scopes.h - what functions of a unit are declared in, to name them.
 *
 * A DWARF entry does not know its parent, and to ask libdw for it means to
 * walk the unit once for each function.
 */
#ifndef SYMBOL_SCOPES_H
#define SYMBOL_SCOPES_H

#include <stddef.h>
#include <elfutils/libdw.h>

#include "base/error.h"
#include "base/strbuf.h"

struct unit_scopes;

/** Zero-initialised is an empty one. */
struct scopes {
	struct unit_scopes *units; /* owned; one for each unit asked for */
	size_t n, cap;
};

void scopes_release(struct scopes *scopes);

/** Appends "a::B::" to @sb for what is declared at @die in a::B, nothing when
 *  it is in no namespace, class or function. */
struct hs_error *scopes_add_path(struct scopes *scopes, Dwarf_Die *die,
				 struct strbuf *sb) hs_must_check;

#endif
