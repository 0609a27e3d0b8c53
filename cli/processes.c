#include "cli/processes.h"

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "cli/errors.h"
#include "options/commands.h"
#include "options/implied.h"
#include "proc/identity.h"
#include "proc/process_names.h"
#include "target/process_lookup.h"

static bool is_pid(const char *word)
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

/* Several have the name: one is meant if only one uses jemalloc. */
static struct hs_error *choose(const struct cli_options *o, const char *name,
			       const struct process_lookup *l)
{
	size_t i;

	for (i = 0; !l->n_users && i < l->found.n; i++)
		list_one(o, l->found.pids[i]);
	for (i = 0; i < l->users.n; i++)
		if (process_lookup_is_next(l, i))
			list_one(o, l->users.items[i].pid);
	return hs_error_hint(
		hs_error_new(HS_ERROR_USAGE, "%zu processes are named '%s'",
			     l->n_users ? l->n_users : l->found.n, name),
		"give the number of the one that is meant, or of "
		"several: -p PID");
}

static struct hs_error *find_named(const struct cli_options *o,
				   const char *name, pid_t *ret)
{
	hs_cleanup(process_lookup_release) struct process_lookup l = { 0 };
	struct hs_error *err = process_lookup(name, &l);

	*ret = l.pid;
	if (err || l.pid)
		return err;
	return l.found.n ? choose(o, name, &l) : nobody(o, name);
}

bool processes_is_name(const char *word)
{
	return !is_pid(word) || process_names_is_container(word);
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
