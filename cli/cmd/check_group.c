#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/cmd/check.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/signals.h"
#include "output/check_json.h"
#include "output/check_text.h"
#include "report/report.h"
#include "snap/group.h"

struct checks {
	const struct cli_options *o;
	struct group group;
	struct check *items; /* owned; one a member, empty: it is left out */
	const struct hs_error *worst; /* of an item, or NULL */
};

static void checks_release(struct checks *c)
{
	size_t i;

	for (i = 0; c->items && i < c->group.n; i++)
		check_release(&c->items[i]);
	free(c->items);
	group_release(&c->group);
}

static struct hs_error *write_text(FILE *f, const struct checks *c,
				   const struct text_options *text)
{
	struct hs_error *err = NULL;
	bool first = true;
	size_t i;

	for (i = 0; i < c->group.n && !err; i++) {
		if (c->group.members[i].left_out)
			continue;
		if (!first)
			fputc('\n', f);
		first = false;
		err = check_text_write(f, &c->items[i].report, text);
	}
	return err;
}

/* *ret, the caller's to free(3), has the *n reports of those not left out. */
static struct hs_error *list_reports(const struct checks *c,
				     const struct check_report ***ret,
				     size_t *n)
{
	size_t i;

	*n = 0;
	*ret = calloc(c->group.n, sizeof(const struct check_report *));
	if (!*ret)
		return hs_error_nomem();
	for (i = 0; i < c->group.n; i++) {
		if (!c->group.members[i].left_out)
			(*ret)[(*n)++] = &c->items[i].report;
	}
	return NULL;
}

static struct hs_error *write_json(FILE *f, const struct checks *c)
{
	_cleanup_free_ const struct check_report **list = NULL;
	struct hs_error *err;
	size_t n;

	err = list_reports(c, &list, &n);
	if (err)
		return err;
	return check_json_write_several(f, list, n,
					c->worst ? errors_status(c->worst) : 0);
}

static struct hs_error *write_dossiers(const struct checks *c)
{
	_cleanup_free_ const struct check_report **list = NULL;
	struct hs_error *err;
	size_t n;

	err = list_reports(c, &list, &n);
	return err ? err : check_write_dossiers(c->o->check_report, list, n);
}

static struct hs_error *write_checks(FILE *f, const void *what,
				     const struct text_options *text)
{
	return text ? write_text(f, what, text) : write_json(f, what);
}

/* A child that has ended meanwhile is nobody's to check. */
static struct hs_error *check_member(struct checks *c, size_t i)
{
	struct group_member *member = &c->group.members[i];
	struct hs_error *err;

	err = check_prepare(&member->id, c->o, &c->items[i]);
	if (!err || i < c->o->pids.n || hs_error_code(err) != HS_ERROR_GONE)
		return err;
	errors_note(c->o, "process %d ('%s') is left out: %s",
		    (int)member->id.pid, member->id.command,
		    hs_error_message(err));
	hs_error_free(err);
	member->left_out = true;
	return NULL;
}

/* A snapshot leaves out children without jemalloc or profiling, as long as
 * there is another process. */
static bool is_needed(const struct checks *c, size_t i)
{
	switch ((int)hs_error_code(c->items[i].verdict)) {
	case HS_ERROR_UNPROFILED:
	case HS_ERROR_NO_PROFILE:
		return i < c->o->pids.n;
	default:
		return true;
	}
}

static void find_worst(struct checks *c, bool all)
{
	size_t i;

	for (i = 0; i < c->group.n; i++) {
		const struct hs_error *verdict = c->items[i].verdict;

		if (!verdict || (!all && !is_needed(c, i)))
			continue;
		if (!c->worst ||
		    errors_status(verdict) > errors_status(c->worst))
			c->worst = verdict;
	}
}

static bool any_fine(const struct checks *c)
{
	size_t i;

	for (i = 0; i < c->group.n; i++) {
		if (!c->group.members[i].left_out && !c->items[i].verdict)
			return true;
	}
	return false;
}

/* Checks the processes of @o, each with a verdict of its own. Returns the worst
 * of those that a snapshot of them would not leave out (snap/group.h). */
static struct hs_error *check_group(const struct cli_options *o)
{
	hs_cleanup(checks_release) struct checks c = { .o = o };
	struct hs_error *err;
	size_t i;

	err = group_open(&c.group, o->pids.items, o->pids.n, o->children);
	if (err)
		return err;
	c.items = calloc(c.group.n, sizeof(*c.items));
	if (!c.items)
		return hs_error_nomem();
	for (i = 0; i < c.group.n && !err; i++)
		err = check_member(&c, i);
	if (err)
		return err;
	find_worst(&c, !any_fine(&c));
	if (o->check_report)
		err = write_dossiers(&c);
	if (!err)
		err = cli_write(o, write_checks, &c);
	if (err || !c.worst)
		return err;
	return hs_error_new(hs_error_code(c.worst),
			    "not all of these processes can be snapshotted");
}

struct hs_error *cmd_check(const struct cli_options *o)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	struct hs_error *err;

	signals_catch();
	if (o->children || o->pids.n > 1)
		return check_group(o);
	err = identity_open((pid_t)o->pid, &id);
	return err ? err : check_of(&id, o);
}
