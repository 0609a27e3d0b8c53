/**
 * @file dump_file.h - the file on disk that jemalloc dumps to when no memfd can
 * be used.
 *
 * For targets that can't have a memfd or can't name it (no /proc where they
 * run, a seccomp filter). heapsnap creates the file, in a folder that the
 * target can write to and as the target's user, punches out what it has read,
 * and removes the file.
 */
#ifndef MALLCTL_DUMP_FILE_H
#define MALLCTL_DUMP_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "mallctl/mallctl.h"

enum {
	DUMP_FILE_PATH = 480, /* longest path of a file, with its NUL */
	DUMP_FILE_NAME = 64,
};

struct dump_file {
	int folder; /* owned */
	int fd;	    /* owned: read and write */
	char name[DUMP_FILE_NAME];
	char path[DUMP_FILE_PATH]; /* as the target sees it */
	bool punches; /* its file system can give back what was read */
};

/** Candidate folders, best first: $TMPDIR, /tmp, /var/tmp, /dev/shm and the
 *  target's working directory. */
struct dump_folders {
	char *paths[5]; /* owned; as the target sees them */
	size_t n;
};

struct hs_error *dump_folders_find(const struct session *s,
				   struct dump_folders *ret) hs_must_check;
void dump_folders_release(struct dump_folders *folders);

/**
 * Creates a new file in @folder, mode 0600, which the helper thread can open.
 * No symbolic link leads out of the target's root. Rejects a folder in which
 * others could replace the file, and one with little space left:
 * HS_ERROR_SYSTEM. Call dump_file_remove() in any case.
 */
struct hs_error *dump_file_make(const struct session *s, const char *folder,
				struct dump_file *ret) hs_must_check;

/** Removes it; a file that was never made is fine. */
struct hs_error *dump_file_remove(const struct session *s,
				  struct dump_file *file) hs_must_check;

/** The name of the file of the process of @s: its own, as long as it lives. */
void dump_file_name(const struct session *s, char ret[DUMP_FILE_NAME]);

/** Removes the files that killed runs have left. */
struct hs_error *dump_file_sweep(const struct session *s) hs_must_check;

#endif
