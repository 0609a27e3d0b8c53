#include "cli/processes.h"

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/str.h"
#include "cli/errors.h"
#include "options/commands.h"
#include "options/implied.h"
#include "proc/identity.h"
#include "proc/process_names.h"
#include "target/process_list.h"

bool processes_is_pid(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == '\0';
}

static struct hs_error *nobody(const struct cli_options *o, const char *name)
{
	/* The line is this one word, which may have been meant for a command. */
	if (o->implied && implied_is_near_command(name))
		return implied_unknown_command(name);
	return hs_error_hint(
		hs_error_new(HS_ERROR_USAGE, "no %sprocess is named '%s'",
			     o->implied ? "command, file or " : "", name),
		"'heapsnap list' shows those that use jemalloc%s",
		o->implied ? ", 'heapsnap --help' the commands" : "");
}

static void list_one(const struct cli_options *o, pid_t pid)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	struct hs_error *unread = identity_open(pid, &id);

	if (!unread)
		errors_note(o, "%7d  %s", (int)pid, id.command_line);
	hs_error_free(unread);
}

/* With a number of jemallocs, a process has a number of rows. */
static size_t count_processes(const struct process_list *users)
{
	size_t i, n = 0;

	for (i = 0; i < users->n; i++)
		n += i == 0 || users->items[i].pid != users->items[i - 1].pid;
	return n;
}

/* Several have the name: one is meant if only one uses jemalloc. */
static struct hs_error *choose(const struct cli_options *o, const char *name,
			       const struct pid_list *found,
			       const struct process_list *users)
{
	const size_t n = count_processes(users);
	size_t i;

	for (i = 0; !n && i < found->n; i++)
		list_one(o, found->pids[i]);
	for (i = 0; i < users->n; i++)
		if (i == 0 || users->items[i].pid != users->items[i - 1].pid)
			list_one(o, users->items[i].pid);
	return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
					  "%zu processes are named '%s'",
					  n ? n : found->n, name),
			     "give the number of the one that is meant, or of "
			     "several: -p PID");
}

/* Those of the name @name, and which of them use jemalloc if there are
 * several. *ret: the one that is meant; 0: none, or any of several. */
static struct hs_error *look_up(const char *name, struct pid_list *found,
				struct process_list *users, pid_t *ret)
{
	struct hs_error *err = process_names_find(name, found);

	*ret = 0;
	if (!err && !found->n)
		err = process_names_find_script(name, found);
	if (!err && !found->n && process_names_is_container(name))
		err = process_names_find_container(name, found);
	if (err || !found->n)
		return err;
	if (found->n == 1)
		*ret = found->pids[0];
	else
		err = process_list_take_of(found->pids, found->n, users);
	if (!err && count_processes(users) == 1)
		*ret = users->items[0].pid;
	return err;
}

struct hs_error *processes_look_up(const char *name, pid_t *ret)
{
	hs_cleanup(process_list_release) struct process_list users = { 0 };
	hs_cleanup(pid_list_release) struct pid_list found = { 0 };

	return look_up(name, &found, &users, ret);
}

static struct hs_error *find_named(const struct cli_options *o,
				   const char *name, pid_t *ret)
{
	hs_cleanup(process_list_release) struct process_list users = { 0 };
	hs_cleanup(pid_list_release) struct pid_list found = { 0 };
	struct hs_error *err = look_up(name, &found, &users, ret);

	if (err || *ret)
		return err;
	return found.n ? choose(o, name, &found, &users) : nobody(o, name);
}

bool processes_is_name(const char *word)
{
	return !processes_is_pid(word) || process_names_is_container(word);
}

static struct hs_error *find_word(const struct cli_options *o, const char *word,
				  pid_t *ret)
{
	uint64_t number;

	if (parse_range(word, 1, INT_MAX, &number)) {
		*ret = (pid_t)number;
		return NULL;
	}
	if (processes_is_name(word))
		return find_named(o, word, ret);
	return hs_error_new(HS_ERROR_USAGE,
			    "invalid --pid '%s': want a process's number or "
			    "name",
			    word);
}

struct hs_error *processes_find(struct cli_options *o)
{
	struct hs_error *err = NULL;
	pid_t pid = 0;
	size_t i;

	for (i = 0; i < o->processes.n && !err; i++) {
		err = find_word(o, o->processes.items[i], &pid);
		if (!err)
			err = number_list_add(&o->pids, (uint64_t)pid);
	}
	if (!err && o->pids.n)
		o->pid = o->pids.items[0];
	return err;
}
