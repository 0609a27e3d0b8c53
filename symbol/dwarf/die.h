/**
 * @file die.h - one entry (DIE) of a unit, and the values in it.
 */
#ifndef SYMBOL_DWARF_DIE_H
#define SYMBOL_DWARF_DIE_H

#include <stdbool.h>
#include <stdint.h>

#include "symbol/cursor.h"
#include "symbol/dwarf/unit.h"

struct dwarf_die {
	struct dwarf_unit *unit;
	uint64_t offset;		   /* in .debug_info */
	const struct dwarf_abbrev *abbrev; /* NULL: the end of a list of
					      siblings */
	struct cursor values; /* where they begin; ends with the unit */
};

/** A value as it is there. form is 0 when the entry does not have it. */
struct dwarf_value {
	uint16_t form;
	uint64_t number;
	const char *string; /* DW_FORM_string */
};

/** The entry at @offset of a usable unit; false: none there. */
bool dwarf_die_at(struct dwarf_unit *unit, uint64_t offset,
		  struct dwarf_die *ret);

/** Reads one value of @attr, or skips it when @ret is NULL. */
void dwarf_value_read(struct dwarf_widths widths, const struct dwarf_attr *attr,
		      struct cursor *c, struct dwarf_value *ret);

/** The attribute @name of @die itself; false: it has none. */
bool dwarf_die_attr(const struct dwarf_die *die, uint16_t name,
		    struct dwarf_value *ret);

/** The attributes of @abbrev, abbrev->n of them. */
const struct dwarf_attr *dwarf_unit_attrs(const struct dwarf_unit *unit,
					  const struct dwarf_abbrev *abbrev);

/** Strings are the file's; NULL: it is no string. */
const char *dwarf_value_string(const struct dwarf_unit *unit,
			       const struct dwarf_value *value);

/** false: no address. */
bool dwarf_value_address(const struct dwarf_unit *unit,
			 const struct dwarf_value *value, uint64_t *ret);

/** false: no constant, or a negative one. */
bool dwarf_value_number(const struct dwarf_value *value, uint64_t *ret);

#endif
