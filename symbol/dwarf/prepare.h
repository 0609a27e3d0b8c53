/**
 * @file prepare.h - reads what look-ups in a unit need, and follows references
 * from one unit to another.
 */
#ifndef SYMBOL_DWARF_PREPARE_H
#define SYMBOL_DWARF_PREPARE_H

#include <stdbool.h>

#include "base/error.h"
#include "symbol/dwarf/die.h"
#include "symbol/dwarf/unit.h"

/** Reads what all look-ups need, once; unit->usable is whether that worked. */
struct hs_error *dwarf_unit_prepare(struct dwarf_unit *unit) hs_must_check;

/** The entry @value refers to, in a prepared, usable unit of this file or of
 *  its alternate. *found false: it is no reference to an entry there is. */
struct hs_error *dwarf_value_entry(const struct dwarf_unit *unit,
				   const struct dwarf_value *value,
				   struct dwarf_die *ret,
				   bool *found) hs_must_check;

#endif
