/**
 * @file remarks.h - remarks on a live process that several commands make.
 */
#ifndef CLI_REMARKS_H
#define CLI_REMARKS_H

#include <stdint.h>

#include "cli/options.h"
#include "proc/identity.h"

/** The calls ran on thread @tid of the process, which was stopped for
 *  @pause_us microseconds. */
void remark_borrowed(const struct cli_options *o, int64_t tid,
		     int64_t pause_us);

/** An earlier run left profiling on in process @id, if that is so. */
void remark_left_on(const struct cli_options *o, const struct identity *id);

#endif
