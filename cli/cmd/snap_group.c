#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "snap/capture.h"
#include "cli/errors.h"
#include "target/target_files.h"
#include "names/resolver.h"
#include "snap/series.h"
#include "cli/signals.h"
#include "cli/cmd/snap.h"
#include "heap/merge.h"
#include "proc/children.h"

/* One of the processes that are looked at together. */
struct member {
	struct identity id;
	struct resolver *resolver; /* owned; NULL: it is left out */
};

struct group {
	struct member *members; /* owned */
	size_t n;
};

static void group_release(struct group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		resolver_destroy(g->members[i].resolver);
		identity_close(&g->members[i].id);
	}
	free(g->members);
}

static size_t group_size(const struct group *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->n; i++)
		n += g->members[i].resolver != NULL;
	return n;
}

static struct hs_error *open_resolver(struct member *m,
				      const struct cli_options *o)
{
	const struct resolve_source source = live_source(&m->id);

	return resolver_create(o, &source, &m->resolver);
}

static struct hs_error *group_open(struct group *g, const struct cli_options *o,
				   const struct pid_list *pids)
{
	struct hs_error *err = NULL;
	struct member *m;
	size_t i;

	g->members = calloc(pids->n, sizeof(*g->members));
	if (!g->members)
		return hs_error_nomem();
	for (i = 0; !err && i < pids->n; i++) {
		/* We may be among the children of a shell. */
		if (i >= o->n_pids && pids->pids[i] == getpid())
			continue;
		m = &g->members[g->n];
		err = identity_open(pids->pids[i], &m->id);
		/* A child may have ended since it was listed. */
		if (err && i >= o->n_pids &&
		    hs_error_code(err) == HS_ERROR_GONE) {
			hs_error_free(err);
			err = NULL;
			continue;
		}
		if (err)
			return err;
		g->n++;
		err = snap_check_files(&m->id, o);
		if (!err)
			err = open_resolver(m, o);
	}
	return err;
}

/* Whether the others can do without it: workers come and go, and what a service
 * starts may well be without jemalloc. */
static bool may_leave_out(const struct group *g, const struct cli_options *o,
			  const struct hs_error *err)
{
	if (group_size(g) < 2)
		return false;
	switch ((int)hs_error_code(err)) {
	case HS_ERROR_GONE:
		return true;
	case HS_ERROR_UNPROFILED:
	case HS_ERROR_NO_PROFILE:
		return o->children;
	default:
		return false;
	}
}

/* What one of them holds now; nothing, when it is left out from now on. */
static struct hs_error *member_take(struct group *g, struct member *m,
				    const struct cli_options *o,
				    struct heap_profile *ret)
{
	_cleanup_capture_ struct capture c;
	struct hs_error *err;

	capture_init(&c);
	err = snap_take(&m->id, o, m->resolver, &c);
	if (err && may_leave_out(g, o, err)) {
		errors_note(o, "process %d ('%s') is left out: %s",
			    (int)m->id.pid, m->id.command,
			    hs_error_message(err));
		hs_error_free(err);
		resolver_destroy(take_ptr(m->resolver));
		return NULL;
	}
	if (err)
		return err;
	*ret = c.profile;
	heap_profile_init(&c.profile);
	return NULL;
}

/* What all of them hold now: @profiles is scratch, as many as members. */
static struct hs_error *group_merge(struct group *g,
				    const struct cli_options *o,
				    struct heap_profile *profiles,
				    struct heap_profile *ret)
{
	_cleanup_free_ const struct heap_profile **list =
		calloc(g->n, sizeof(const struct heap_profile *));
	struct hs_error *err = NULL;
	size_t i, n = 0;

	if (!list)
		return hs_error_nomem();
	for (i = 0; !err && i < g->n; i++) {
		heap_profile_init(&profiles[i]);
		if (!g->members[i].resolver)
			continue;
		err = member_take(g, &g->members[i], o, &profiles[i]);
		if (g->members[i].resolver)
			list[n++] = &profiles[i];
	}
	if (!err)
		err = heap_merge(list, n, ret);
	return err;
}

static struct hs_error *group_take(struct group *g, const struct cli_options *o,
				   struct heap_profile *ret)
{
	_cleanup_free_ struct heap_profile *profiles = NULL;
	struct hs_error *err;
	size_t i;

	profiles = calloc(g->n, sizeof(*profiles));
	if (!profiles)
		return hs_error_nomem();
	err = group_merge(g, o, profiles, ret);
	for (i = 0; i < g->n; i++)
		heap_profile_release(&profiles[i]);
	return err;
}

static struct hs_error *take_next(struct series *s, struct group *g,
				  const struct cli_options *o)
{
	hs_cleanup(heap_profile_release) struct heap_profile p;
	struct hs_error *err;

	heap_profile_init(&p);
	err = group_take(g, o, &p);
	return err ? err : series_add(s, &p);
}

static struct hs_error *take_all(struct series *s, struct group *g,
				 const struct cli_options *o)
{
	struct hs_error *err;
	enum wait_end end;
	int64_t next;

	for (;;) {
		next = clock_us() + o->interval_us;
		err = take_next(s, g, o);
		if (err || s->n == o->count)
			return err;
		/* To name and keep them is part of the wait. */
		next -= clock_us();
		err = snap_wait(next, -1, series_last(s), &end);
		if (err)
			return err;
	}
}

/* Those that were given, then what they started. */
static struct hs_error *find_pids(const struct cli_options *o,
				  struct pid_list *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < o->n_pids; i++) {
		if (!ARRAY_GROW(ret->pids, ret->cap, ret->n + 1))
			return hs_error_nomem();
		ret->pids[ret->n++] = (pid_t)o->pids[i];
	}
	for (i = 0; !err && o->children && i < o->n_pids; i++)
		err = children_read((pid_t)o->pids[i], ret);
	return err;
}

struct hs_error *snap_group(const struct cli_options *o)
{
	hs_cleanup(pid_list_release) struct pid_list pids = { 0 };
	hs_cleanup(series_release) struct series s = { 0 };
	hs_cleanup(group_release) struct group g = { 0 };
	struct hs_error *err;

	err = find_pids(o, &pids);
	if (!err)
		err = group_open(&g, o, &pids);
	if (!err)
		err = take_all(&s, &g, o);
	return err ? err : series_report(&s, o);
}
