/**
 * @file file.h - files as the target sees them.
 */
#ifndef PROC_FILE_H
#define PROC_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/maps.h"

/**
 * Opens for reading the very file that is mapped at @m in process @pid:
 * /proc/PID/map_files first (needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE;
 * works for deleted files), then /proc/PID/exe when that is it, then the path
 * below /proc/PID/root (openat2(2) RESOLVE_IN_ROOT, so no symbolic link leads
 * out), then the path as it is. A file found by path must have the device and
 * inode of the mapping (on overlayfs and btrfs st_dev may differ from the
 * maps': then the inode alone decides); else HS_ERROR_NOT_FOUND. *ret is the
 * caller's, close(2).
 */
struct hs_error *file_open_mapping(pid_t pid, const struct mapping *m,
				   int *ret) hs_must_check;

/** Opens @path below /proc/@pid/root with openat2(2) RESOLVE_IN_ROOT.
 *  @flags, @mode as of open(2). *ret is the caller's, close(2). */
struct hs_error *file_open_in_root(pid_t pid, const char *path, int flags,
				   mode_t mode, int *ret) hs_must_check;

/** Opens the regular file @path for reading, with the folder @root for "/": no
 *  symbolic link leads out of it. -1 and errno when that cannot be. */
int file_open_below(const char *root, const char *path);

/** Reads the whole of @path (a /proc file: its size is not known before) to
 *  *ret, NUL-terminated, *len_ret bytes without the NUL; free(3).
 *  ENOENT and ESRCH are HS_ERROR_GONE, EACCES and EPERM HS_ERROR_DENIED. */
struct hs_error *file_read_proc(const char *path, char **ret,
				size_t *len_ret) hs_must_check;

/** The number behind @name in the line of @text that begins with it and a
 * space: of "CommitLimit:" in /proc/meminfo (KiB), or of "inactive_file" in a
 * control group's memory.stat (bytes). 0: there is no such line. */
uint64_t file_number_in(const char *text, const char *name);

#endif
