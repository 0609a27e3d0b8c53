/**
 * @file terminal.h - the abilities of the reader's terminal.
 */
#ifndef OUTPUT_TERMINAL_H
#define OUTPUT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/** Columns of the terminal @fd, 0 when it is no terminal. */
size_t terminal_width(int fd);

/** Lines of the terminal @fd, 0 when it is no terminal, or they are not
 *  known. */
size_t terminal_height(int fd);

/** Whether to write colours to @fd, by @when; auto: to a terminal that is not
 *  TERM=dumb, unless NO_COLOR is set and not empty (no-color.org). */
bool terminal_color(int fd, enum color_when when);

/** The character set of the environment is UTF-8. */
bool terminal_utf8(void);

#endif
