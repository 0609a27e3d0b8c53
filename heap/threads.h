/**
 * @file threads.h - the threads that allocated what a profile holds.
 */
#ifndef HEAP_THREADS_H
#define HEAP_THREADS_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "heap/profile.h"

/** Appends "my worker (t1)", or "t1" without a name. */
void heap_thread_label(const struct heap_thread *thread, struct strbuf *sb);

/** Leaves in the profile, which has its parts, what the threads allocated for
 *  which @keep, an array as long as threads, is true. */
void heap_profile_keep_threads(struct heap_profile *p, const bool *keep);

#endif
