/**
 * @file source.h - the sources of a dump's bytes: memory, a file, or one after
 * the other.
 *
 * Internal to heap/. A dump is read in pieces, so that only the profile is in
 * memory, never the file.
 */
#ifndef HEAP_FORMAT_SOURCE_H
#define HEAP_FORMAT_SOURCE_H

#include <stddef.h>

#include "base/error.h"

struct heap_source {
	/** Reads up to @len bytes, at least 1, to @buf; *got is 0 only at the
	 *  end. */
	struct hs_error *(*read)(struct heap_source *source, char *buf,
				 size_t len, size_t *got);
};

/** Bytes in memory. */
struct heap_memory_source {
	struct heap_source source;
	const char *s, *end; /* borrowed */
};

void heap_memory_source_init(struct heap_memory_source *m, const char *s,
			     size_t len);

/** An open file. */
struct heap_file_source {
	struct heap_source source;
	int fd;		  /* borrowed */
	const char *path; /* borrowed; for errors */
};

void heap_file_source_init(struct heap_file_source *f, int fd,
			   const char *path);

/** Bytes of @head, then those of another source. */
struct heap_joined_source {
	struct heap_source source;
	struct heap_memory_source head;
	struct heap_source *rest; /* borrowed */
};

void heap_joined_source_init(struct heap_joined_source *j, const char *head,
			     size_t len, struct heap_source *rest);

#endif
