/**
 * @file process_row.h - a row of `heapsnap list`: a process that uses jemalloc.
 */
#ifndef HEAP_PROCESS_ROW_H
#define HEAP_PROCESS_ROW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** Where the jemalloc of a process comes from. */
enum process_linkage {
	LINKAGE_SHARED,	   /* a library, linked or loaded at run time */
	LINKAGE_STATIC,	   /* the program itself */
	LINKAGE_PRELOADED, /* a library from LD_PRELOAD */
};

/** "shared", "static", "preloaded". */
const char *process_linkage_name(enum process_linkage linkage);

/** The state of profiling, as far as it shows from outside. */
enum process_profiling {
	PROFILING_UNKNOWN,
	PROFILING_OFF,	    /* can only be turned on at a restart */
	PROFILING_INACTIVE, /* on, but prof.active was off at the start */
	PROFILING_ON,
};

/** "on", "inactive", "off"; NULL: not known. */
const char *process_profiling_name(enum process_profiling profiling);

/** One jemalloc in a process; a process with two has two rows. */
struct process_row {
	pid_t pid;
	uid_t uid;     /* effective */
	char *user;    /* owned: name, or number; NULL: not looked up */
	int64_t rss;   /* bytes */
	char *command; /* owned */
	char *module;  /* owned: path of the file it is in */
	char *prefix;  /* owned: "", "je_", ... */
	char *version; /* owned: "5.3.0-0-g..."; NULL: not known */
	enum process_linkage linkage;
	enum process_profiling profiling;
	/* Profiling is not known, since the process wrote over the environment
	 * that it was started with, as setproctitle(3) does. */
	bool environment_lost;
	char *container; /* owned: its id, as docker ps has it; NULL: none */
	pid_t watcher;	 /* a heapsnap that waits for it; 0: none is known */
};

void process_row_release(struct process_row *row);

/** A process that could not be looked at. */
struct process_unread {
	pid_t pid;
	uid_t uid;	 /* effective */
	char *user;	 /* owned: name, or number; NULL: not looked up */
	char *command;	 /* owned */
	const char *why; /* a constant: "it belongs to another user" */
};

void process_unread_release(struct process_unread *unread);

#endif
