/**
 * @file hazards.h - the code that no borrowed thread may be inside, and the
 * code that injected calls go through.
 */
#ifndef MALLCTL_HAZARDS_H
#define MALLCTL_HAZARDS_H

#include <sys/types.h>

#include "attach/code.h"
#include "base/error.h"
#include "mallctl/find.h"

/**
 * Fills *ret from the files of process @pid: the functions and gadgets of its
 * libc (or of the program itself when it is static), and the hazards: the text
 * of every jemalloc, the dynamic linker, the unwinder, fork, exit and the like.
 * Gadget bytes are read from the target's memory. The ranges' "what" strings
 * are static or those of @files. code_map_release().
 * HS_ERROR_UNSAFE when even the sigreturn gadget is missing.
 */
struct hs_error *hazards_map(pid_t pid, const struct maps *maps,
			     const struct loaded_files *files,
			     const struct jemallocs *jemallocs,
			     struct code_map *ret) hs_must_check;

#endif
