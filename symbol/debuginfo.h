/**
 * @file debuginfo.h - the DWARF of one file: source lines and inlined calls.
 */
#ifndef SYMBOL_DEBUGINFO_H
#define SYMBOL_DEBUGINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "symbol/debug_paths.h"
#include "symbol/elf.h"
#include "symbol/frames.h"

struct debuginfo;

/**
 * Reads which unit has which addresses. @file: has .debug_info (not checked:
 * what cannot be read gives no frames); @code: has the segments, may be the
 * same. Both are borrowed, @strings too. @alternate: what dwz took out of it,
 * consumed in any case; may be NULL. @debug_paths (borrowed): the search path
 * for .dwo and .dwp files. *ret: debuginfo_close().
 */
struct hs_error *debuginfo_open(const struct elf_file *file,
				const struct elf_file *code,
				struct elf_file *alternate,
				struct intern *strings,
				const struct debug_paths *debug_paths,
				struct debuginfo **ret) hs_must_check;

/** A file that it reads, apart from the two it was opened with, was written to
 *  since: elf_file_is_changed(). */
bool debuginfo_is_changed(const struct debuginfo *info);

/** NULL is fine. */
void debuginfo_close(struct debuginfo *info);

/** Appends the frames of @address to @list, innermost first, the last not
 *  inlined; none when no unit has it. Strings live as long as @info and its
 *  strings. */
struct hs_error *debuginfo_lookup(struct debuginfo *info, uint64_t address,
				  struct frame_list *list) hs_must_check;

#endif
