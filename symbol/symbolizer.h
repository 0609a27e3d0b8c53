/**
 * @file symbolizer.h - from module and file offset to functions and lines.
 *
 * A name is right or it is not given: an address beyond the end of the symbol
 * before it has none, and a file whose build-id differs is never used.
 */
#ifndef SYMBOL_SYMBOLIZER_H
#define SYMBOL_SYMBOLIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "symbol/cache/names_cache.h"
#include "symbol/debug_paths.h"
#include "symbol/frames.h"

/** All borrowed while the symbolizer lives. */
struct symbolizer_options {
	struct debug_paths debug_paths;
	bool no_inlines; /* only the outermost function, and its own line where
			    known: the call site's */
	bool gives_way;	 /* what is read ahead lets others go first */
	enum names_cache_use cache;
};

struct symbolizer;
struct symbol_module;

struct hs_error *symbolizer_create(const struct symbolizer_options *options,
				   struct symbolizer **ret) hs_must_check;

/** HS_ERROR_NOT_FOUND: why names are not kept from one run to the next, though
 *  its options say so; the first time. */
struct hs_error *symbolizer_check_cache(struct symbolizer *s) hs_must_check;

/** NULL is fine. Frees all modules and strings it gave, after it kept what is
 * to be kept of them. */
void symbolizer_destroy(struct symbolizer *s);

/**
 * Adds the ELF file @fd (consumed in any case). @path: what it is called in
 * messages, copied. @build_id: hex of what was mapped, or NULL when that is
 * not known; when it differs from the file's: HS_ERROR_NOT_FOUND "names of 'X'
 * are missing: the file on disk is another build (build-id ..., not ...)".
 * Debug information is searched by build-id and .gnu_debuglink when names or
 * lines are first asked for. *ret lives as long as the symbolizer.
 */
struct hs_error *symbolizer_add(struct symbolizer *s, int fd, const char *path,
				const char *build_id,
				struct symbol_module **ret) hs_must_check;

/** The same with a file that the servers of debug_paths send for @build_id.
 *  *ret is NULL when there are no servers, or when none has it. */
struct hs_error *
symbolizer_add_fetched(struct symbolizer *s, const char *path,
		       const char *build_id,
		       struct symbol_module **ret) hs_must_check;

/** Its option. */
bool symbolizer_gives_way(const struct symbolizer *s);

/** The ELF file behind it: build-id, segments. Owned by the symbolizer. */
struct elf_file;
const struct elf_file *symbol_module_elf(const struct symbol_module *m);

/**
 * Names for the code at file offset @offset. For a caller's frame pass the
 * offset of the return address minus 1. Nothing known is not an error.
 */
struct hs_error *symbolizer_lookup(struct symbolizer *s,
				   struct symbol_module *m, uint64_t offset,
				   struct symbol_frames *ret) hs_must_check;

/** Whether look-ups of all these read no file, since an earlier run has asked
 * for them. */
bool symbolizer_knows(struct symbolizer *s, struct symbol_module *m,
		      const uint64_t *offsets, size_t n);

/** HS_ERROR_NOT_FOUND "names of 'X' are missing: its file changed while it was
 *  read" when that is so: the names of @m may be wrong. To be called after all
 *  look-ups. */
struct hs_error *
symbolizer_check_unchanged(const struct symbol_module *m) hs_must_check;

/** HS_ERROR_NOT_FOUND "names of 'X' may be missing: ..." when something in the
 *  files was left out since the last call, since it unpacks to too much
 *  (unpack_budget.h). To be called after look-ups. */
struct hs_error *symbolizer_check_unpacked(struct symbolizer *s) hs_must_check;

#endif
