#include "options/commands.h"

#include <string.h>

#include "options/shells_assets.h"

const char *const command_questions[QUESTION_COUNT] = {
	[QUESTION_GROWTH] = "What grows in a live process?",
	[QUESTION_END] = "What does a program never free?",
	[QUESTION_PROCESS] = "Where is its memory? Can it be looked at?",
	[QUESTION_FILES] = "What do snapshots say, here or elsewhere?",
	[QUESTION_SHELL] = "In the shell",
};

const struct command_row command_table[] = {
	{ .command = CLI_SNAP,
	  .name = "snap",
	  .question = QUESTION_GROWTH,
	  .usage = "-p PID",
	  .summary = "two snapshots of a live process: what grew" },
	{ .command = CLI_RUN_COMMAND,
	  .name = "run",
	  .question = QUESTION_END,
	  .usage = "run COMMAND...",
	  .summary = "what it has not freed when it ends" },
	{ .command = CLI_DIFF,
	  .name = "diff",
	  .question = QUESTION_FILES,
	  .usage = "diff BEFORE AFTER...",
	  .summary = "what grew between two files; of more: the trend" },
	{ .command = CLI_REPORT,
	  .name = "report",
	  .question = QUESTION_FILES,
	  .usage = "report FILE",
	  .summary = "what is live in one heap profile" },
	{ .command = CLI_MERGE,
	  .name = "merge",
	  .question = QUESTION_FILES,
	  .usage = "merge FILE...",
	  .summary = "several processes of one service as one" },
	{ .command = CLI_STATS,
	  .name = "stats",
	  .question = QUESTION_PROCESS,
	  .usage = "stats -p PID",
	  .summary = "where its memory is, without profiling" },
	{ .command = CLI_INSPECT,
	  .name = "inspect",
	  .question = QUESTION_PROCESS,
	  .usage = "inspect -p PID",
	  .summary = "what is in its memory, without profiling" },
	{ .command = CLI_LIST,
	  .name = "list",
	  .question = QUESTION_PROCESS,
	  .usage = "list",
	  .summary = "processes here that use jemalloc" },
	{ .command = CLI_COMPLETION,
	  .name = "completion",
	  .question = QUESTION_SHELL,
	  .usage = "completion SHELL",
	  .summary = "completes all this, in " SHELL_NAMES },
	{ .command = CLI_CHECK,
	  .name = "check",
	  .question = QUESTION_PROCESS,
	  .usage = "check -p PID",
	  .summary = "whether it can be snapshotted, and if not, why" },
	{ .name = NULL },
};

const struct command_row *command_find(const char *name)
{
	const struct command_row *row;

	for (row = command_table; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

const struct command_row *command_row(enum cli_command command)
{
	const struct command_row *row = command_table;

	while (row->name && row->command != command)
		row++;
	return row;
}
