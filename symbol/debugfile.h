/**
 * @file debugfile.h - where debug information that was split off a file is.
 */
#ifndef SYMBOL_DEBUGFILE_H
#define SYMBOL_DEBUGFILE_H

#include <stddef.h>

#include "base/error.h"
#include "symbol/debug_paths.h"
#include "symbol/elf.h"

/**
 * Looks for the debug file of @file, in this order:
 *   DIR/.build-id/ab/cdef.debug, then DIR/PATH.debug, DIR/PATH, DIR/NAME.debug,
 *   DIR/NAME and DIR/LINK for each DIR of @places;
 *   /usr/lib/debug/.build-id/ab/cdef.debug;
 *   FOLDER/LINK, FOLDER/.debug/LINK and /usr/lib/debug/FOLDER/LINK;
 *   the servers of @places.
 * What is not below a DIR is looked for in the other root of @places, then in
 * this one. PATH is @path, NAME its last part; FOLDER is that of @path, and
 * that where the opened file really is; LINK is what .gnu_debuglink says. Only
 * a file of the same build-id will do; when @file has no build-id, only the one
 * whose checksum .gnu_debuglink has. *ret: elf_file_close(); NULL: none was
 * found (not an error).
 */
struct hs_error *debugfile_find(const struct elf_file *file, const char *path,
				const struct debug_paths *debug_paths,
				struct elf_file **ret) hs_must_check;

#endif
