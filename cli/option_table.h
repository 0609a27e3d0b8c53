/**
 * @file option_table.h - all options, as data.
 *
 * One row gives the parsing of an option and its line in --help; the man page
 * is checked against it.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"

/** What is at option_row.offset in struct cli_options. */
enum option_kind {
	OPTION_FLAG,	 /* bool: becomes true */
	OPTION_TEXT,	 /* const char * */
	OPTION_LIST,	 /* const char *const *, size_t n, size_t cap: adds */
	OPTION_PID,	 /* adds to pids; pid is the first of them */
	OPTION_NUMBER,	 /* uint64_t, from min to max */
	OPTION_DURATION, /* int64_t, microseconds, at least min */
	OPTION_ADDRESS,	 /* uint64_t, hexadecimal */
	OPTION_CHOICE,	 /* uint64_t: index in choices */
	OPTION_ACTION,	 /* enum cli_action: becomes min */
};

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

struct option_row {
	unsigned commands; /* bits of enum cli_command */
	const char *name;  /* without "--" */
	char letter;	   /* 0: none */
	const char *arg;   /* what --help calls it; NULL: takes none */
	const char *help;
	enum option_group group;
	enum option_kind kind;
	size_t offset;
	const char *want; /* "want a time such as 10s": when it is invalid */
	uint64_t min, max;
	const char *const *choices; /* ends with NULL */
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
