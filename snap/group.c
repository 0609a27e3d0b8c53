#include "snap/group.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "heap/merge.h"
#include "proc/children.h"

void group_release(struct group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		identity_close(&g->members[i].id);
	free(g->members);
	*g = (struct group){ 0 };
}

/* The given processes, then those that they started. */
static struct hs_error *find_pids(const uint64_t *pids, size_t n, bool children,
				  struct pid_list *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!ARRAY_GROW(ret->pids, ret->cap, ret->n + 1))
			return hs_error_nomem();
		ret->pids[ret->n++] = (pid_t)pids[i];
	}
	for (i = 0; !err && children && i < n; i++)
		err = children_read((pid_t)pids[i], ret);
	return err;
}

/* A child may have ended since it was listed. */
static struct hs_error *add_child(struct group *g, pid_t pid)
{
	struct hs_error *err;

	/* heapsnap itself may be among the children of a shell. */
	if (pid == getpid())
		return NULL;
	err = identity_open(pid, &g->members[g->n].id);
	if (!err)
		g->n++;
	if (!err || hs_error_code(err) != HS_ERROR_GONE)
		return err;
	hs_error_free(err);
	return NULL;
}

struct hs_error *group_open(struct group *g, const uint64_t *pids, size_t n,
			    bool children)
{
	hs_cleanup(pid_list_release) struct pid_list found = { 0 };
	struct hs_error *err;
	size_t i;

	*g = (struct group){ .children = children };
	err = find_pids(pids, n, children, &found);
	if (err)
		return err;
	g->members = calloc(found.n, sizeof(*g->members));
	if (!g->members)
		return hs_error_nomem();
	for (i = 0; i < n; i++) {
		err = identity_open(found.pids[i], &g->members[i].id);
		if (err)
			return err;
		g->n++;
	}
	for (; !err && i < found.n; i++)
		err = add_child(g, found.pids[i]);
	return err;
}

bool group_is_single(const struct group *g)
{
	return g->n == 1 && !g->children;
}

static size_t group_size(const struct group *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->n; i++)
		n += !g->members[i].left_out;
	return n;
}

/* Whether the group goes on without it: workers come and go, and a service may
 * start processes without jemalloc. */
static bool may_leave_out(const struct group *g, const struct hs_error *err)
{
	if (group_size(g) < 2)
		return false;
	switch ((int)hs_error_code(err)) {
	case HS_ERROR_GONE:
		return true;
	case HS_ERROR_UNPROFILED:
	case HS_ERROR_NO_PROFILE:
		return g->children;
	default:
		return false;
	}
}

/* Leaves @member out after @err (taken), or returns @err. */
static struct hs_error *leave_out(const struct group *g,
				  struct group_member *member,
				  const struct monitor *monitor,
				  struct hs_error *err)
{
	if (!may_leave_out(g, err))
		return err;
	monitor_note(monitor, "process %d ('%s') is left out: %s",
		     (int)member->id.pid, member->id.command,
		     hs_error_message(err));
	hs_error_free(err);
	member->left_out = true;
	return NULL;
}

struct taking {
	group_take_fn *take;
	void *arg;
	const struct monitor *monitor;
};

/* @profiles and @taken have one entry per member, all profiles initialised. */
static struct hs_error *take_each(struct group *g, const struct taking *t,
				  struct heap_profile *profiles,
				  const struct heap_profile **taken, size_t *n)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < g->n; i++) {
		struct group_member *member = &g->members[i];

		if (member->left_out)
			continue;
		err = t->take(t->arg, i, &profiles[i]);
		if (err)
			err = leave_out(g, member, t->monitor, err);
		if (!err && !member->left_out)
			taken[(*n)++] = &profiles[i];
	}
	return err;
}

struct hs_error *group_take(struct group *g, group_take_fn *take, void *arg,
			    const struct monitor *monitor,
			    struct heap_profile *ret)
{
	const struct taking t = { take, arg, monitor };
	_cleanup_free_ struct heap_profile *profiles = NULL;
	_cleanup_free_ const struct heap_profile **taken = NULL;
	struct hs_error *err;
	size_t i, n = 0;

	if (group_is_single(g))
		return take(arg, 0, ret);
	profiles = calloc(g->n, sizeof(*profiles));
	taken = calloc(g->n, sizeof(const struct heap_profile *));
	if (!profiles || !taken)
		return hs_error_nomem();
	for (i = 0; i < g->n; i++)
		heap_profile_init(&profiles[i]);
	err = take_each(g, &t, profiles, taken, &n);
	if (!err)
		err = heap_merge(taken, n, ret);
	for (i = 0; i < g->n; i++)
		heap_profile_release(&profiles[i]);
	return err;
}
