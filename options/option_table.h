/**
 * @file option_table.h - the table of all options.
 *
 * One row gives the parsing of an option and its line in --help; the man page
 * is checked against it.
 */
#ifndef OPTIONS_OPTION_TABLE_H
#define OPTIONS_OPTION_TABLE_H

#include "base/option_parser.h"
#include "options/options.h"

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

#endif
