/**
 * @file walk.h - visits the entries of a unit one after the other.
 */
#ifndef SYMBOL_DWARF_WALK_H
#define SYMBOL_DWARF_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
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

/** Visits an entry that is @depth below the unit's own. *scope is the number of
 *  the scope around it, and becomes that of what is in it; *skip, false before,
 *  whether nothing that is in it is to be visited. */
typedef struct hs_error *dwarf_visit_fn(void *arg, const struct dwarf_die *die,
					uint32_t depth, uint32_t *scope,
					bool *skip);

/** Visits the entries of a usable unit, parents first, with @scope around the
 *  unit's own. */
struct hs_error *dwarf_walk_scopes(struct dwarf_unit *unit, uint32_t scope,
				   dwarf_visit_fn *visit,
				   void *arg) hs_must_check;

/** Passes over what is inside of the entry that was given last. */
void dwarf_walk_skip_children(struct dwarf_walk *walk);

#endif
