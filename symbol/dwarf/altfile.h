/**
 * @file altfile.h - what dwz(1) moved to a file that several programs share.
 */
#ifndef SYMBOL_DWARF_ALTFILE_H
#define SYMBOL_DWARF_ALTFILE_H

#include <stddef.h>

#include "base/error.h"
#include "symbol/debug_paths.h"
#include "symbol/elf.h"

/**
 * Looks for the file that .gnu_debugaltlink of @file names: where it says, from
 * the folder that @file is in when it says no absolute path; then by build-id
 * in each DIR of @places and in /usr/lib/debug; at last the servers of @places
 * are asked. Only a file of the build-id that the link tells will do. *ret:
 * elf_file_close(); NULL: none was found or wanted.
 */
struct hs_error *altfile_find(const struct elf_file *file,
			      const struct debug_paths *debug_paths,
			      struct elf_file **ret) hs_must_check;

#endif
