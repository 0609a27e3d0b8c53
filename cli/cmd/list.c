#include <stdio.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/user_name.h"
#include "output/list.h"
#include "proc/waiter.h"
#include "report/report.h"
#include "target/process_list.h"

static struct hs_error *write_list(FILE *f, const void *what,
				   const struct text_options *text)
{
	const struct process_list *list = what;

	if (text)
		return list_text_write(f, list->items, list->n, text);
	return list_json_write(f, list->items, list->n, list->unread,
			       list->n_unread);
}

/* As many of unread[from..to) as a line has room for, by name and number. */
static void add_names(struct strbuf *sb, const struct process_unread *unread,
		      size_t from, size_t to, bool all)
{
	enum { SHOWN = 4 };
	size_t i, end = !all && to - from > SHOWN + 1 ? from + SHOWN : to;

	for (i = from; i < end; i++) {
		strbuf_adds(sb, i > from ? ", " : "");
		strbuf_addf(sb, "%s (%d)", unread[i].command,
			    (int)unread[i].pid);
	}
	if (end < to)
		strbuf_addf(sb, " and %zu more", to - end);
}

/* A line for each user and reason. */
static void remark_unread(const struct process_list *list,
			  const struct cli_options *o)
{
	const struct process_unread *u = list->unread;
	size_t i, end;

	for (i = 0; i < list->n_unread; i = end) {
		_cleanup_strbuf_ struct strbuf names = { 0 };

		for (end = i + 1;
		     end < list->n_unread && u[end].uid == u[i].uid &&
		     u[end].why == u[i].why;
		     end++)
			;
		add_names(&names, u, i, end, o->verbose);
		errors_note(o, "not looked at, of %s: %s: %s", u[i].user,
			    strbuf_str(&names), u[i].why);
	}
}

static void remark_environments(const struct process_list *list,
				const struct cli_options *o)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->items[i].environment_lost)
			errors_note(o,
				    "%s (%d) wrote over the environment that "
				    "it was started with, so whether it "
				    "profiles cannot be seen from outside: "
				    "'heapsnap stats -p %d' asks jemalloc",
				    list->items[i].command,
				    (int)list->items[i].pid,
				    (int)list->items[i].pid);
}

static void remark(const struct process_list *list, const struct cli_options *o)
{
	if (!list->n)
		errors_note(o, "no process that can be looked at uses "
			       "jemalloc");
	remark_environments(list, o);
	remark_unread(list, o);
}

static struct hs_error *find_users(struct process_list *list)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < list->n && !err; i++)
		err = user_name(list->items[i].uid, &list->items[i].user);
	for (i = 0; i < list->n_unread && !err; i++)
		err = user_name(list->unread[i].uid, &list->unread[i].user);
	return err;
}

/* Who may look at a process: its user, and root. */
static struct hs_error *find_watchers(struct process_list *list)
{
	hs_cleanup(waiter_list_release) struct waiter_list waiters = { 0 };
	struct hs_error *err = waiter_list_read(&waiters);
	size_t i, j;

	for (i = 0; i < list->n && !err; i++) {
		struct process_row *row = &list->items[i];

		for (j = 0; j < waiters.n; j++)
			if (waiters.items[j].target == row->pid &&
			    (!waiters.items[j].uid ||
			     waiters.items[j].uid == row->uid))
				row->watcher = waiters.items[j].pid;
	}
	return err;
}

struct hs_error *cmd_list(const struct cli_options *o)
{
	hs_cleanup(process_list_release) struct process_list list = { 0 };
	struct hs_error *err = process_list_take(&list);

	if (!err)
		err = find_users(&list);
	if (!err)
		err = find_watchers(&list);
	if (!err)
		err = cli_write(o, write_list, &list);
	if (!err)
		remark(&list, o);
	return err;
}
