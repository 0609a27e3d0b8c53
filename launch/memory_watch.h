/**
 * @file memory_watch.h - warns while a run takes too much memory for recording
 * every allocation.
 */
#ifndef LAUNCH_MEMORY_WATCH_H
#define LAUNCH_MEMORY_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/monitor.h"

struct memory_watch {
	pid_t pid;		/* of the command */
	struct monitor monitor; /* gets the warning */
	bool over;		/* it has warned, or need not look */
};

/** Looks, and warns once, when the command and all that it has started have
 *  more than a quarter of the memory that they could have: of the machine, or
 *  of the control group. Returns in how many microseconds to look again. */
int64_t memory_watch_tick(struct memory_watch *w);

#endif
