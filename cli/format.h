/**
 * @file format.h - the formats of reports: names, endings of files, manners.
 */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "cli/options.h"

/** Names of the formats as -f takes them, by enum cli_format; ends with NULL.
 *  The first, of FORMAT_AUTO, is "". */
extern const char *const format_names[];

/** What is wanted when -f is given something else. */
#define FORMAT_WANT \
	"want text, tree, html, svg, json, csv, folded, dot, jeprof or pprof"

/** The format that the ending of file @path tells, or FORMAT_AUTO. */
enum cli_format format_of_path(const char *path);

/** Appends all endings: ".txt, .json or .csv". */
void format_add_endings(struct strbuf *sb);

/** It is nothing to show on a terminal. */
bool format_is_binary(enum cli_format format);

#endif
