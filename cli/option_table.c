#include "cli/option_table.h"

#include <limits.h>
#include <string.h>

#include "cli/completion.h"
#include "output/format_names.h"

const char *const option_group_titles[GROUP_COUNT] = {
	[GROUP_WHAT] = "What to look at",
	[GROUP_WHEN] = "When",
	[GROUP_WHERE] = "Where it goes",
	[GROUP_REPORT] = "What the report shows",
	[GROUP_FILTER] = "Which stacks and frames",
	[GROUP_NAMES] = "Names",
	[GROUP_EXPERT] = "When it does not work",
	[GROUP_GENERAL] = "General",
};

const char *const command_questions[QUESTION_COUNT] = {
	[QUESTION_GROWTH] = "What grows in a live process?",
	[QUESTION_PROCESS] = "Where is its memory? Can it be looked at?",
	[QUESTION_FILES] = "What do snapshots say, here or elsewhere?",
	[QUESTION_SHELL] = "In the shell",
};

const struct command_row command_table[] = {
	{ CLI_SNAP, QUESTION_GROWTH, "snap", "-p PID",
	  "two snapshots of a live process: what grew" },
	{ CLI_DIFF, QUESTION_FILES, "diff", "diff BEFORE AFTER...",
	  "what grew between two files; of more: the trend" },
	{ CLI_REPORT, QUESTION_FILES, "report", "report FILE",
	  "what is live in one heap profile" },
	{ CLI_MERGE, QUESTION_FILES, "merge", "merge FILE...",
	  "several processes of one service as one" },
	{ CLI_STATS, QUESTION_PROCESS, "stats", "stats -p PID",
	  "where its memory is, without profiling" },
	{ CLI_LIST, QUESTION_PROCESS, "list", "list",
	  "processes here that use jemalloc" },
	{ CLI_COMPLETION, QUESTION_SHELL, "completion", "completion SHELL",
	  "completes all this, in " COMPLETION_SHELLS },
	{ CLI_CHECK, QUESTION_PROCESS, "check", "check -p PID",
	  "whether it can be snapshotted, and if not, why" },
	{ 0, 0, NULL, NULL, NULL },
};

const struct command_row *command_find(const char *name)
{
	const struct command_row *row;

	for (row = command_table; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

const struct command_row *command_row(enum cli_command command)
{
	const struct command_row *row = command_table;

	while (row->name && row->command != command)
		row++;
	return row;
}

static const char *const sorts[] = { "bytes", "objects", NULL };
static const char *const groups[] = { "stack",	"function", "line", "file",
				      "module", "thread",   NULL };
static const char *const folds[] = { "allocator", "std", "none", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const demangle_styles[] = { "short", "full", "none", NULL };

#define STACKS (CLI_SNAP | CLI_DIFF | CLI_REPORT | CLI_MERGE)
#define LIVE (CLI_SNAP | CLI_STATS)
#define ALL (STACKS | CLI_STATS | CLI_LIST)
#define AT(field) offsetof(struct cli_options, field)

const struct option_row option_table[] = {
	{ LIVE | CLI_CHECK, "pid", 'p', "PID",
	  "the process; several: what they have together", GROUP_WHAT,
	  OPTION_PID, AT(pid), "want a process number", 1, INT_MAX, NULL },
	{ CLI_SNAP, "children", 0, NULL, "and the processes it started",
	  GROUP_WHAT, OPTION_FLAG, AT(children), NULL, 0, 0, NULL },
	{ CLI_SNAP, "base", 0, "FILE|last",
	  "compare with an earlier snapshot; no waiting", GROUP_WHAT,
	  OPTION_TEXT, AT(base), NULL, 0, 0, NULL },

	{ CLI_SNAP, "activate", 0, NULL,
	  "prof.active on for the time of the run", GROUP_WHEN, OPTION_FLAG,
	  AT(activate), NULL, 0, 0, NULL },
	{ LIVE, "interval", 'i', "TIME",
	  "between two readings (10s); Ctrl-C: now", GROUP_WHEN,
	  OPTION_DURATION, AT(interval_us),
	  "want a time such as 10s, 500ms or 5m", 0, 0, NULL },
	{ LIVE, "count", 'n', "N", "so many (2); more snapshots: a trend",
	  GROUP_WHEN, OPTION_NUMBER, AT(count), "want a number, at least 1", 1,
	  1000000, NULL },
	{ LIVE | CLI_CHECK, "timeout", 0, "TIME",
	  "how long to look for a safe moment (10s)", GROUP_WHEN,
	  OPTION_DURATION, AT(timeout_us),
	  "want a time such as 10s, 500ms or 5m", 1, 0, NULL },

	{ ALL | CLI_CHECK, "output", 'o', "FILE",
	  "its ending tells the format: .json, ...", GROUP_WHERE, OPTION_TEXT,
	  AT(output), NULL, 0, 0, NULL },
	{ ALL | CLI_CHECK, "format", 'f', "FORMAT",
	  "text, tree, html, svg, json, csv, folded,\n"
	  "                             dot, jeprof or pprof (text)",
	  GROUP_WHERE, OPTION_CHOICE, AT(format), FORMAT_WANT, 0, 0,
	  format_names },
	{ CLI_SNAP, "save", 0, "DIR", "where snapshots are kept (.)",
	  GROUP_WHERE, OPTION_TEXT, AT(save_dir), NULL, 0, 0, NULL },
	{ CLI_SNAP, "no-save", 0, NULL, "keep no snapshots", GROUP_WHERE,
	  OPTION_FLAG, AT(no_save), NULL, 0, 0, NULL },

	{ STACKS | CLI_STATS, "top", 0, "N",
	  "so many of them; 0: all (10; JSON: all)", GROUP_REPORT,
	  OPTION_NUMBER, AT(top), "want a number", 0, INT64_MAX, NULL },
	{ STACKS, "sort", 0, "bytes|objects", "what counts as largest (bytes)",
	  GROUP_REPORT, OPTION_CHOICE, AT(sort), "want bytes or objects", 0, 0,
	  sorts },
	{ STACKS, "by", 0, "WHAT",
	  "stack, function, line, file, module, thread", GROUP_REPORT,
	  OPTION_CHOICE, AT(by),
	  "want stack, function, line, file, module or thread", 0, 0, groups },
	{ STACKS, "columns", 0, "LIST", "of the tree: thread, module",
	  GROUP_REPORT, OPTION_TEXT, AT(columns), NULL, 0, 0, NULL },
	{ STACKS, "inuse", 0, NULL, "what is in use (that)", GROUP_REPORT,
	  OPTION_FLAG, AT(inuse), NULL, 0, 0, NULL },
	{ STACKS, "alloc", 0, NULL, "what was allocated since the start",
	  GROUP_REPORT, OPTION_FLAG, AT(alloc), NULL, 0, 0, NULL },
	{ STACKS, "significant", 0, NULL, "only what is beyond sampling noise",
	  GROUP_REPORT, OPTION_FLAG, AT(significant), NULL, 0, 0, NULL },
	{ CLI_SNAP | CLI_DIFF, "fail-above", 0, "SIZE[/s]",
	  "exit with 1 if more than that grew for sure", GROUP_REPORT,
	  OPTION_TEXT, AT(fail_above.text), NULL, 0, 0, NULL },
	{ STACKS, "focus", 0, "REGEX", "only stacks with a frame that matches",
	  GROUP_FILTER, OPTION_TEXT, AT(focus.text), NULL, 0, 0, NULL },
	{ STACKS, "ignore", 0, "REGEX", "no stacks with a frame that matches",
	  GROUP_FILTER, OPTION_TEXT, AT(ignore.text), NULL, 0, 0, NULL },
	{ STACKS, "thread", 0, "REGEX", "only what such threads allocated",
	  GROUP_FILTER, OPTION_TEXT, AT(thread.text), NULL, 0, 0, NULL },
	{ STACKS, "suppressions", 0, "FILE",
	  "no stacks that 'leak:' lines match", GROUP_FILTER, OPTION_TEXT,
	  AT(suppressions_path), NULL, 0, 0, NULL },
	{ STACKS, "fold", 0, "WHAT",
	  "allocator, std: C++ library, too; none (allocator)", GROUP_FILTER,
	  OPTION_CHOICE, AT(fold), "want allocator, std or none", 0, 0, folds },
	{ STACKS, "hide", 0, "REGEX", "leave out frames that match",
	  GROUP_FILTER, OPTION_TEXT, AT(hide.text), NULL, 0, 0, NULL },
	{ STACKS, "show", 0, "REGEX", "leave out frames that do not match",
	  GROUP_FILTER, OPTION_TEXT, AT(show.text), NULL, 0, 0, NULL },
	{ CLI_STATS, "arenas", 0, NULL, "also each of jemalloc's arenas",
	  GROUP_REPORT, OPTION_FLAG, AT(arenas), NULL, 0, 0, NULL },
	{ ALL, "bytes", 0, NULL, "exact numbers instead of KiB and MiB",
	  GROUP_REPORT, OPTION_FLAG, AT(bytes), NULL, 0, 0, NULL },
	{ ALL | CLI_CHECK, "color", 0, "WHEN", "auto, always or never",
	  GROUP_REPORT, OPTION_CHOICE, AT(color), "want auto, always or never",
	  0, 0, colors },

	{ STACKS, "demangle", 0, "STYLE",
	  "short, full (with parameters) or none (short)", GROUP_NAMES,
	  OPTION_CHOICE, AT(demangle), "want short, full or none", 0, 0,
	  demangle_styles },
	{ STACKS, "addresses", 0, NULL,
	  "where each call is, as addr2line takes it", GROUP_NAMES, OPTION_FLAG,
	  AT(addresses), NULL, 0, 0, NULL },
	{ STACKS, "no-inlines", 0, NULL,
	  "functions as compiled, not as written", GROUP_NAMES, OPTION_FLAG,
	  AT(no_inlines), NULL, 0, 0, NULL },
	{ STACKS | CLI_STATS | CLI_CHECK, "debug-dir", 0, "DIR",
	  "also look here for debug files; repeatable", GROUP_NAMES,
	  OPTION_LIST, AT(debug_dirs), NULL, 0, 0, NULL },
	{ STACKS | CLI_CHECK, "sysroot", 0, "DIR",
	  "where the files of its machine are", GROUP_NAMES, OPTION_TEXT,
	  AT(sysroot), NULL, 0, 0, NULL },
	{ STACKS | CLI_CHECK, "debuginfod", 0, NULL,
	  "also ask the servers of DEBUGINFOD_URLS", GROUP_NAMES, OPTION_FLAG,
	  AT(debuginfod), NULL, 0, 0, NULL },

	{ LIVE | CLI_CHECK, "mallctl-address", 0, "ADDR",
	  "where mallctl() is, when it is not found", GROUP_EXPERT,
	  OPTION_ADDRESS, AT(mallctl_address),
	  "want an address such as 0x55d0c0de1000", 0, 0, NULL },
	{ LIVE | CLI_CHECK, "assume-seccomp-allows", 0, NULL,
	  "its seccomp filter cannot be read; go on", GROUP_EXPERT, OPTION_FLAG,
	  AT(assume_seccomp_allows), NULL, 0, 0, NULL },

	{ ALL | CLI_CHECK, "quiet", 'q', NULL, "no progress, no warnings",
	  GROUP_GENERAL, OPTION_FLAG, AT(quiet), NULL, 0, 0, NULL },
	{ ALL | CLI_CHECK, "verbose", 'v', NULL,
	  "all frames; more of what is done", GROUP_GENERAL, OPTION_FLAG,
	  AT(verbose), NULL, 0, 0, NULL },
	{ ALL | CLI_COMPLETION | CLI_CHECK, "help", 'h', NULL, "this text",
	  GROUP_GENERAL, OPTION_ACTION, AT(action), NULL, CLI_HELP, 0, NULL },
	{ ALL | CLI_COMPLETION | CLI_CHECK, "version", 0, NULL,
	  "which heapsnap this is", GROUP_GENERAL, OPTION_ACTION, AT(action),
	  NULL, CLI_VERSION, 0, NULL },
	{ 0, NULL, 0, NULL, NULL, 0, 0, 0, NULL, 0, 0, NULL },
};
