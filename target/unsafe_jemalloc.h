/**
 * @file unsafe_jemalloc.h - finds the functions of a jemalloc that is linked
 * into a program or library together with other code.
 */
#ifndef TARGET_UNSAFE_JEMALLOC_H
#define TARGET_UNSAFE_JEMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "target/jemalloc.h"

/** A range of code, in the file's own addresses. */
struct text_range {
	uint64_t start;
	uint64_t end; /* exclusive */
};

struct text_ranges {
	struct text_range *items; /* owned; ascending, not overlapping */
	size_t n, cap;
};

/**
 * The functions in @file that belong to one of @jemallocs, by symbol; ranges
 * with less than 256 bytes between them are merged. *ret is empty when the
 * inner functions of jemalloc have no symbols there. text_ranges_release().
 */
struct hs_error *unsafe_jemalloc(const struct loaded_file *file,
				 const struct jemallocs *jemallocs,
				 struct text_ranges *ret) hs_must_check;

/** Adds the code of @sym, which must be of @file. */
struct hs_error *text_ranges_add(struct text_ranges *ranges,
				 const struct elf_file *file,
				 const struct elf_symbol *sym) hs_must_check;

/** Whether each of @inner begins in one of @ranges. */
bool text_ranges_have(const struct text_ranges *ranges,
		      const struct text_ranges *inner);

void text_ranges_release(struct text_ranges *ranges);

/** The end of the code of @sym, which must be of @file. Hand-written assembly
 *  may have no size: it ends at the next symbol. */
struct hs_error *symbol_end(const struct elf_file *file,
			    const struct elf_symbol *sym,
			    uint64_t *ret) hs_must_check;

#endif
