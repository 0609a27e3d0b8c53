/**
 * @file sections.h - the bytes of the debug sections, unpacked.
 */
#ifndef SYMBOL_DWARF_SECTIONS_H
#define SYMBOL_DWARF_SECTIONS_H

#include <stdbool.h>

#include "base/error.h"
#include "symbol/cursor.h"
#include "symbol/elf.h"
#include "symbol/unpack_budget.h"

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

/**
 * Fills in those of @sections[0..DWARF_SECTIONS) that @elf has; they live as
 * long as it, or are in @owned (of as many), free(3). @split: those of .dwo and
 * .dwp files. Sections that are damaged, larger than @budget once they are
 * unpacked, or compressed with something else than zlib or zstd stay empty.
 */
struct hs_error *dwarf_sections_read(const struct elf_file *elf, bool split,
				     struct unpack_budget *budget,
				     struct slice *sections,
				     void **owned) hs_must_check;

#endif
