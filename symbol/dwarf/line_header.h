/**
 * @file line_header.h - reads the header of a line table.
 */
#ifndef SYMBOL_DWARF_LINE_HEADER_H
#define SYMBOL_DWARF_LINE_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "symbol/cursor.h"
#include "symbol/dwarf/line_table.h"

struct line_header {
	struct dwarf_widths widths; /* may be others than the unit's */
	uint8_t min_instruction;    /* bytes */
	int8_t line_base;
	uint8_t line_range, opcode_base;
	struct slice operands; /* how many standard opcodes have, from 1 on */
	struct cursor program;
};

/** Reads the header of @unit's table, its folders and files to @lines.
 *  *ok false: it is damaged. */
struct hs_error *line_header_read(const struct dwarf_unit *unit,
				  struct dwarf_lines *lines,
				  struct line_header *ret,
				  bool *ok) hs_must_check;

/** Adds a file, as DW_LNE_define_file does. */
struct hs_error *line_add_file(struct dwarf_lines *lines, const char *name,
			       uint64_t folder) hs_must_check;

#endif
