/**
 * @file debugfile.h - finds the debug information that was split off a file.
 */
#ifndef SYMBOL_DEBUGFILE_H
#define SYMBOL_DEBUGFILE_H

#include <stddef.h>

#include "base/error.h"
#include "symbol/debug_paths.h"
#include "symbol/elf.h"

/**
 * Searches the debug file of @file, in this order:
 *   DIR/.build-id/ab/cdef.debug, then DIR/PATH.debug, DIR/PATH, DIR/NAME.debug,
 *   DIR/NAME and DIR/LINK for each DIR of @debug_paths;
 *   /usr/lib/debug/.build-id/ab/cdef.debug;
 *   FOLDER/LINK, FOLDER/.debug/LINK and /usr/lib/debug/FOLDER/LINK;
 *   the servers of @debug_paths.
 * A path that is not below a DIR is tried in the other root of @debug_paths,
 * then in this one. PATH is @path, NAME its last part; FOLDER is that of @path,
 * and that where the opened file really is; LINK is the name in .gnu_debuglink.
 * Only a file of the same build-id will do; when @file has no build-id, only
 * the one of the checksum in .gnu_debuglink. *ret: elf_file_close(); NULL: none
 * was found (not an error).
 */
struct hs_error *debugfile_find(const struct elf_file *file, const char *path,
				const struct debug_paths *debug_paths,
				struct elf_file **ret) hs_must_check;

#endif
