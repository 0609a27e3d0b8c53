/**
 * @file target_files.h - opens the files of a live process for their parsers.
 */
#ifndef TARGET_TARGET_FILES_H
#define TARGET_TARGET_FILES_H

#include "base/file_source.h"
#include "proc/identity.h"

/** The process whose files are opened. All pointers are borrowed. */
struct target_files {
	const struct identity *id;
	const char *sysroot; /* also look here for debug files; NULL: no */
};

/** A source for the files that the process of @files (borrowed) has mapped or
 *  can see. */
struct file_source target_files_source(const struct target_files *files);

#endif
