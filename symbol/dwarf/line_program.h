/**
 * @file line_program.h - runs the program of a line table.
 */
#ifndef SYMBOL_DWARF_LINE_PROGRAM_H
#define SYMBOL_DWARF_LINE_PROGRAM_H

#include <stddef.h>

#include "base/error.h"
#include "symbol/dwarf/line_header.h"
#include "symbol/dwarf/line_table.h"

/** Adds rows and sequences to @lines, at most *@rows_left rows, which becomes
 *  smaller by them. */
struct hs_error *line_program_run(const struct line_header *header,
				  struct dwarf_lines *lines,
				  size_t *rows_left) hs_must_check;

#endif
