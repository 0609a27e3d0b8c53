/**
 * @file ranges.h - the address ranges of an entry.
 */
#ifndef SYMBOL_DWARF_RANGES_H
#define SYMBOL_DWARF_RANGES_H

#include <stdint.h>

#include "base/error.h"
#include "symbol/dwarf/die.h"

/** DW_AT_low_pc, DW_AT_high_pc, DW_AT_ranges of an entry; form 0: not there. */
struct dwarf_pcs {
	struct dwarf_value low, high, ranges;
};

void dwarf_pcs_read(const struct dwarf_die *die, struct dwarf_pcs *ret);

typedef struct hs_error *dwarf_range_fn(uint64_t start, uint64_t end,
					void *arg);

/** Calls @fn for each range [start, end) that is not empty, as written: also
 *  for those of code that a linker threw away. */
struct hs_error *dwarf_pcs_each(const struct dwarf_unit *unit,
				const struct dwarf_pcs *pcs, dwarf_range_fn *fn,
				void *arg) hs_must_check;

#endif
