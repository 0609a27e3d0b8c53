/**
 * @file file.h - opens the DWARF (2 to 5) of one file and lists its units.
 *
 * All of it is read straight from the bytes: nothing is trusted, and damaged or
 * missing parts only make names rarer. Memory and time are
 * bounded by the size of the sections. Not for two threads at once; separate
 * files are independent.
 */
#ifndef SYMBOL_DWARF_FILE_H
#define SYMBOL_DWARF_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "symbol/dwarf/unit.h"
#include "symbol/elf.h"

/** Reads the units of @elf, which is borrowed. @split: of .dwo files, whose
 *  sections are named so. @budget: for what is compressed. *ret:
 *  dwarf_file_close(). */
struct hs_error *dwarf_file_open(const struct elf_file *elf, bool split,
				 struct unpack_budget *budget,
				 struct dwarf_file **ret) hs_must_check;

/** NULL is fine. */
void dwarf_file_close(struct dwarf_file *file);

/** @elf, consumed in any case and NULL when there is none: where entries and
 *  strings are that several files share. */
struct hs_error *
dwarf_file_set_alternate(struct dwarf_file *file, struct elf_file *elf,
			 struct unpack_budget *budget) hs_must_check;

/** Finds the units in its .debug_info: once all sections are there. */
struct hs_error *dwarf_file_read_units(struct dwarf_file *file) hs_must_check;

#endif
