/**
 * @file jemalloc_files.h - caches which jemallocs a file has, by device and
 * inode, so that each file is read once.
 *
 * For the process list, and for who asks for the version of one jemalloc.
 */
#ifndef TARGET_JEMALLOC_FILES_H
#define TARGET_JEMALLOC_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/hash_index.h"
#include "proc/maps.h"
#include "symbol/elf.h"

/** A jemalloc in a file; addresses are the file's own, 0: not known. */
struct jemalloc_found {
	char *prefix;			/* owned */
	uint64_t opt_prof, prof_active; /* its inner variables */
};

struct jemalloc_file {
	uint64_t inode;
	uint32_t dev_major, dev_minor;
	struct elf_file *elf; /* owned; NULL: nothing found, or not readable */
	uint64_t malloc_conf; /* the variable, with any prefix; 0: none */
	char *version;	      /* owned; NULL: not known */
	struct jemalloc_found *found; /* owned */
	size_t n, cap;
};

/** Zero-initialised is an empty one. */
struct jemalloc_files {
	struct jemalloc_file **items; /* owned, as is each of them */
	size_t n, cap;
	struct hash_index index; /* of items, by device and inode */
};

/** Finds or reads the file that @m of process @pid maps. The cache owns *ret. A
 *  file that cannot be read has no jemallocs; the only error is
 *  HS_ERROR_NOMEM. */
struct hs_error *
jemalloc_files_get(struct jemalloc_files *files, pid_t pid,
		   const struct mapping *m,
		   const struct jemalloc_file **ret) hs_must_check;

void jemalloc_files_release(struct jemalloc_files *files);

/** The version of the jemalloc whose read-only data is @data[0..len): *ret
 *  points into it, *n is its length; NULL when there is none. */
const char *jemalloc_find_version(const char *data, size_t len, size_t *n);

#endif
