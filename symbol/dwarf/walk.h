/**
 * @file walk.h - the entries of a unit, one after the other.
 */
#ifndef SYMBOL_DWARF_WALK_H
#define SYMBOL_DWARF_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "symbol/dwarf/die.h"

struct dwarf_walk {
	struct dwarf_unit *unit;
	struct cursor c;
	struct dwarf_die last; /* what was given last */
	uint32_t depth;	       /* of what comes next; 0: the unit's own entry */
	uint32_t skip;	       /* what is deeper is not given */
};

/** Begins at the unit's own entry. @unit is usable. */
void dwarf_walk_init(struct dwarf_walk *walk, struct dwarf_unit *unit);

/** The next entry, parents before children; false: that was all. *depth: 0
 *  for the unit's own, one more for children. */
bool dwarf_walk_next(struct dwarf_walk *walk, struct dwarf_die *ret,
		     uint32_t *depth);

/** Nothing that is in the entry that was given last will be given. */
void dwarf_walk_skip_children(struct dwarf_walk *walk);

#endif
