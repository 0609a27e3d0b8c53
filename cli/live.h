/**
 * @file live.h - the files of a live process, for names.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/resolve.h"
#include "proc/identity.h"

/** For resolver_create(): what process @id (borrowed) has mapped and sees. */
struct resolve_source live_source(const struct identity *id);

/** Opens the regular file @path as process @arg, a struct identity, sees it;
 *  see symbol_places.open. */
int live_open_path(void *arg, const char *path);

#endif
