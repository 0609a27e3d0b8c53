/**
 * @file settings.h - turns the command line into the options of what works on
 * live processes. The results borrow from it.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "base/deadline.h"
#include "mallctl/session.h"
#include "options/options.h"

struct session_options cli_session_options(const struct cli_options *o);

/** --timeout from now; a signal ends it, too. */
struct deadline cli_deadline(const struct cli_options *o);

#endif
