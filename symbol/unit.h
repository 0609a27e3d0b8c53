/**
 * @file unit.h - functions, inlined calls and lines of one compile unit.
 *
 * All of a unit is read when it is first asked for, once; look-ups are binary
 * searches then.
 */
#ifndef SYMBOL_UNIT_H
#define SYMBOL_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <elfutils/libdw.h>

#include "base/error.h"
#include "base/hash.h"
#include "symbol/elf.h"
#include "symbol/ranges.h"
#include "symbol/scopes.h"

/** A function, or a call that was inlined. */
struct unit_scope {
	Dwarf_Die die;
	uint32_t parent; /* what it is inlined into; UNIT_NO_SCOPE: a function
			    with code of its own */
	bool named;	 /* frame is filled in */
	const char *name, *call_file;
	uint32_t call_line;
};

#define UNIT_NO_SCOPE UINT32_MAX

struct unit {
	Dwarf_CU *cu;
	Dwarf_Die lines_die; /* has the line table (skeleton when split) */
	Dwarf_Die die;	     /* has the functions */
	bool loaded;
	const char *directory; /* DW_AT_comp_dir or NULL */
	Dwarf_Lines *lines;    /* sorted by libdw; libdw's */
	size_t n_lines;
	Dwarf_Files *files;	   /* libdw's */
	struct unit_scope *scopes; /* owned */
	size_t n_scopes, scopes_cap;
	struct range_map map; /* ids: indices of scopes */
};

void unit_release(struct unit *unit);

/** Reads the unit, when that has not been done. @code: the ELF file whose
 *  executable segments tell code from what a linker threw away. */
struct hs_error *unit_load(struct unit *unit,
			   const struct elf_file *code) hs_must_check;

/** The innermost scope that holds @address, or UNIT_NO_SCOPE. */
uint32_t unit_find(const struct unit *unit, uint64_t address);

/** Name and call site of a scope; cached. Strings are libdw's or @strings'. */
struct hs_error *unit_name_scope(struct unit *unit, struct scopes *scopes,
				 struct intern *strings, uint32_t scope,
				 const struct unit_scope **ret) hs_must_check;

/** *file: absolute where possible, libdw's or @strings'; NULL and 0 when the
 *  line table does not have @address. */
struct hs_error *unit_find_line(struct unit *unit, struct intern *strings,
				uint64_t address, const char **file,
				uint32_t *line) hs_must_check;

/** [start, end) is code of @code and not what linkers leave of functions they
 *  threw away: ranges that begin at 0 or beyond all segments. */
bool is_live_code(const struct elf_file *code, uint64_t start, uint64_t end);

#endif
