/**
 * @file new_file.h - writes a file atomically: it is there whole or not at all.
 *
 * The file has no name while it is written (O_TMPFILE, open(2)), so that
 * nothing is left even when we are killed; on file systems that cannot do that
 * it has a hidden name in the same folder. At the end it replaces the file that
 * has its name.
 */
#ifndef BASE_NEW_FILE_H
#define BASE_NEW_FILE_H

#include "base/error.h"

struct new_file {
	int fd;		 /* owned; to be written to */
	char *path;	 /* owned: the name it will have */
	char *temporary; /* owned: the hidden name; NULL while it has none */
};

/** Begins a file with mode 0600. HS_ERROR_SYSTEM "cannot write '@path': ...",
 *  with what to do as the hint; also when @path is no regular file. On success
 *  new_file_commit() or new_file_discard() has to follow. */
struct hs_error *new_file_open(const char *path,
			       struct new_file *ret) hs_must_check;

/** Gives it its name. On failure nothing is left and the old file stays. */
struct hs_error *new_file_commit(struct new_file *f) hs_must_check;

/** Removes it. */
void new_file_discard(struct new_file *f);

/** The error of writing to @path with @errnum, with what to do as the hint. */
struct hs_error *new_file_error(int errnum, const char *path) hs_must_check;

#endif
