/**
 * @file kept_names.h - what is kept of the names of one ELF file, as bytes.
 */
#ifndef SYMBOL_CACHE_KEPT_NAMES_H
#define SYMBOL_CACHE_KEPT_NAMES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "symbol/cache/answers.h"
#include "symbol/cache/search_trace.h"

/** Zero-initialised are none. */
struct kept_names {
	bool other_root; /* the search had another root, debug_paths.h */
	struct search_trace trace;
	struct answers answers;
};

void kept_names_release(struct kept_names *names);

/** Appends them to @ret, with @tag: all that they depend on beside the files of
 *  the trace. */
struct hs_error *kept_names_write(const struct kept_names *names,
				  const struct strbuf *tag,
				  struct strbuf *ret) hs_must_check;

/**
 * Reads what kept_names_write() wrote with the same @tag. The bytes may be
 * anybody's: what is not whole, or not as it is written, is refused. Strings of
 * *ret point into @data. false: nothing is to be had from them, *ret is empty.
 */
bool kept_names_read(const struct strbuf *data, const struct strbuf *tag,
		     struct kept_names *ret);

#endif
