/**
 * @file spool.h - bytes that come in one after the other, of any number: in
 * memory, and beyond SPOOL_MEMORY bytes in a file without a name, in $TMPDIR,
 * /var/tmp or /tmp, which is gone with its last descriptor.
 *
 * Zero-initialised is an empty one.
 */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"

enum { SPOOL_MEMORY = 256 << 20 };

struct spool {
	struct strbuf memory; /* all, as long as there is no file */
	bool on_disk;
	int fd;	      /* owned; when on_disk */
	char *mapped; /* owned: the file; NULL: not yet, or it has grown since */
	size_t mapped_len;
	size_t len;	    /* bytes in all */
	size_t most_memory; /* 0: SPOOL_MEMORY; for tests */
};

/** Frees it; it is empty again. */
void spool_release(struct spool *sp);

/** Adds @data[0..len). After an error nothing more can be added. */
struct hs_error *spool_add(struct spool *sp, const void *data,
			   size_t len) hs_must_check;

/** The same for a string. */
struct hs_error *spool_adds(struct spool *sp, const char *s) hs_must_check;

/** All that was added, in one piece, with a NUL behind it; it may be changed in
 *  place. Valid until the next call but spool_cut(). */
struct hs_error *spool_text(struct spool *sp, char **ret) hs_must_check;

/** Keeps the first @len bytes, which are at most as many as there are. */
void spool_cut(struct spool *sp, size_t len);

#endif
