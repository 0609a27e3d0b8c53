/**
 * @file help.h - what --help prints.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/strbuf.h"
#include "cli/options.h"

/** Appends the help of @command. */
void help_add(struct strbuf *sb, enum cli_command command);

#endif
