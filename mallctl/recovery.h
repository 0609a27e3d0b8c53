/**
 * @file recovery.h - what a run that was killed may have left in the target.
 *
 * A helper thread finishes its call and ends by itself, as a borrowed one
 * finishes its call and goes on; a memfd named "heapsnap" stays when the run
 * was killed right after it was made, and so does a file (mallctl/dump_file.h).
 * The next run waits for the former and takes the latter away.
 */
#ifndef MALLCTL_RECOVERY_H
#define MALLCTL_RECOVERY_H

#include "base/deadline.h"
#include "base/error.h"
#include "proc/identity.h"

struct session;
struct task_list;

/** The name of our memfds. */
#define RECOVERY_MEMFD "heapsnap"

/** Waits until no thread is in a call of an earlier run. HS_ERROR_TIMEOUT when
 *  one is still there at @d: it waits for a lock of the service's. */
struct hs_error *recovery_await(const struct identity *id,
				const struct deadline *d) hs_must_check;

/**
 * HS_ERROR_DENIED when, besides ours, another helper thread or tracer is at
 * work in the process of @s now, one that did not see our lock (proc/lock.h).
 * Of two that both have their thread already at least one sees the other: to be
 * asked before anything is closed.
 */
struct hs_error *recovery_alone(const struct session *s) hs_must_check;

/** The threads of process @id in whose descriptors a memfd of the name @name
 * is; in what may not be read there is none. *ret, also on failure, is released
 * by task_list_release(). */
struct hs_error *recovery_find(const struct identity *id, const char *name,
			       struct task_list *ret) hs_must_check;

/** Closes the memfds of that name in the descriptors of the helper thread of
 * @s; *closed counts them. What a seccomp filter lets no call close stays. */
struct hs_error *recovery_close(struct session *s, const char *name,
				size_t *closed) hs_must_check;

/** Closes the memfds of earlier runs, on the helper thread of @s, and removes
 * their files. */
struct hs_error *recovery_reclaim(struct session *s) hs_must_check;

#endif
