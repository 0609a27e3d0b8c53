/**
 * @file recovery.h - finds and removes what a killed run left in the target.
 *
 * A helper thread finishes its call and ends by itself, as a borrowed thread
 * finishes its call and goes on; a memfd named "heapsnap" stays when the run
 * was killed right after creating it, and so does a file (mallctl/dump_file.h),
 * or its descriptor, when a check was killed right after opening it. The next
 * run waits for the threads, closes the descriptors and removes the file.
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
 *  one is still there at @d: that thread waits for a lock of the service. */
struct hs_error *recovery_await(const struct identity *id,
				const struct deadline *d) hs_must_check;

/**
 * HS_ERROR_DENIED when another helper thread or tracer besides ours is at work
 * in the process of @s now, which did not see our lock (proc/lock.h). When both
 * runs have started their thread, at least one sees the other: call it before
 * anything is closed.
 */
struct hs_error *recovery_alone(const struct session *s) hs_must_check;

/** Finds the threads of process @id whose descriptor table has a memfd named
 * @name; skips tables that may not be read. Release *ret, also on failure, with
 * task_list_release(). */
struct hs_error *recovery_find(const struct identity *id, const char *name,
			       struct task_list *ret) hs_must_check;

/** Closes the memfds of that name in the helper thread's descriptor table;
 * *closed counts them. They stay when a seccomp filter forbids close(2). */
struct hs_error *recovery_close(struct session *s, const char *name,
				size_t *closed) hs_must_check;

/** Closes the memfds of earlier runs, on the helper thread of @s, and removes
 * their dump files. */
struct hs_error *recovery_reclaim(struct session *s) hs_must_check;

#endif
