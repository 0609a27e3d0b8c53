/**
 * @file preflight.h - processes that are not touched, and why.
 */
#ifndef ATTACH_PREFLIGHT_H
#define ATTACH_PREFLIGHT_H

#include "base/error.h"
#include "proc/identity.h"

/**
 * NULL when process @id may be attached to as far as can be told without
 * touching it. Else HS_ERROR_DENIED with the reason and what to do: stopped,
 * frozen, traced, a program of another word size, a shadow stack, seccomp's
 * strict mode. (Seccomp filters are read when a thread is stopped,
 * attach/borrow.h.)
 */
struct hs_error *preflight(const struct identity *id) hs_must_check;

/** HS_ERROR_UNSAFE and HS_ERROR_TIMEOUT of a process that was stopped or frozen
 *  meanwhile say so; without that, a time-out gets a hint if it has none. Takes
 *  @err and gives it back; NULL stays NULL. */
struct hs_error *preflight_explain(const struct identity *id,
				   struct hs_error *err) hs_must_check;

struct status;

/** One reason not to touch a process. */
struct refusal {
	const char *name; /* what is looked at */
	const char *fine; /* what is said when there is nothing against it */
	struct hs_error *(*preflight)(const struct identity *id,
				      const struct status *status);
};

/** All that refuse() asks, in order; ends with a row whose name is NULL. */
extern const struct refusal preflights[];

#endif
