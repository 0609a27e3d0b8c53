/**
 * @file abbrev.h - a table of abbreviations: the shapes of entries.
 */
#ifndef SYMBOL_DWARF_ABBREV_H
#define SYMBOL_DWARF_ABBREV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "symbol/cursor.h"

struct dwarf_attr {
	uint16_t name, form; /* DW_AT_*, DW_FORM_* */
	int64_t value;	     /* of DW_FORM_implicit_const */
};

struct dwarf_abbrev {
	uint64_t code;
	uint16_t tag; /* DW_TAG_* */
	bool children;
	uint32_t first, n; /* its attributes in dwarf_abbrevs.attrs */
	int32_t size;	   /* bytes of all values; -1: varies */
	int32_t sibling;   /* where DW_AT_sibling is in them; -1: none, or
			      behind values whose size varies */
};

/** How wide values are in the units that the table is for. */
struct dwarf_widths {
	uint8_t version, address_size, offset_size;
};

struct dwarf_abbrevs {
	uint64_t offset; /* in .debug_abbrev */
	struct dwarf_widths widths;
	struct dwarf_abbrev *items; /* owned; ascending by code */
	size_t n, items_cap;
	struct dwarf_attr *attrs; /* owned */
	size_t n_attrs, attrs_cap;
};

/** Bytes that a value of @form takes, or -1 when that varies. */
int dwarf_form_size(struct dwarf_widths widths, uint16_t form);

/** Reads the table at @offset of @section. What comes behind damage is not in
 *  it, nor what is beyond *@attrs_left attributes and entries, which is counted
 *  down. *ret: dwarf_abbrevs_free(). */
struct hs_error *dwarf_abbrevs_read(struct slice section, uint64_t offset,
				    struct dwarf_widths widths,
				    size_t *attrs_left,
				    struct dwarf_abbrevs **ret) hs_must_check;

/** NULL is fine. */
void dwarf_abbrevs_free(struct dwarf_abbrevs *table);

/** NULL: no such code. */
const struct dwarf_abbrev *dwarf_abbrevs_find(const struct dwarf_abbrevs *table,
					      uint64_t code);

#endif
