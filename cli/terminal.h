/**
 * @file terminal.h - what the reader's terminal can do.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

/** Columns of the terminal @fd, 0 when it is none. */
size_t terminal_width(int fd);

/** Whether to write colours to @fd: as --color says; auto: to a terminal that
 *  is not TERM=dumb, unless NO_COLOR is set and not empty (no-color.org). */
bool terminal_color(int fd, enum cli_color when);

/** The character set of the environment is UTF-8. */
bool terminal_utf8(void);

#endif
