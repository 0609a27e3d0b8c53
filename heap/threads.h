/**
 * @file threads.h - labels and selects the threads of a profile.
 */
#ifndef HEAP_THREADS_H
#define HEAP_THREADS_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "heap/profile.h"

/** Appends "my worker (t1)", or "t1" without a name. */
void heap_thread_label(const struct heap_thread *thread, struct strbuf *sb);

/** Reduces the profile, which was read with threads, to what the threads with
 *  @keep allocated. @keep: one per thread. */
void heap_profile_keep_threads(struct heap_profile *p, const bool *keep);

#endif
