/**
 * @file target_files.h - the files of a live process, for names.
 */
#ifndef TARGET_TARGET_FILES_H
#define TARGET_TARGET_FILES_H

#include "cli/options.h"
#include "names/resolver.h"
#include "mallctl/session.h"
#include "proc/identity.h"

/** For resolver_create(): what process @id (borrowed) has mapped and sees. */
struct resolve_source live_source(const struct identity *id);

/** What of @o is for a session with the process; borrows from it. */
struct session_options live_session_options(const struct cli_options *o);

/** Says so when an earlier run left profiling on in process @id. */
void live_tell_left_on(const struct identity *id, const struct cli_options *o);

/** Opens the regular file @path as process @arg, a struct identity, sees it;
 *  see symbol_places.open. */
int live_open_path(void *arg, const char *path);

#endif
