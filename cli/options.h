/**
 * @file options.h - the command line, parsed and checked.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/suppressions.h"
#include "output/format_names.h"
#include "output/growth_limit.h"
#include "output/rows.h"
#include "output/terminal.h"
#include "symbol/demangle.h"

/** Bits, so that an option can name the commands that take it. */
enum cli_command {
	CLI_SNAP = 1 << 0,
	CLI_DIFF = 1 << 1,
	CLI_REPORT = 1 << 2,
	CLI_STATS = 1 << 3,
	CLI_LIST = 1 << 4,
	CLI_MERGE = 1 << 11,
	CLI_COMPLETION = 1 << 12,
	CLI_CHECK = 1 << 13,
};

enum cli_action { CLI_RUN, CLI_HELP, CLI_OVERVIEW, CLI_VERSION };

/** An extended regular expression (regex(7)). */
struct cli_regex {
	const char *text; /* NULL: not given */
	regex_t compiled; /* owned, if done */
	bool done;
};

/** Strings are argv's. */
struct cli_options {
	enum cli_command command;
	enum cli_action action;
	const char *const *operands; /* owned array: the files, in order */
	size_t n_operands, operands_cap;

	/* snap */
	uint64_t pid;	/* 0: none given */
	uint64_t *pids; /* owned; all that were given */
	size_t n_pids, pids_cap;
	bool children;
	int64_t interval_us;
	uint64_t count;	      /* snapshots: at least 1; 1 with base */
	const char *save_dir; /* "." if not told otherwise */
	bool no_save;
	const char *base; /* file or "last"; NULL: none */
	int64_t timeout_us;
	uint64_t mallctl_address; /* 0: find it */
	bool assume_seccomp_allows;
	bool arenas; /* stats: each by itself */
	bool activate;

	/* the report */
	const char *output;  /* file; NULL: stdout */
	uint64_t format;     /* enum report_format */
	uint64_t sort;	     /* enum rows_sort */
	uint64_t top;	     /* 0: all */
	uint64_t by;	     /* enum rows_group */
	const char *columns; /* of the tree */
	bool thread_column, module_column;
	bool inuse, alloc; /* which was asked for; neither: inuse */
	bool significant;
	struct cli_regex focus, ignore, hide, show, thread;
	const char *suppressions_path;
	struct heap_suppressions suppressions; /* owned; of that file */
	struct growth_limit fail_above;
	bool no_inlines;
	bool addresses;
	uint64_t fold;	   /* enum rows_fold */
	uint64_t demangle; /* enum demangle_style */
	bool bytes;
	uint64_t color;		       /* enum color_when */
	const char *const *debug_dirs; /* owned array */
	size_t n_debug_dirs, debug_dirs_cap;
	const char *sysroot; /* NULL: this machine's files */
	bool debuginfod;
	bool quiet, verbose;
};

/**
 * Parses the arguments of main(), which must outlive *ret.
 * cli_options_release() in any case. HS_ERROR_USAGE when they are wrong.
 */
struct hs_error *cli_options_parse(int argc, char *const *argv,
				   struct cli_options *ret) hs_must_check;

void cli_options_release(struct cli_options *o);

#endif
