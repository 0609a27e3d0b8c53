/**
 * @file disk_files.h - the files of a process that is not here, or not any
 * more: what is at their paths.
 */
#ifndef PROC_DISK_FILES_H
#define PROC_DISK_FILES_H

#include "base/file_source.h"

/**
 * What is at the modules' paths on this machine, or below the folder @sysroot
 * (borrowed; NULL: none). Files that were deleted or replaced while they were
 * mapped are not opened, unless their build-id is known: whoever reads them
 * compares it. Other files are opened below @sysroot only.
 */
struct file_source disk_files(const char *sysroot);

#endif
