/**
 * @file commands.h - the table of commands, as the user sees them.
 */
#ifndef OPTIONS_COMMANDS_H
#define OPTIONS_COMMANDS_H

#include "options/options.h"

/** The user's question that a command answers; a heading in --help. */
enum command_question {
	QUESTION_GROWTH,
	QUESTION_END,
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

/** NULL: there is none of this name. */
const struct command_row *command_find(const char *name);

const struct command_row *command_row(enum cli_command command);

#endif
