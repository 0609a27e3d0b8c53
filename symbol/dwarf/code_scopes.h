/**
 * @file code_scopes.h - the scopes that functions of a unit are declared in.
 *
 * A DWARF entry does not know its parent.
 */
#ifndef SYMBOL_DWARF_CODE_SCOPES_H
#define SYMBOL_DWARF_CODE_SCOPES_H

#include "base/error.h"
#include "base/strbuf.h"
#include "symbol/dwarf/die.h"

/** Appends "a::B::" to @sb for what is declared at @die in a::B, nothing when
 *  it is in no namespace, class or function. */
struct hs_error *scopes_add_path(const struct dwarf_die *die,
				 struct strbuf *sb) hs_must_check;

/** Frees the scopes that a unit has read. NULL is fine. */
void scopes_free(struct dwarf_scopes *scopes);

#endif
