/**
 * @file target_files.h - the files of a live process, for whoever reads them.
 */
#ifndef TARGET_TARGET_FILES_H
#define TARGET_TARGET_FILES_H

#include "base/file_source.h"
#include "proc/identity.h"

/** Whose files. All borrowed. */
struct target_files {
	const struct identity *id;
	const char *sysroot; /* also look here for debug files; NULL: no */
};

/** What the process of @files (borrowed) has mapped, and what it sees. */
struct file_source target_files_source(const struct target_files *files);

#endif
