/**
 * @file commands.h - the table of commands; each has a file in cli/cmd/.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "base/error.h"
#include "cli/options.h"

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
	struct hs_error *(*run)(const struct cli_options *o);
};

/** Ends with a row whose name is NULL. */
extern const struct command_row command_table[];

/** NULL: there is none of this name. */
const struct command_row *command_find(const char *name);

const struct command_row *command_row(enum cli_command command);

struct hs_error *cmd_snap(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_diff(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_report(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_merge(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_stats(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_list(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_completion(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_run(const struct cli_options *o) hs_must_check;
struct hs_error *cmd_check(const struct cli_options *o) hs_must_check;

#endif
