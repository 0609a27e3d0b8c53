/**
 * @file process_list.h - which processes use jemalloc, seen from outside:
 * nothing is attached to, nothing is stopped.
 */
#ifndef TARGET_PROCESS_LIST_H
#define TARGET_PROCESS_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

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
	int64_t rss;   /* bytes */
	char *command; /* owned */
	char *module;  /* owned: path of the file it is in */
	char *prefix;  /* owned: "", "je_", ... */
	char *version; /* owned: "5.3.0-0-g..."; NULL: not known */
	enum survey_linkage linkage;
	enum survey_profiling profiling;
};

struct survey {
	struct survey_row *items; /* owned; largest rss first, then by pid */
	size_t n, cap;
	size_t denied; /* processes that may not be looked at */
};

/** Looks at all processes in /proc. Each ELF file is read once, whatever the
 *  number of processes and names. survey_release(). */
struct hs_error *survey_take(struct survey *ret) hs_must_check;

void survey_release(struct survey *survey);

/** The version of the jemalloc whose read-only data is @data[0..len): *ret
 *  points into it, *n is its length; NULL when there is none. */
const char *survey_find_version(const char *data, size_t len, size_t *n);

/** What a text of options, "prof:true,prof_active:false", makes of
 *  profiling that was @before it. */
enum survey_profiling survey_profiling_of(const char *options, size_t len,
					  enum survey_profiling before);

#endif
