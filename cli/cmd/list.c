#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
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
	return list_json_write(f, list->items, list->n);
}

static void remark(const struct process_list *list, const struct cli_options *o)
{
	if (!list->n)
		errors_note(o, "no process that can be looked at uses "
			       "jemalloc");
	if (list->denied)
		errors_note(o, "%zu process%s could not be looked at%s",
			    list->denied, list->denied == 1 ? "" : "es",
			    geteuid() ? "; root can" : "");
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
	struct hs_error *err;
	size_t i;

	err = process_list_take(&list);
	for (i = 0; i < list.n && !err; i++)
		err = user_name(list.items[i].uid, &list.items[i].user);
	if (!err)
		err = find_watchers(&list);
	if (!err)
		err = cli_write(o, write_list, &list);
	if (!err)
		remark(&list, o);
	return err;
}
