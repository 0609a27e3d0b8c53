/**
 * @file settings.h - what of the command line is for the folders below, in
 * their own structs. All of it borrows from the options.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include <stdio.h>

#include "base/deadline.h"
#include "cli/options.h"
#include "heap/selection.h"
#include "mallctl/session.h"
#include "names/options.h"
#include "output/rows.h"
#include "output/text_options.h"

struct session_options cli_session_options(const struct cli_options *o);

/** --timeout from now; a signal ends it, too. */
struct deadline cli_deadline(const struct cli_options *o);

struct names_options cli_names_options(const struct cli_options *o);

struct heap_selection cli_selection(const struct cli_options *o);

struct rows_options cli_rows_options(const struct cli_options *o);

/** @f: may be a terminal, which is asked, too. */
struct text_options cli_text_options(const struct cli_options *o, FILE *f);

#endif
