/**
 * @file options.h - the command line as a struct.
 */
#ifndef OPTIONS_OPTIONS_H
#define OPTIONS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/demangle_style.h"
#include "base/monitor.h"
#include "base/option_parser.h"
#include "base/pattern.h"
#include "base/strbuf.h"
#include "heap/suppressions.h"
#include "output/format_names.h"
#include "output/growth_limit.h"
#include "output/rows.h"
#include "output/terminal.h"
#include "snap/when.h"

/** Bits, so that an option can name the commands that take it. */
enum cli_command {
	CLI_SNAP = 1 << 0,
	CLI_DIFF = 1 << 1,
	CLI_REPORT = 1 << 2,
	CLI_MERGE = 1 << 3,
	CLI_STATS = 1 << 4,
	CLI_LIST = 1 << 5,
	CLI_COMPLETION = 1 << 6,
	CLI_CHECK = 1 << 7,
	CLI_RUN_COMMAND = 1 << 8,
	CLI_INSPECT = 1 << 9,
};

enum cli_action { CLI_RUN, CLI_HELP, CLI_OVERVIEW, CLI_VERSION };

/** Strings are argv's; lists are owned. */
struct cli_options {
	enum cli_command command;
	enum cli_action action;
	bool implied;		   /* no command was named */
	struct text_list operands; /* the files, in order; of run the command */

	/* snap */
	struct text_list processes; /* as they were given: -p */
	struct number_list pids;    /* of them, by processes_find() */
	uint64_t pid;		    /* the first of them; 0: none */
	bool children;
	int64_t interval_us;
	uint64_t count;	      /* snapshots: at least 1; 1 with base */
	bool spread;	      /* and more in between, where they are cheap */
	const char *save_dir; /* NULL unless given */
	bool save_all;
	bool no_save;
	bool no_stats;
	const char *base;	     /* file or "last"; NULL: none */
	struct text_list when_texts; /* --when, as they were given; then: */
	struct when *whens;	     /* owned */
	size_t n_whens;
	bool since_start; /* what grew between the start and when one held */
	const char *exec; /* NULL: none */
	int64_t timeout_us;
	const char *check_report; /* of check: where to; NULL: none */
	int64_t max_dump;	  /* bytes; 0: what is free */
	int64_t max_pause_us;	  /* 0: any time */
	uint64_t mallctl_address; /* 0: find it */
	bool assume_seccomp_allows;
	bool arenas;	    /* stats: each by itself */
	bool no_contents;   /* inspect: count alone */
	bool leaks;	    /* inspect: and who holds it */
	int64_t max_memory; /* inspect: bytes of its own; 0: what is free */
	bool activate;
	bool dry_run;
	bool no_syslog;

	/* run */
	const char *jemalloc; /* path of the one to bring in; NULL: find it */
	const char *sample;   /* bytes, as given; NULL: each allocation */
	int lg_sample;	      /* of that, log2; -1 without it */
	int64_t every_us;     /* between snapshots; 0: the default */
	bool no_follow;	      /* only the command, not what it starts */
	bool wrap;	      /* as a wrapper of tests */
	bool no_default_suppressions;
	bool print_suppressions; /* instead of the report */

	/* the report */
	const char *output; /* file; NULL: stdout */
	enum report_format format;
	enum rows_sort sort;
	uint64_t top; /* 0: all */
	enum rows_group by;
	unsigned folded_diff; /* index of its choices: 1 is signed */
	const char *columns;  /* of the tree */
	bool thread_column, module_column;
	bool inuse, alloc; /* which was asked for; neither: inuse */
	bool significant;
	struct pattern focus, ignore, hide, show, thread;
	const char *suppressions_path;
	struct heap_suppressions suppressions; /* owned; of that file */
	struct growth_limit fail_above;
	bool no_inlines;
	bool addresses;
	struct text_list folds; /* words of --fold; then, by folds_finish(): */
	enum rows_fold fold;
	struct strbuf wrapper_text; /* owned */
	struct pattern wrapper;
	enum demangle_style demangle;
	bool bytes;
	enum color_when color;
	bool no_pager;
	struct pager *pager; /* borrowed; report/pager.h */
	struct text_list debug_dirs;
	const char *sysroot; /* NULL: this machine's files */
	bool debuginfod;
	bool no_cache;
	bool quiet, verbose;

	struct monitor monitor; /* what is said on the way goes there */
};

#endif
