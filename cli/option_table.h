/**
 * @file option_table.h - all options, as data.
 *
 * One row gives the parsing of an option and its line in --help; the man page
 * is checked against it.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "base/option_parser.h"
#include "cli/options.h"

/** The user's question that an option answers; a heading in --help. */
enum option_group {
	GROUP_WHAT,
	GROUP_WHEN,
	GROUP_WHERE,
	GROUP_REPORT,
	GROUP_FILTER,
	GROUP_NAMES,
	GROUP_EXPERT,
	GROUP_GENERAL,
	GROUP_COUNT,
};

/** Ends with a row whose name is NULL. */
extern const struct option_row option_table[];

extern const char *const option_group_titles[GROUP_COUNT];

/** The user's question that a command answers; a heading in --help. */
enum command_question {
	QUESTION_GROWTH,
	QUESTION_PROCESS,
	QUESTION_FILES,
	QUESTION_SHELL,
	QUESTION_COUNT,
};

extern const char *const command_questions[QUESTION_COUNT];

struct command_row {
	enum cli_command command;
	enum command_question question;
	const char *name;
	const char *usage;   /* behind "heapsnap " */
	const char *summary; /* one line */
};

/** Ends with a row whose name is NULL. */
extern const struct command_row command_table[];

const struct command_row *command_find(const char *name);

const struct command_row *command_row(enum cli_command command);

#endif
