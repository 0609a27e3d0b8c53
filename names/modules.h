/**
 * @file modules.h - opens the files that names come from, each once.
 */
#ifndef NAMES_MODULES_H
#define NAMES_MODULES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/file_source.h"
#include "names/options.h"
#include "symbol/symbolizer.h"

struct modules;

/** Borrows what @options and @source point to until modules_destroy(). */
struct hs_error *modules_create(const struct names_options *options,
				const struct file_source *source,
				struct modules **ret) hs_must_check;

/** NULL is fine. Frees all symbol modules that it returned. */
void modules_destroy(struct modules *m);

/** Finds the symbols of @file. *ret is NULL when the file cannot be used, of
 *  which it warns once unless @quiet; it lives as long as @m. */
struct hs_error *modules_find(struct modules *m, const struct module_file *file,
			      bool quiet,
			      struct symbol_module **ret) hs_must_check;

/** The symbolizer for the results of modules_find(); lives as long as @m. */
struct symbolizer *modules_symbolizer(const struct modules *m);

/** Warns of failures of debug file servers since the last call. */
void modules_warn_of_servers(struct modules *m);

#endif
