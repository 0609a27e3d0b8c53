/**
 * @file help.h - writes the text of --help.
 */
#ifndef OPTIONS_HELP_H
#define OPTIONS_HELP_H

#include "base/strbuf.h"
#include "options/options.h"

/** Appends the options of @command, on one screen of 40 lines. */
void help_add(struct strbuf *sb, enum cli_command command);

/** Appends what the commands are for. */
void help_add_overview(struct strbuf *sb);

#endif
