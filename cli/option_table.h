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
	OPTION_LIST,	 /* adds to debug_dirs */
	OPTION_PID,	 /* adds to pids; pid is the first of them */
	OPTION_NUMBER,	 /* uint64_t, from min to max */
	OPTION_DURATION, /* int64_t, microseconds, at least min */
	OPTION_ADDRESS,	 /* uint64_t, hexadecimal */
	OPTION_CHOICE,	 /* an enum: index in choices */
	OPTION_ACTION,	 /* action becomes that of the row */
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
	const char *name;  /* without "--" */
	char letter;	   /* 0: none */
	unsigned commands; /* bits of enum cli_command: those that take it */
	enum option_group group;
	const char *arg; /* what --help calls it; NULL: takes none */
	const char *help;
	enum option_kind kind;
	size_t offset;
	uint64_t min, max;
	const char *const *choices; /* ends with NULL */
	enum cli_action action;
	const char *want; /* "want a time such as 10s": when it is invalid */
};

/** Ends with a row whose name is NULL. */
extern const struct option_row option_table[];

extern const char *const option_group_titles[GROUP_COUNT];

#endif
