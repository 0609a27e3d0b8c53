/**
 * @file command_line.h - parses and checks main()'s arguments.
 */
#ifndef OPTIONS_COMMAND_LINE_H
#define OPTIONS_COMMAND_LINE_H

#include "base/error.h"
#include "options/options.h"

/**
 * Parses and checks the arguments of main(), which must outlive *ret.
 * cli_options_release() in any case. HS_ERROR_USAGE when they are wrong.
 */
struct hs_error *cli_options_parse(int argc, char *const *argv,
				   struct cli_options *ret) hs_must_check;

void cli_options_release(struct cli_options *o);

#endif
