/**
 * @file minidebug.h - unpacks the symbol table that some distributions leave in
 * stripped files (.gnu_debugdata, "MiniDebugInfo" in GDB's manual).
 */
#ifndef SYMBOL_MINIDEBUG_H
#define SYMBOL_MINIDEBUG_H

#include "base/error.h"
#include "symbol/elf.h"
#include "symbol/unpack_budget.h"

/** Unpacks it: an ELF file with symbols and nothing else. *ret:
 *  elf_file_close(); NULL: @file has none, or one that is damaged, larger than
 *  @budget or than any function names are. */
struct hs_error *minidebug_open(const struct elf_file *file,
				struct unpack_budget *budget,
				struct elf_file **ret) hs_must_check;

#endif
