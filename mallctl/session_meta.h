/**
 * @file session_meta.h - whom a session talks to, as heap's metadata.
 */
#ifndef MALLCTL_SESSION_META_H
#define MALLCTL_SESSION_META_H

#include "base/error.h"
#include "heap/profile.h"
#include "mallctl/mallctl.h"

/** Fills in the process, this machine, the version of jemalloc, and the thread
 *  that was borrowed. @o is initialised. */
struct hs_error *session_describe(struct session *s,
				  struct heap_meta *o) hs_must_check;

#endif
