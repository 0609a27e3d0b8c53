/**
 * @file group.h - the processes that are reported together as one profile.
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
	bool left_out; /* it ended, or has no profile */
};

struct group {
	struct group_member *members; /* owned; at least one */
	size_t n;
	bool children; /* members include the processes' descendants */
};

/** Opens the processes @pids[0..n), and with @children all that they started. A
 *  pid without a process is an error. Call group_release() in any case. */
struct hs_error *group_open(struct group *g, const uint64_t *pids, size_t n,
			    bool children) hs_must_check;

void group_release(struct group *g);

/** The group is one process, which was named: nothing to merge or to leave
 *  out. */
bool group_is_single(const struct group *g);

/** Takes the profile of member @i of the group; *ret is initialised. */
typedef struct hs_error *group_take_fn(void *arg, size_t i,
				       struct heap_profile *ret);

/**
 * Takes the profiles of all members and merges them; *ret is initialised. As
 * long as another member is left, it leaves out from now on members that have
 * ended and children that do not profile, and notes that in @monitor.
 */
struct hs_error *group_take(struct group *g, group_take_fn *take, void *arg,
			    const struct monitor *monitor,
			    struct heap_profile *ret) hs_must_check;

#endif
