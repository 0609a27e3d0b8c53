/**
 * @file stand_in.h - snapshots of the processes of a run, which stand in for
 * the last dumps of those that end without exit(3).
 */
#ifndef LAUNCH_STAND_IN_H
#define LAUNCH_STAND_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "launch/folder.h"
#include "mallctl/session.h"
#include "names/options.h"

/** Runs @fn in a process of its own. Returns its status as of waitpid(2), that
 * of _exit(@fn(@arg)); -1: there could be none. */
typedef int stand_in_apart(int (*fn)(void *arg), void *arg);

struct stand_in {
	const struct launch_folder *folder; /* borrowed */
	pid_t pid;			    /* of the command */
	bool alone;			    /* only of the command */
	int64_t every_us; /* 0: 30 s, from the first minute on */
	struct session_options session;
	struct names_options names;
	stand_in_apart *apart;
	/* Ours: zero-initialised. */
	int64_t next_us; /* clock_us(): when to take the next ones */
	bool failed;	 /* the last one of the command could not be taken */
};

/** Takes a snapshot of each process of the run, if it is time for that; returns
 *  in how many microseconds it will be. They are taken silently; no longer than
 *  some seconds each. */
int64_t stand_in_tick(struct stand_in *s);

/** Takes one of each process that runs on behind the command; *running is their
 *  number. */
void stand_in_finish(struct stand_in *s, size_t *running);

#endif
