/**
 * @file remarks.h - remarks on a live process that several commands make.
 */
#ifndef CLI_REMARKS_H
#define CLI_REMARKS_H

#include "heap/profile.h"
#include "options/options.h"
#include "proc/identity.h"

/** The calls ran on a thread of the process itself, if that is so. */
void remark_borrowed(const struct cli_options *o, const struct heap_meta *meta);

/** An earlier run left profiling on in process @id, if that is so. */
void remark_left_on(const struct cli_options *o, const struct identity *id);

/** The name of the thread that was stopped longest, or what to say instead. */
const char *remark_stopped(const struct heap_meta *meta);

#endif
