/**
 * @file short_path.h - paths where there is little room.
 */
#ifndef OUTPUT_SHORT_PATH_H
#define OUTPUT_SHORT_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

/**
 * Appends @path, escaped for a terminal, in at most @width columns. One that is
 * wider loses its detours first, "build/../src" being "src", then folders at
 * its beginning, for which "…" stands (without @utf8 "..."); the base name
 * stays, however wide it is.
 */
void short_path_add(struct strbuf *sb, const char *path, size_t width,
		    bool utf8);

#endif
