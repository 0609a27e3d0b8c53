/**
 * @file disk_files.h - opens the files of a process that has ended or ran
 * elsewhere by their paths.
 */
#ifndef PROC_DISK_FILES_H
#define PROC_DISK_FILES_H

#include "base/file_source.h"

/**
 * Opens the modules' paths on this machine, or below the folder @sysroot
 * (borrowed; NULL: none). Does not open files that were deleted or replaced
 * while they were mapped, unless their build-id is known: the reader compares
 * it. Opens other files below @sysroot only.
 */
struct file_source disk_files(const char *sysroot);

#endif
