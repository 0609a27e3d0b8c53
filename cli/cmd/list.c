#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/report.h"
#include "output/list.h"
#include "target/process_list.h"

static struct hs_error *user_name(struct survey_row *row)
{
	const struct passwd *pw = getpwuid(row->uid);

	if (pw)
		row->user = strdup(pw->pw_name);
	else if (asprintf(&row->user, "%u", (unsigned)row->uid) < 0)
		row->user = NULL;
	return row->user ? NULL : hs_error_nomem();
}

static struct hs_error *write_list(FILE *f, const void *what,
				   const struct text_options *text)
{
	const struct survey *survey = what;

	if (text)
		return list_text_write(f, survey->items, survey->n, text);
	return list_json_write(f, survey->items, survey->n);
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

struct hs_error *cmd_list(const struct cli_options *o)
{
	hs_cleanup(survey_release) struct survey survey = { 0 };
	struct hs_error *err;
	size_t i;

	err = survey_take(&survey);
	for (i = 0; i < survey.n && !err; i++)
		err = user_name(&survey.items[i]);
	if (!err)
		err = cli_write(o, write_list, &survey);
	if (!err)
		tell(&survey, o);
	return err;
}
