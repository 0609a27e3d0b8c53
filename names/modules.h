/**
 * @file modules.h - the files that names come from, each opened once.
 */
#ifndef NAMES_MODULES_H
#define NAMES_MODULES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/file_source.h"
#include "names/options.h"
#include "symbol/symbolizer.h"

struct modules;

/** What @options and @source point to is borrowed while it lives.
 *  modules_destroy(). */
struct hs_error *modules_create(const struct names_options *options,
				const struct file_source *source,
				struct modules **ret) hs_must_check;

/** NULL is fine. Frees all symbol modules it gave. */
void modules_destroy(struct modules *m);

/** Finds the symbols of @file. *ret is NULL when the file is of no use, which
 *  is warned of once, unless @quiet; it lives as long as @m. */
struct hs_error *modules_find(struct modules *m, const struct module_file *file,
			      bool quiet,
			      struct symbol_module **ret) hs_must_check;

/** To look up in what modules_find() gave; lives as long as @m. */
struct symbolizer *modules_symbolizer(const struct modules *m);

/** Warns of what the servers of debug files could not do since the last
 *  time. */
void modules_warn_of_servers(struct modules *m);

#endif
