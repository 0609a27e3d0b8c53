/**
 * @file settings.h - turns the command line into the options of what reads,
 * names and writes profiles. The results borrow from it.
 */
#ifndef REPORT_SETTINGS_H
#define REPORT_SETTINGS_H

#include <stdio.h>

#include "heap/selection.h"
#include "names/options.h"
#include "options/options.h"
#include "output/rows.h"
#include "output/text_options.h"

/** With a cache of names that is only read. */
struct names_options cli_names_options(const struct cli_options *o);

struct heap_selection cli_selection(const struct cli_options *o);

struct rows_options cli_rows_options(const struct cli_options *o);

/** What --fail-above has to say, where @limit is what it says of the rows
 * (NULL: it allows them, or there is none), from which it borrows. */
struct limit_verdict cli_limit_verdict(const struct cli_options *o,
				       const struct hs_error *limit);

/** @f: the output; if it is a terminal, its width and colors count, too. */
struct text_options cli_text_options(const struct cli_options *o, FILE *f);

#endif
