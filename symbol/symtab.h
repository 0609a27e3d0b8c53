/**
 * @file symtab.h - finds the symbol that holds an address.
 */
#ifndef SYMBOL_SYMTAB_H
#define SYMBOL_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "symbol/dwarf/range_index.h"
#include "symbol/elf.h"

struct symtab_entry {
	uint64_t address, size;
	uint64_t limit;	      /* end of its section */
	const char *name;     /* borrowed from the elf_file */
	uint32_t length;      /* of it */
	uint32_t underscores; /* that it begins with */
	bool code;	      /* else data, which only ends the one before it */
	bool local;
};

/** Zero-initialised is an empty one. Add the files of one module (itself, its
 *  debug file), finish once, then ask. */
struct symtab {
	struct symtab_entry *items; /* owned; ascending by address */
	size_t n, cap;
	struct range_map map; /* ids: indices of items */
};

void symtab_release(struct symtab *table);

/** Adds the code symbols of @file, which must live as long as @table. */
struct hs_error *symtab_add(struct symtab *table,
			    const struct elf_file *file) hs_must_check;

struct hs_error *symtab_finish(struct symtab *table) hs_must_check;

/**
 * The symbol that holds @address, or NULL: never a neighbour's. Its size is 0
 * when it ends where the next symbol begins (hand-written assembly). Of several
 * names of one function it is the most public.
 */
const struct symtab_entry *symtab_find(const struct symtab *table,
				       uint64_t address);

/** @name is another name of @entry, and as public: functions that a linker or
 *  compiler folded into one, or a constructor's two names. */
bool symtab_is_alias(const struct symtab *table,
		     const struct symtab_entry *entry, const char *name);

/** Length of @name without what compilers put behind the names of pieces and
 *  copies of a function: "f" of "f.part.0.cold", "f.constprop.1". */
size_t symbol_base_length(const char *name);

#endif
