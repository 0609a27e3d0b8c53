/**
 * @file snapshot.h - snapshot files: jemalloc's dump, verbatim, then lines
 * that begin with "# heapsnap". jeprof reads them as if those were not there.
 *
 *   # heapsnap 1                                    format version, first
 *   # heapsnap KEY VALUE                            a field of heap_origin
 *   # heapsnap module N BUILD-ID|- ALLOCATOR SEGMENTS PATH
 *   # heapsnap name ADDRESS FUNCTION FILE LINE INLINED   in order, innermost
 * first # heapsnap end                                  nothing was cut off
 *
 * Values are escaped words (base/escape.h).
 */
#ifndef HEAP_SNAPSHOT_H
#define HEAP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "heap/profile.h"

/**
 * Writes the dump @text[0..len) (whole, with its MAPPED_LIBRARIES) and what @p
 * (read from it, completed with origin, modules and names) knows beside it, to
 * @path: created with mode 0600 under a temporary name in the same folder,
 * then renamed.
 */
struct hs_error *
heap_snapshot_write(const char *path, const char *text, size_t len,
		    const struct heap_profile *p) hs_must_check;

/** Appends the "# heapsnap" lines alone to @sb. */
void heap_snapshot_lines(struct strbuf *sb, const struct heap_profile *p);

/** Parses one "# heapsnap" line, @line[0..len) without the newline, into @p.
 *  @where ("FILE:LINE") begins the errors. *end is set by the last line. */
struct hs_error *heap_snapshot_parse_line(struct heap_profile *p,
					  const char *line, size_t len,
					  const char *where,
					  bool *end) hs_must_check;

#endif
