/**
 * @file file.h - the DWARF of one file (2 to 5): sections and units.
 *
 * Reads what names and lines need, straight from the bytes: nothing is trusted,
 * and what is damaged or missing only makes names rarer. Memory and time are
 * bounded by the size of the sections. Not for two threads at once; separate
 * files are independent.
 */
#ifndef SYMBOL_DWARF_FILE_H
#define SYMBOL_DWARF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "symbol/cursor.h"
#include "symbol/dwarf/abbrev.h"
#include "symbol/elf.h"

enum dwarf_section {
	DWARF_INFO,
	DWARF_ABBREV,
	DWARF_LINE,
	DWARF_LINE_STR,
	DWARF_STR,
	DWARF_STR_OFFSETS,
	DWARF_ADDR,
	DWARF_RANGES,
	DWARF_RNGLISTS,
	DWARF_CU_INDEX,
	DWARF_SECTIONS,
};

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
	struct dwarf_scopes *scopes; /* owned; scopes.h */
};

struct dwarf_file {
	struct slice sections[DWARF_SECTIONS];
	void *unpacked[DWARF_SECTIONS]; /* owned: sections that were
					   compressed */
	struct dwarf_unit *units;	/* owned; ascending by offset */
	size_t n_units, units_cap;
	struct dwarf_abbrevs **abbrevs; /* owned, each; ascending by offset */
	size_t n_abbrevs, abbrevs_cap;
	struct dwarf_lines **lines; /* owned, each; dwarf_lines.h */
	size_t n_lines, lines_cap;
	/* What damaged files may still take. */
	size_t rows_left, ranges_left, scopes_left, attrs_left;
	struct elf_file *elf;	      /* owned; NULL: somebody else's */
	struct dwarf_file *alternate; /* owned: of dwz, or NULL */
};

/** Reads the units of @elf, which is borrowed. @split: of .dwo files, whose
 *  sections are named so. *ret: dwarf_file_close(). */
struct hs_error *dwarf_file_open(const struct elf_file *elf, bool split,
				 struct dwarf_file **ret) hs_must_check;

/** NULL is fine. */
void dwarf_file_close(struct dwarf_file *file);

/** @elf, consumed in any case and NULL when there is none: where entries and
 *  strings are that several files share. */
struct hs_error *dwarf_file_set_alternate(struct dwarf_file *file,
					  struct elf_file *elf) hs_must_check;

/** Finds the units in its .debug_info: once all sections are there. */
struct hs_error *dwarf_file_read_units(struct dwarf_file *file) hs_must_check;

/** The unit that @offset of .debug_info is in, or NULL. */
struct dwarf_unit *dwarf_file_unit(const struct dwarf_file *file,
				   uint64_t offset);

/** Reads what all questions need, once; unit->usable tells whether it went. */
struct hs_error *dwarf_unit_prepare(struct dwarf_unit *unit) hs_must_check;

/** A section as @unit sees it: split units have some in their skeleton's file.
 */
struct slice dwarf_unit_section(const struct dwarf_unit *unit,
				enum dwarf_section section);

#endif
