/**
 * @file elf_symbols.h - the symbols of one ELF file.
 */
#ifndef SYMBOL_ELF_SYMBOLS_H
#define SYMBOL_ELF_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "symbol/elf.h"

struct elf_symbol {
	uint64_t address;
	uint64_t size;	    /* bytes, may be 0 */
	const char *name;   /* owned by the elf_file; version cut off */
	const char *source; /* of a local symbol: the STT_FILE before it, else
			       NULL; owned by the elf_file */
	bool function;	    /* FUNC or IFUNC */
	bool object;	    /* OBJECT: data, wherever it is */
	bool local;
	bool dynamic; /* from .dynsym: inner symbols may be missing there */
	bool code;    /* its section is executable */
	uint64_t code_limit; /* where that section ends, exclusive; else 0 */
};

/**
 * Calls @fn for each defined symbol (FUNC, IFUNC, OBJECT, NOTYPE) of .symtab,
 * then of .dynsym, until it returns false. Symbols that are in both come twice.
 */
struct hs_error *elf_file_each_symbol(const struct elf_file *file,
				      bool (*fn)(const struct elf_symbol *sym,
						 void *arg),
				      void *arg) hs_must_check;

/** Finds the symbol named @name (exactly; .dynsym first, there the default
 *  version before older ones). false: none. */
bool elf_file_find_symbol(const struct elf_file *file, const char *name,
			  struct elf_symbol *ret);

#endif
