/**
 * @file session_meta.h - fills in a snapshot's metadata from a session.
 */
#ifndef MALLCTL_SESSION_META_H
#define MALLCTL_SESSION_META_H

#include "base/error.h"
#include "heap/profile.h"
#include "mallctl/mallctl.h"

/** Fills in the process, this machine, jemalloc's version and the borrowed
 *  thread. @o is initialised. */
struct hs_error *session_describe(struct session *s,
				  struct heap_meta *o) hs_must_check;

#endif
