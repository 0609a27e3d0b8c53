/**
 * @file altfile.h - finds the file that dwz(1) made for several programs.
 */
#ifndef SYMBOL_DWARF_ALTFILE_H
#define SYMBOL_DWARF_ALTFILE_H

#include <stddef.h>

#include "base/error.h"
#include "symbol/debug_paths.h"
#include "symbol/elf.h"

/**
 * Searches the file that .gnu_debugaltlink of @file names: where it says, from
 * the folder that @file is in when it says no absolute path; then by build-id
 * in each DIR of @debug_paths and in /usr/lib/debug; at last the servers of
 * @debug_paths are asked. Only a file of the build-id in the link will do.
 * *ret: elf_file_close(); NULL: none was found or wanted.
 */
struct hs_error *altfile_find(const struct elf_file *file,
			      const struct debug_paths *debug_paths,
			      struct elf_file **ret) hs_must_check;

#endif
