/**
 * @file mapped_file.h - opens the very file that a mapping shows.
 */
#ifndef PROC_MAPPED_FILE_H
#define PROC_MAPPED_FILE_H

#include <sys/types.h>

#include "base/error.h"
#include "proc/maps.h"

/**
 * Opens for reading the very file that is mapped at @m in process @pid:
 * /proc/PID/map_files first (needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE;
 * works for deleted files), then /proc/PID/exe when that is the file, then the
 * path with /proc/PID/root as "/" (proc/in_root.h), then what of it is below
 * that root, then the path as it is. A file found by path must have the device
 * and inode of the mapping (on overlayfs and btrfs st_dev may differ from the
 * maps': then the inode alone decides); else HS_ERROR_NOT_FOUND. *ret is the
 * caller's, close(2).
 */
struct hs_error *mapped_file_open(pid_t pid, const struct mapping *m,
				  int *ret) hs_must_check;

#endif
