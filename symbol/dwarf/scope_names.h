/**
 * @file scope_names.h - the name of a function in DWARF.
 */
#ifndef SYMBOL_DWARF_SCOPE_NAMES_H
#define SYMBOL_DWARF_SCOPE_NAMES_H

#include "base/error.h"
#include "base/intern.h"
#include "symbol/dwarf/die.h"

/**
 * The name of the function @die (or of the one that was inlined there): its
 * linkage name; without one its plain name, in C++ with the scopes around its
 * declaration ("a::B::f"); NULL when it has none. The file's or @strings'.
 */
struct hs_error *die_name(const struct dwarf_die *die, struct intern *strings,
			  const char **ret) hs_must_check;

#endif
