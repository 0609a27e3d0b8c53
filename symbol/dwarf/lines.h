/**
 * @file lines.h - reads the line tables of units.
 */
#ifndef SYMBOL_DWARF_LINES_H
#define SYMBOL_DWARF_LINES_H

#include "base/error.h"
#include "symbol/dwarf/line_table.h"
#include "symbol/dwarf/unit.h"

/** The table that @unit says is its own, read once for all units that share
 *  it. *ret: owned by the unit's file; NULL: none. */
struct hs_error *dwarf_unit_lines(const struct dwarf_unit *unit,
				  struct dwarf_lines **ret) hs_must_check;

#endif
