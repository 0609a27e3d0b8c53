/**
 * @file preflight.h - the checks that a process must pass before we attach.
 */
#ifndef ATTACH_PREFLIGHT_H
#define ATTACH_PREFLIGHT_H

#include "base/error.h"
#include "proc/identity.h"

/**
 * NULL when, as far as can be known without touching it, process @id may be
 * attached to. Else HS_ERROR_DENIED with the reason and what to do: no right
 * to it, stopped, frozen, traced, a program of another word size, a shadow
 * stack, seccomp's strict mode. (Seccomp filters are read when a thread is
 * stopped, attach/borrow.h.)
 */
struct hs_error *preflight(const struct identity *id) hs_must_check;

/** The same for who only reads the memory of process @id: the right to it, and
 *  its word size. */
struct hs_error *preflight_read(const struct identity *id) hs_must_check;

/** Explains HS_ERROR_UNSAFE and HS_ERROR_TIMEOUT by the process being stopped
 *  or frozen meanwhile; without that, adds a hint to a time-out that has none.
 *  Takes @err and gives it back; NULL stays NULL. */
struct hs_error *preflight_explain(const struct identity *id,
				   struct hs_error *err) hs_must_check;

struct status;

/** One reason not to touch a process. */
struct preflight_check {
	const char *name; /* what is checked */
	const char *fine; /* the answer when the check passes */
	struct hs_error *(*check)(const struct identity *id,
				  const struct status *status);
};

/** The checks of preflight(), in order; ends with a row whose name is NULL. */
extern const struct preflight_check preflight_checks[];

#endif
