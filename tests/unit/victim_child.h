/**
 * @file victim_child.h - a victim as the child of a unit test.
 */
#ifndef TESTS_UNIT_VICTIM_CHILD_H
#define TESTS_UNIT_VICTIM_CHILD_H

#include <stdint.h>
#include <sys/types.h>

/** A running victim of tests/victims/ that said "ready". */
struct victim {
	pid_t pid;
	int input;	 /* owned: its stdin */
	int output;	 /* owned: its stdout, behind what it said */
	char *said;	 /* owned: what it printed up to "ready" */
	char path[4096]; /* of its program */
};

/** How the program is run. */
enum victim_way {
	VICTIM_PLAIN,
	VICTIM_DELETED, /* a copy, deleted when it runs */
	VICTIM_CHROOT,	/* a copy in a root of its own, where nothing else is;
			   for static ones, by root */
};

/** Runs @name from $VICTIMS, or build/victims, with @option and @value (NULL:
 *  none). Fails the test when it does not get ready. */
void victim_start(struct victim *v, const char *name, enum victim_way way,
		  const char *option, const char *value);

/** What it said its function @name's address is; fails the test if it did
 *  not. */
uint64_t victim_address(const struct victim *v, const char *name);

/** Ends it and waits for it. */
void victim_end(struct victim *v);

#endif
