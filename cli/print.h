/**
 * @file print.h - prints a text.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/error.h"

/** Writes @text to standard output. */
struct hs_error *cli_print(const char *text) hs_must_check;

#endif
