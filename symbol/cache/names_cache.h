/**
 * @file names_cache.h - names that were looked up in an earlier run.
 *
 * Per ELF file that has a build-id the frames of the addresses that were asked
 * for, with all that they depend on: this program, the ELF file, the search
 * path for debug files, and what the search found (search_trace.h). Whatever of
 * it changed, nothing is used. Files that others than root or the user may
 * write to give no names to keep, nor do those that have no path any more.
 */
#ifndef SYMBOL_CACHE_NAMES_CACHE_H
#define SYMBOL_CACHE_NAMES_CACHE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "symbol/cache/answers.h"
#include "symbol/cache/kept_names.h"
#include "symbol/debug_paths.h"
#include "symbol/elf.h"

enum names_cache_use {
	NAMES_CACHE_NONE,
	NAMES_CACHE_READ,
	NAMES_CACHE_WRITE, /* and read */
};

/** Several threads may look things up in it. */
struct names_cache {
	int dir; /* owned; -1: there is none */
	enum names_cache_use use;
	struct file_stamp program;
	bool wrote;
};

/** Opens it for @use. HS_ERROR_NOT_FOUND: why it is not used; *ret can be used
 *  all the same, and has nothing. names_cache_close() in any case. */
struct hs_error *names_cache_open(enum names_cache_use use,
				  struct names_cache *ret) hs_must_check;

/** Also removes what is too much, if something was written. */
void names_cache_close(struct names_cache *cache);

/** What is kept of one ELF file. Zero-initialised is nothing. */
struct cached_names {
	bool opened, used;
	struct strbuf tag;
	struct strbuf data; /* as it was read; strings point into it */
	struct kept_names names;
	bool added;
};

/** Reads what is kept of @elf, once. What is looked up by @debug_paths from
 * then on has to be traced in c->names.trace. */
void cached_names_open(struct cached_names *c, const struct names_cache *cache,
		       const struct elf_file *elf,
		       const struct debug_paths *debug_paths);

/** The frames of @offset, as answers_find() has them; NULL: they have to be
 *  looked up. */
const struct answer *cached_names_find(const struct cached_names *c,
				       uint64_t offset);

/** Adds what was looked up; strings are borrowed. Without memory it is not
 *  kept. */
void cached_names_add(struct cached_names *c, uint64_t offset,
		      const struct symbol_frame *frames, size_t n);

/** Writes it if something was added, and all of it can be relied on. */
void cached_names_save(const struct cached_names *c, struct names_cache *cache,
		       const struct elf_file *elf);

void cached_names_release(struct cached_names *c);

#endif
