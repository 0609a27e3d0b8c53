#include "cli/help.h"

#include <string.h>

#include "cli/option_table.h"

enum { HELP_COLUMN = 29 };

static void add_usage(struct strbuf *sb, enum cli_command command)
{
	const struct command_row *row = command_row(command);

	strbuf_addf(sb, "usage: heapsnap %s [OPTION...]\n", row->usage);
	strbuf_addf(sb, "%s\n", row->summary);
	if (command != CLI_SNAP)
		return;
	strbuf_adds(sb, "\nCommands\n");
	for (row = command_table; row->name; row++)
		strbuf_addf(sb, "  %-27s%s\n",
			    row->command == CLI_SNAP ? "snap (or none)"
						     : row->usage,
			    row->summary);
}

static void add_option(struct strbuf *sb, const struct option_row *row)
{
	size_t start = sb->len, used;

	if (row->letter)
		strbuf_addf(sb, "  -%c, ", row->letter);
	else
		strbuf_adds(sb, "      ");
	strbuf_addf(sb, "--%s", row->name);
	if (row->arg)
		strbuf_addf(sb, " %s", row->arg);
	used = sb->len - start;
	if (used + 2 > HELP_COLUMN) {
		strbuf_addc(sb, '\n');
		used = 0;
	}
	strbuf_addf(sb, "%*s%s\n", (int)(HELP_COLUMN - used), "", row->help);
}

void help_add(struct strbuf *sb, enum cli_command command)
{
	const struct option_row *row;
	bool titled;
	int group;

	add_usage(sb, command);
	for (group = 0; group < GROUP_COUNT; group++) {
		titled = false;
		for (row = option_table; row->name; row++) {
			if ((int)row->group != group ||
			    !(row->commands & command))
				continue;
			if (!titled)
				strbuf_addf(sb, "\n%s\n",
					    option_group_titles[group]);
			titled = true;
			add_option(sb, row);
		}
	}
	strbuf_adds(
		sb,
		"\nExit status: 0 done, 1 more grew than --fail-above, "
		"2 usage or unreadable input,\n3 no jemalloc profiling there, "
		"4 cannot attach, 5 no safe moment,\n6 output or system error. "
		"More: man heapsnap\n");
}
