/**
 * @file unsafe_code.h - builds the code map: the code that no borrowed thread
 * may be inside of, and the code that injected calls go through.
 */
#ifndef TARGET_UNSAFE_CODE_H
#define TARGET_UNSAFE_CODE_H

#include <sys/types.h>

#include "base/code_map.h"
#include "base/error.h"
#include "target/jemalloc.h"

/**
 * Fills *ret from the files of process @pid: the functions and gadgets of its
 * libc (or of the program itself when it is static), and the unsafe code: the
 * text of every jemalloc, the dynamic linker, the unwinder, fork, exit and the
 * like. Gadget bytes are read from the target's memory. The ranges' "what"
 * strings are static or those of @files. code_map_release(). HS_ERROR_UNSAFE
 * when even the sigreturn gadget is missing.
 */
struct hs_error *unsafe_code_map(pid_t pid, const struct maps *maps,
				 const struct loaded_files *files,
				 const struct jemallocs *jemallocs,
				 struct code_map *ret) hs_must_check;

#endif
