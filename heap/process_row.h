/**
 * @file process_row.h - a process that uses jemalloc, as lists have it.
 */
#ifndef HEAP_PROCESS_ROW_H
#define HEAP_PROCESS_ROW_H

#include <stdint.h>
#include <sys/types.h>

/** Where the jemalloc of a process comes from. */
enum process_list_linkage {
	PROFILING_SHARED,    /* a library that it is linked with, or loaded */
	PROFILING_STATIC,    /* its own program */
	PROFILING_PRELOADED, /* a library that LD_PRELOAD names */
};

/** "shared", "static", "preloaded". */
const char *process_list_linkage_name(enum process_list_linkage linkage);

/** What is known of its profiling without asking it. */
enum process_list_profiling {
	PROFILING_UNKNOWN,
	PROFILING_OFF,	    /* cannot be turned on any more */
	PROFILING_INACTIVE, /* on, but prof.active was off at the start */
	PROFILING_ON,
};

/** "on", "inactive", "off"; NULL: not known. */
const char *process_list_profiling_name(enum process_list_profiling profiling);

/** A jemalloc in a process; one that has two has two rows. */
struct process_list_row {
	pid_t pid;
	uid_t uid;     /* effective */
	char *user;    /* owned: its name, or number; NULL: nobody asked */
	int64_t rss;   /* bytes */
	char *command; /* owned */
	char *module;  /* owned: path of the file it is in */
	char *prefix;  /* owned: "", "je_", ... */
	char *version; /* owned: "5.3.0-0-g..."; NULL: not known */
	enum process_list_linkage linkage;
	enum process_list_profiling profiling;
};

void process_list_row_release(struct process_list_row *row);

#endif
