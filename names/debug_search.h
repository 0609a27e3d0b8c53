/**
 * @file debug_search.h - where debug files are looked for, as the options say.
 */
#ifndef NAMES_DEBUG_SEARCH_H
#define NAMES_DEBUG_SEARCH_H

#include "base/error.h"
#include "cli/options.h"
#include "symbol/debug_paths.h"

/** Must stay where it is while somebody uses symbol. */
struct cli_places {
	struct symbol_places symbol;
	const struct cli_options *options; /* borrowed */
	int (*open_path)(void *arg, const char *path);
	void *arg;
	struct debuginfod *servers; /* owned; NULL: none are to be asked */
};

/** @open_path, @arg: opens a file as the process sees it (symbol_places.open);
 *  NULL when there is none. cli_places_release() in any case. */
struct hs_error *cli_places_init(struct cli_places *places,
				 const struct cli_options *o,
				 int (*open_path)(void *arg, const char *path),
				 void *arg) hs_must_check;

/** Zero-initialised is fine. */
void cli_places_release(struct cli_places *places);

/** Warns of what the servers could not do, once. */
void cli_places_warn(struct cli_places *places);

#endif
