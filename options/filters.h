/**
 * @file filters.h - row filters and the growth limit: checked and compiled.
 */
#ifndef OPTIONS_FILTERS_H
#define OPTIONS_FILTERS_H

#include "base/error.h"
#include "options/options.h"

/** Checks the options of the filters and the limit, compiles them, and reads
 *  the file of suppressions. Called by cli_options_parse(). */
struct hs_error *filters_finish(struct cli_options *o) hs_must_check;

void filters_release(struct cli_options *o);

#endif
