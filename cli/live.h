/**
 * @file live.h - the files of a live process, for names.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "base/error.h"
#include "cli/resolve.h"
#include "proc/identity.h"
#include "proc/maps.h"

/** For resolver_create(): what process @id (borrowed) has mapped and sees. */
struct resolve_source live_source(const struct identity *id);

/** Opens for reading the very file that @m maps in process @id. */
struct hs_error *live_open_mapping(const struct identity *id,
				   const struct mapping *m,
				   int *ret) hs_must_check;

/** Opens the regular file @path as process @arg, a struct identity, sees it;
 *  see symbol_places.open. */
int live_open_path(void *arg, const char *path);

#endif
