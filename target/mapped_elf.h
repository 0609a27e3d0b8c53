/**
 * @file mapped_elf.h - opens the ELF files that a process has mapped, also
 * those that are only in its memory any more.
 */
#ifndef TARGET_MAPPED_ELF_H
#define TARGET_MAPPED_ELF_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/maps.h"

/**
 * Opens the file that is mapped at @m in process @pid: the file itself
 * (mapped_file_open()), or else a copy of its image in memory (image_copy()),
 * which has the names of exported functions only. Copies the kernel's "[vdso]"
 * from memory, whole. @maps: all mappings, of which @m is one. The error is
 * that of mapped_file_open(). *ret is the caller's to close(2). *warning (may
 * be NULL), the caller's, says that only some names are there, and why; NULL:
 * all are.
 */
struct hs_error *mapped_open(pid_t pid, const struct maps *maps,
			     const struct mapping *m, int *ret,
			     struct hs_error **warning) hs_must_check;

/** @m maps an ELF file or image. */
bool mapped_is_elf(const struct mapping *m);

#endif
