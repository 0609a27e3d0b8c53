#include "options/help.h"

#include <string.h>

#include "options/commands.h"
#include "options/option_table.h"

enum {
	HELP_COLUMN = 29, /* where explanations begin */
	HELP_WIDTH = 80,
	HELP_LINES = 40, /* what is on one screen */
};

static size_t count_lines(const struct strbuf *sb)
{
	const char *c;
	size_t n = 0;

	for (c = strbuf_str(sb); *c; c++)
		n += *c == '\n';
	return n;
}

/* "-x, --name ARG"; @letters: room for the letter where there is none. */
static void add_name(struct strbuf *sb, const struct option_row *row,
		     bool letters)
{
	if (row->letter)
		strbuf_addf(sb, "-%c, ", row->letter);
	else if (letters)
		strbuf_adds(sb, "    ");
	strbuf_addf(sb, "--%s", row->name);
	if (row->arg)
		strbuf_addf(sb, " %s", row->arg);
}

static void add_option(struct strbuf *sb, const struct option_row *row)
{
	size_t start = sb->len, used;

	strbuf_adds(sb, "  ");
	add_name(sb, row, true);
	used = sb->len - start;
	if (used + 2 > HELP_COLUMN) {
		strbuf_addc(sb, '\n');
		used = 0;
	}
	strbuf_addf(sb, "%*s%s\n", (int)(HELP_COLUMN - used), "", row->help);
}

/* One option of several in a line; *column is where that line ends. */
static void add_short(struct strbuf *sb, const struct option_row *row,
		      size_t *column)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	add_name(&name, row, false);
	if (*column && *column + 2 + name.len + 1 > HELP_WIDTH) {
		strbuf_adds(sb, ",\n");
		*column = 0;
	}
	strbuf_adds(sb, *column ? ", " : "  ");
	strbuf_adds(sb, strbuf_str(&name));
	*column += 2 + name.len;
}

/* @full: an option a line, with what it is for; else their names alone. */
static void add_group(struct strbuf *sb, enum cli_command command, int group,
		      bool full)
{
	const struct option_row *row;
	bool titled = false;
	size_t column = 0;

	for (row = option_table; row->name; row++) {
		if ((int)row->group != group || !(row->commands & command))
			continue;
		if (!titled)
			strbuf_addf(sb, "\n%s\n", option_group_titles[group]);
		titled = true;
		if (full)
			add_option(sb, row);
		else
			add_short(sb, row, &column);
	}
	if (column)
		strbuf_addc(sb, '\n');
}

static void add_command(struct strbuf *sb, const struct command_row *command,
			int full)
{
	int group;

	/* Behind the command that is run there are its own options. */
	if (command->command == CLI_RUN_COMMAND)
		strbuf_addf(sb, "usage: heapsnap %s [OPTION...] [--]%s\n",
			    command->name,
			    command->usage + strlen(command->name));
	else
		strbuf_addf(sb, "usage: heapsnap %s [OPTION...]\n",
			    command->usage);
	strbuf_addf(sb, "%s\n", command->summary);
	for (group = 0; group < GROUP_COUNT; group++)
		add_group(sb, command->command, group, group < full);
	strbuf_addf(sb, "\nAll of them, and examples: man heapsnap-%s\n",
		    command->name);
}

void help_add(struct strbuf *sb, enum cli_command command)
{
	const struct command_row *row = command_row(command);
	_cleanup_strbuf_ struct strbuf text = { 0 };
	int full = GROUP_COUNT;

	/* The groups are in the order of what people ask for first: of the last
	 * ones there may be room only for the names. */
	do {
		strbuf_clear(&text);
		add_command(&text, row, full);
	} while (count_lines(&text) > HELP_LINES && full-- > 0);
	strbuf_adds(sb, strbuf_str(&text));
}

/* The other things that the first command is for. */
static const char more_growth[] =
	"  heapsnap NAME                  by name: redis-server\n"
	"  heapsnap -p PID -i 5m          more patient; Ctrl-C: now\n"
	"  heapsnap -p PID -n 1           what is live now\n"
	"  heapsnap -p PID --base last    since the last one: no waiting\n";

static void add_overview(struct strbuf *sb, const struct command_row *row)
{
	size_t start = sb->len, used;

	strbuf_addf(sb, "  heapsnap %s", row->usage);
	used = sb->len - start;
	strbuf_addf(sb, "%*s%s\n",
		    used + 2 > HELP_COLUMN + 4 ? 2
					       : (int)(HELP_COLUMN + 4 - used),
		    "", row->summary);
}

void help_add_overview(struct strbuf *sb)
{
	const struct command_row *row;
	int question;

	strbuf_adds(sb, "usage: heapsnap [COMMAND] [OPTION...] "
			"[PID|NAME... | FILE...]\n");
	for (question = 0; question < QUESTION_COUNT; question++) {
		strbuf_addf(sb, "\n%s\n", command_questions[question]);
		for (row = command_table; row->name; row++)
			if ((int)row->question == question)
				add_overview(sb, row);
		if (question == QUESTION_GROWTH)
			strbuf_adds(sb, more_growth);
	}
	strbuf_adds(
		sb,
		"\nEach with -o leak.html for a page, .json, .pb.gz (pprof), "
		".svg and others.\n"
		"Options: heapsnap COMMAND --help, or heapsnap help COMMAND. "
		"All: man heapsnap\n"
		"Exit status: 0 done, 1 more grew than --fail-above, 2 usage "
		"or input,\n3 no profiling there, 4 cannot attach, 5 no safe "
		"moment, 6 output or system\n");
}
