/**
 * @file session.h - opens and closes a session with the jemalloc of a live
 * process.
 *
 * Opening a session finds jemalloc, maps the unsafe code and starts the helper
 * thread; closing it ends the helper thread. While it is open no thread of the
 * service is stopped (in borrowed mode: one is).
 */
#ifndef MALLCTL_SESSION_H
#define MALLCTL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"
#include "mallctl/mallctl.h"
#include "proc/identity.h"
#include "proc/task.h"

/** Notes an attach to process @id that is over: how long it took, and the error
 *  with which it began or ended (borrowed; NULL: none). */
typedef void session_log(const struct identity *id, int64_t us,
			 const struct hs_error *err);

struct session_options {
	uint64_t mallctl_address; /* runtime address of mallctl(); 0: find it */
	bool assume_seccomp_allows;
	/* Folders with debug files, for when the symbols of a program are not
	 * enough (symbol/debug_paths.h); borrowed. */
	const char *const *debug_dirs;
	size_t n_debug_dirs;
	int64_t max_pause_us; /* attach/borrow_request.h; 0: any time */
	session_log *log;     /* NULL: nowhere */
	/* The threads that may be borrowed; NULL: any. Borrowed. */
	const struct task_list *among;
};

/**
 * Opens a session with process @id. With several jemallocs it uses the first
 * one whose profiling is on, unless @options name one. *ret must not move until
 * session_close(). Errors: HS_ERROR_UNPROFILED (no jemalloc), those of
 * attach/preflight.h and of helper_start().
 */
struct hs_error *session_open(const struct identity *id,
			      const struct session_options *options,
			      const struct deadline *d,
			      struct session *ret) hs_must_check;

/** The first half of session_open(): finds all that can be found without
 * touching the process. session_attach() is the second half; without it, end
 * the session with session_release(). */
struct hs_error *session_probe(const struct identity *id,
			       const struct session_options *options,
			       const struct deadline *d,
			       struct session *ret) hs_must_check;

/** What session_attach() requests from attach/; valid as long as the
 *  session. */
struct borrow_request session_request(const struct session *s,
				      const struct session_options *options);

/** On failure the session is as session_probe() left it. */
struct hs_error *
session_attach(struct session *s,
	       const struct session_options *options) hs_must_check;

/** Undoes session_attach(), as session_close() does: *pause_us as there. */
struct hs_error *session_detach(struct session *s,
				int64_t *pause_us) hs_must_check;

void session_release(struct session *s);

/** Lets the helper thread sleep, and others work on the process. *resting is
 *  false where it cannot (helper_rest()), or after an error: close it then. */
struct hs_error *session_rest(struct session *s, bool *resting) hs_must_check;

/** Makes a resting session one that has just been opened, with the time until
 *  @d. *awake is false when it has to be opened anew: its thread has ended, or
 *  the process has changed. It is released then, as after an error. */
struct hs_error *session_wake(struct session *s, const struct deadline *d,
			      bool *awake) hs_must_check;

/** The same for session_close() alone: nothing is checked. */
struct hs_error *session_wake_to_end(struct session *s,
				     const struct deadline *d,
				     bool *awake) hs_must_check;

/** Makes the sleep of a resting session start again; takes over the lock in
 *  s->lock. *resting is false when it is over: released. */
struct hs_error *session_renew(struct session *s, bool *resting) hs_must_check;

/** Ends the session; tries every step even after one failed. *pause_us (may be
 *  NULL): the longest time for which any thread but the helper thread was
 *  stopped. */
struct hs_error *session_close(struct session *s,
			       int64_t *pause_us) hs_must_check;

#endif
