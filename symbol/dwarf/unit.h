/**
 * @file unit.h - a unit as it is written, and the file that it is in.
 */
#ifndef SYMBOL_DWARF_UNIT_H
#define SYMBOL_DWARF_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/cursor.h"
#include "symbol/dwarf/abbrev.h"
#include "symbol/dwarf/sections.h"
#include "symbol/elf.h"

struct dwarf_scopes;
struct dwarf_lines;

/** A compile, partial or skeleton unit. Offsets are in .debug_info. */
struct dwarf_unit {
	struct dwarf_file *file;
	uint64_t offset, end; /* the unit, its header included; exclusive */
	uint64_t root;	      /* the unit's own entry */
	uint64_t abbrev_offset;
	uint8_t version, type;		   /* type: DW_UT_*, made up before 5 */
	uint8_t address_size, offset_size; /* bytes */
	bool prepared;
	bool usable; /* its abbreviations could be read */
	uint16_t language;
	uint64_t dwo_id;
	uint64_t addr_base, str_offsets_base, rnglists_base, ranges_base;
	uint64_t low_pc;	     /* what range lists count from */
	const char *directory;	     /* DW_AT_comp_dir or NULL */
	const char *dwo_name;	     /* of what was split off, or NULL */
	uint64_t line_offset;	     /* DW_AT_stmt_list; UINT64_MAX: none */
	struct dwarf_unit *skeleton; /* of a split unit: what it was split off;
					else NULL */
	const struct dwarf_abbrevs *abbrevs;
	struct dwarf_scopes *scopes; /* owned; code_scopes.h */
};

struct dwarf_file {
	struct slice sections[DWARF_SECTIONS];
	void *unpacked[DWARF_SECTIONS]; /* owned: sections that were
					   compressed */
	struct dwarf_unit *units;	/* owned; ascending by offset */
	size_t n_units, units_cap;
	struct dwarf_abbrevs **abbrevs; /* owned, each; ascending by offset */
	size_t n_abbrevs, abbrevs_cap;
	struct dwarf_lines **lines; /* owned, each; line_table.h */
	size_t n_lines, lines_cap;
	/* The budget that is left, which bounds what damaged files cost. */
	size_t rows_left, ranges_left, scopes_left, attrs_left;
	struct elf_file *elf;	      /* owned; NULL: somebody else's */
	struct dwarf_file *alternate; /* owned: of dwz, or NULL */
};

/** The unit that @offset of .debug_info is in, or NULL. */
struct dwarf_unit *dwarf_file_unit(const struct dwarf_file *file,
				   uint64_t offset);

/** A section as @unit sees it: split units have some in their skeleton's file.
 */
struct slice dwarf_unit_section(const struct dwarf_unit *unit,
				enum dwarf_section section);

#endif
