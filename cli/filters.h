/**
 * @file filters.h - the options that say what of the heap is looked at, and how
 * much may grow: checked and compiled.
 */
#ifndef CLI_FILTERS_H
#define CLI_FILTERS_H

#include "base/error.h"
#include "cli/options.h"

/** Checks and compiles what of the options is for this file; reads the file of
 *  suppressions. Called by cli_options_parse(). */
struct hs_error *filters_finish(struct cli_options *o) hs_must_check;

void filters_release(struct cli_options *o);

#endif
