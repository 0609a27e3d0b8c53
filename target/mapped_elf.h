/**
 * @file mapped_elf.h - the ELF files that a process has mapped, also those that
 * cannot be opened any more.
 */
#ifndef TARGET_MAPPED_ELF_H
#define TARGET_MAPPED_ELF_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/maps.h"

/**
 * Opens the file that is mapped at @m in process @pid: itself
 * (mapped_file_open()), or else what of it is in memory (image_copy()), which
 * has the names of exported functions only. The kernel's "[vdso]" is copied
 * from memory, whole. @maps: all mappings, of which @m is one. The error is
 * that of mapped_file_open(). *ret is the caller's, close(2). *partly (may be
 * NULL) tells that it has some names only, and why; the caller's; NULL: it is
 * whole.
 */
struct hs_error *mapped_open(pid_t pid, const struct maps *maps,
			     const struct mapping *m, int *ret,
			     struct hs_error **warning) hs_must_check;

/** There is an ELF file or image behind it. */
bool mapped_is_elf(const struct mapping *m);

#endif
