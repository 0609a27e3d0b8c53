/**
 * @file unit_code.h - functions, inlined calls and lines of one compile unit.
 *
 * The first look-up reads all of the unit; look-ups are binary searches then.
 */
#ifndef SYMBOL_DWARF_UNIT_CODE_H
#define SYMBOL_DWARF_UNIT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "symbol/dwarf/line_table.h"
#include "symbol/dwarf/range_index.h"
#include "symbol/dwarf/unit.h"
#include "symbol/elf.h"

/** A function, or a call that was inlined. */
struct unit_scope {
	uint64_t offset; /* of its entry */
	uint32_t parent; /* what it is inlined into; UNIT_NO_SCOPE: a function
			    with code of its own */
	bool named;	 /* what follows is filled in */
	uint32_t call_line;
	const char *name, *call_file;
};

#define UNIT_NO_SCOPE UINT32_MAX

/** The code of a unit. Zero-initialised but for unit and elf is one that was
 *  not read. */
struct unit_code {
	struct dwarf_unit *unit;    /* has the line table; borrowed */
	struct dwarf_unit *full;    /* has the functions: of another file, when
				       they are split off */
	const struct elf_file *elf; /* has the segments: code beyond them was
				       thrown away by a linker */
	bool loaded;
	struct dwarf_lines *lines;	/* the DWARF file's; NULL: none */
	struct dwarf_lines *call_lines; /* for the files of call sites */
	struct unit_scope *scopes;	/* owned */
	size_t n_scopes, scopes_cap;
	struct range_map map; /* ids: indices of scopes */
};

void unit_code_release(struct unit_code *code);

/** Reads the unit. @full: where its functions are. */
struct hs_error *unit_code_load(struct unit_code *code,
				struct dwarf_unit *full) hs_must_check;

/** The innermost scope that holds @address, or UNIT_NO_SCOPE. */
uint32_t unit_code_find(const struct unit_code *code, uint64_t address);

/** Name and call site of a scope; cached. Strings are the DWARF file's or
 *  @strings'. */
struct hs_error *
unit_code_name_scope(struct unit_code *code, struct intern *strings,
		     uint32_t scope,
		     const struct unit_scope **ret) hs_must_check;

/** *file: absolute where possible, @strings'; NULL and 0 when the line table
 *  does not have @address. */
struct hs_error *unit_code_find_line(struct unit_code *code,
				     struct intern *strings, uint64_t address,
				     const char **file,
				     uint32_t *line) hs_must_check;

/** [start, end) is code of @elf and not what linkers leave of functions they
 *  threw away: ranges that begin at 0 or beyond all segments. */
bool is_live_code(const struct elf_file *elf, uint64_t start, uint64_t end);

#endif
