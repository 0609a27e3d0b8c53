#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/report.h"
#include "target/process_list.h"
#include "output/list.h"

/* *ret is the caller's, free(3). */
static struct hs_error *user_name(uid_t uid, char **ret)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw)
		*ret = strdup(pw->pw_name);
	else if (asprintf(ret, "%u", (unsigned)uid) < 0)
		*ret = NULL;
	return *ret ? NULL : hs_error_nomem();
}

struct list {
	const struct list_row *rows;
	size_t n;
};

static struct hs_error *write_list(FILE *f, const void *what,
				   const struct text_options *text)
{
	const struct list *list = what;

	if (text)
		return list_text_write(f, list->rows, list->n, text);
	return list_json_write(f, list->rows, list->n);
}

static void tell(const struct survey *survey, const struct cli_options *o)
{
	if (!survey->n)
		errors_note(o, "no process that can be looked at uses "
			       "jemalloc");
	if (survey->denied)
		errors_note(o, "%zu process%s could not be looked at%s",
			    survey->denied, survey->denied == 1 ? "" : "es",
			    geteuid() ? "; root can" : "");
}

static struct hs_error *make_rows(const struct survey *survey, char **users,
				  struct list_row *rows)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < survey->n && !err; i++) {
		const struct survey_row *r = &survey->items[i];

		err = user_name(r->uid, &users[i]);
		rows[i] = (struct list_row){
			.pid = r->pid,
			.user = users[i],
			.command = r->command,
			.module = r->module,
			.linkage = survey_linkage_name(r->linkage),
			.prefix = r->prefix,
			.version = r->version,
			.profiling = survey_profiling_name(r->profiling),
			.rss = r->rss,
		};
	}
	return err;
}

struct hs_error *cmd_list(const struct cli_options *o)
{
	_cleanup_free_ struct list_row *rows = NULL;
	hs_cleanup(survey_release) struct survey survey = { 0 };
	char **users = NULL;
	struct hs_error *err;
	size_t i;

	err = survey_take(&survey);
	if (err)
		return err;
	rows = calloc(survey.n + 1, sizeof(*rows));
	users = calloc(survey.n + 1, sizeof(*users));
	if (!rows || !users)
		err = hs_error_nomem();
	if (!err)
		err = make_rows(&survey, users, rows);
	if (!err)
		err = cli_write(o, write_list,
				&(struct list){ rows, survey.n });
	if (!err)
		tell(&survey, o);
	for (i = 0; users && i < survey.n; i++)
		free(users[i]);
	free(users);
	return err;
}
