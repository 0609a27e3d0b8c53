/**
 * @file line_table.h - a line table (versions 2 to 5), and look-ups in it.
 */
#ifndef SYMBOL_DWARF_LINE_TABLE_H
#define SYMBOL_DWARF_LINE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "symbol/dwarf/unit.h"

struct dwarf_row {
	uint64_t address;
	uint32_t file, line;
};

/** Rows of code that follows each other. */
struct dwarf_sequence {
	uint64_t start, end; /* addresses; exclusive */
	uint32_t first, n;   /* rows; ascending by address */
};

struct dwarf_source {
	const char *name; /* the section's */
	uint64_t folder;  /* number in folders */
	const char *path; /* built when first asked for; NULL before */
};

struct dwarf_lines {
	uint64_t offset; /* in .debug_line */
	uint16_t version;
	const char **folders; /* owned */
	size_t n_folders, folders_cap;
	struct dwarf_source *files; /* owned */
	size_t n_files, files_cap;
	struct dwarf_row *rows; /* owned */
	size_t n_rows, rows_cap;
	struct dwarf_sequence *sequences; /* owned; ascending by end */
	size_t n_sequences, sequences_cap;
};

/** NULL is fine. */
void dwarf_lines_free(struct dwarf_lines *lines);

/** The row that @address belongs to, or NULL. */
const struct dwarf_row *dwarf_lines_find(const struct dwarf_lines *lines,
					 uint64_t address);

/** The path of file number @index: as written, made absolute where possible
 *  with the folders and @unit's directory. NULL: no such file. @strings'. */
struct hs_error *dwarf_lines_path(struct dwarf_lines *lines,
				  const struct dwarf_unit *unit, uint64_t index,
				  struct intern *strings,
				  const char **ret) hs_must_check;

#endif
