/**
 * @file process_row.h - a process that uses jemalloc, as lists have it.
 */
#ifndef HEAP_PROCESS_ROW_H
#define HEAP_PROCESS_ROW_H

#include <stdint.h>
#include <sys/types.h>

/** Where the jemalloc of a process comes from. */
enum survey_linkage {
	SURVEY_SHARED,	  /* a library that it is linked with, or loaded */
	SURVEY_STATIC,	  /* its own program */
	SURVEY_PRELOADED, /* a library that LD_PRELOAD names */
};

/** "shared", "static", "preloaded". */
const char *survey_linkage_name(enum survey_linkage linkage);

/** What is known of its profiling without asking it. */
enum survey_profiling {
	SURVEY_UNKNOWN,
	SURVEY_OFF,	 /* cannot be turned on any more */
	SURVEY_INACTIVE, /* on, but prof.active was off at the start */
	SURVEY_ON,
};

/** "on", "inactive", "off"; NULL: not known. */
const char *survey_profiling_name(enum survey_profiling profiling);

/** A jemalloc in a process; one that has two has two rows. */
struct survey_row {
	pid_t pid;
	uid_t uid;     /* effective */
	char *user;    /* owned: its name, or number; NULL: nobody asked */
	int64_t rss;   /* bytes */
	char *command; /* owned */
	char *module;  /* owned: path of the file it is in */
	char *prefix;  /* owned: "", "je_", ... */
	char *version; /* owned: "5.3.0-0-g..."; NULL: not known */
	enum survey_linkage linkage;
	enum survey_profiling profiling;
};

void survey_row_release(struct survey_row *row);

#endif
