/**
 * @file group.h - the processes whose memory is looked at together.
 */
#ifndef SNAP_GROUP_H
#define SNAP_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/monitor.h"
#include "heap/profile.h"
#include "proc/identity.h"

struct group_member {
	struct identity id;
	bool left_out; /* it ended, or cannot be looked at */
};

struct group {
	struct group_member *members; /* owned; at least one */
	size_t n;
	bool children; /* those that the first ones started are among them */
};

/** Finds the processes @pids[0..n), and with @children all that they started.
 *  One of @pids that is not there is an error. group_release() in any case. */
struct hs_error *group_open(struct group *g, const uint64_t *pids, size_t n,
			    bool children) hs_must_check;

void group_release(struct group *g);

/** It is one process, which was named: there is nothing to merge, and nobody
 *  to leave out. */
bool group_is_single(const struct group *g);

/** Takes what member @i of the group holds; *ret is initialised. */
typedef struct hs_error *group_take_fn(void *arg, size_t i,
				       struct heap_profile *ret);

/**
 * Takes what all of them hold now, merged; *ret is initialised. Members that
 * have ended are left out from now on while others are there, and so are
 * children that do not profile; @monitor hears of it.
 */
struct hs_error *group_take(struct group *g, group_take_fn *take, void *arg,
			    const struct monitor *monitor,
			    struct heap_profile *ret) hs_must_check;

#endif
