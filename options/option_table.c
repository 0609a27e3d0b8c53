#include "options/option_table.h"

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

/* Of format_names, those for what has no stacks. */
static const char *const plain_formats[] = {
	[FORMAT_AUTO] = "",
	[FORMAT_TEXT] = "text",
	[FORMAT_TREE] = "",
	[FORMAT_JSON] = "json",
	NULL,
};

static const char *const folded_diffs[] = { "columns", "signed", NULL };
static const char *const sorts[] = { "bytes", "objects", NULL };
static const char *const groups[] = { "stack",	"function", "line", "file",
				      "module", "thread",   NULL };
static const char *const merge_groups[] = { "stack", "function", "line",
					    "file",  "module",	 NULL };
static const char *const grown[] = { "heap", "rss", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const demangle_styles[] = { "short", "full", "none", NULL };

#define FILES (CLI_DIFF | CLI_REPORT | CLI_MERGE)
#define STACKS (CLI_SNAP | CLI_RUN_COMMAND | FILES)
#define ONE (CLI_STATS | CLI_INSPECT)
#define LIVE (CLI_SNAP | CLI_STATS | CLI_CHECK)
#define ALL (STACKS | ONE | CLI_LIST | CLI_CHECK)

/* Where a field of this type is; with one of another it does not compile. An
 * enum is an unsigned int. */
#define AT(field, type)                        \
	(offsetof(struct cli_options, field) * \
	 _Generic(((struct cli_options *)0)->field, type : 1))

/* What every option has; further fields follow by their names. */
#define OPTION(text, heading, by) \
	.name = (text), .group = GROUP_##heading, .commands = (by)

/* What is stored where; of those with an argument also its name in --help. */
#define FLAG(field) .kind = OPTION_FLAG, .offset = AT(field, bool)
#define TEXT(field, called) \
	.kind = OPTION_TEXT, .offset = AT(field, const char *), .arg = (called)
#define PATTERN(field) TEXT(field.text, "REGEX")
#define LIST(field, called)                                         \
	.kind = OPTION_LIST, .offset = AT(field, struct text_list), \
	.arg = (called)
#define PROCESS LIST(processes, "PID|NAME")
#define NUMBER(field, called) \
	.kind = OPTION_NUMBER, .offset = AT(field, uint64_t), .arg = (called)
#define ADDRESS(field) \
	.kind = OPTION_ADDRESS, .offset = AT(field, uint64_t), .arg = "ADDR"
#define DURATION(field)                                                       \
	.kind = OPTION_DURATION, .offset = AT(field, int64_t), .arg = "TIME", \
	.want = "want a time such as 10s, 500ms or 5m"
#define SIZE(field)                                                       \
	.kind = OPTION_SIZE, .offset = AT(field, int64_t), .arg = "SIZE", \
	.want = "want a size such as 4096, 64K or 1.5G"
#define CHOICE(field, names, called)                          \
	.kind = OPTION_CHOICE, .offset = AT(field, unsigned), \
	.choices = (names), .arg = (called)
#define ACTION(of) \
	.kind = OPTION_ACTION, .offset = AT(action, unsigned), .action = (of)

const struct option_row option_table[] = {
	{ OPTION("pid", WHAT, CLI_SNAP | CLI_CHECK), PROCESS, .letter = 'p',
	  .help = "the process; several: what they have together" },
	{ OPTION("pid", WHAT, ONE), PROCESS, .letter = 'p',
	  .help = "the process" },
	{ OPTION("no-contents", WHAT, CLI_INSPECT), FLAG(no_contents),
	  .help = "only count: look at the contents of nothing" },
	{ OPTION("no-contents", WHAT, CLI_SNAP), FLAG(no_contents),
	  .help = "look at no contents: stacks have no types" },
	{ OPTION("leaks", WHAT, CLI_INSPECT), FLAG(leaks),
	  .help = "and what nobody can reach, who holds the rest" },
	{ OPTION("children", WHAT, CLI_SNAP | CLI_CHECK), FLAG(children),
	  .help = "and the processes it started" },
	{ OPTION("base", WHAT, CLI_SNAP), TEXT(base, "FILE|last"),
	  .help = "compare with an earlier snapshot; no waiting" },
	{ OPTION("no-follow", WHAT, CLI_RUN_COMMAND), FLAG(no_follow),
	  .help = "only the command, not what it starts" },
	{ OPTION("wrap", WHAT, CLI_RUN_COMMAND), FLAG(wrap),
	  .help = "for tests: --fail-above 0; runs any program" },
	{ OPTION("every", WHEN, CLI_RUN_COMMAND), DURATION(every_us),
	  .help = "snapshots for what is killed (30s, after 60s)", .min = 1 },
	{ OPTION("sample", WHAT, CLI_RUN_COMMAND), TEXT(sample, "SIZE"),
	  .help = "a sample every 512K, say, not each allocation" },
	{ OPTION("jemalloc", WHAT, CLI_RUN_COMMAND), TEXT(jemalloc, "FILE"),
	  .help = "the library to preload (libjemalloc.so.2)" },
	{ OPTION("activate", WHEN, CLI_SNAP), FLAG(activate),
	  .help = "prof.active on for the time of the run" },
	{ OPTION("dry-run", WHEN, CLI_SNAP), FLAG(dry_run),
	  .help = "all but the dump: whether it can be taken" },
	{ OPTION("interval", WHEN, CLI_INSPECT), DURATION(interval_us),
	  .letter = 'i', .help = "what comes within that time" },
	{ OPTION("interval", WHEN, CLI_SNAP | CLI_STATS), DURATION(interval_us),
	  .letter = 'i',
	  .help = "from the first to the last (10s); Ctrl-C: now" },
	{ OPTION("count", WHEN, CLI_SNAP), NUMBER(count, "N"), .letter = 'n',
	  .help = "exactly so many; more than 2: a trend", .min = 1,
	  .max = 1000000, .want = "want a number, at least 1" },
	{ OPTION("count", WHEN, CLI_STATS), NUMBER(count, "N"), .letter = 'n',
	  .help = "1 or 2 readings (1; with -i 2)", .min = 1, .max = 2,
	  .want = "stats takes one or two readings" },
	{ OPTION("when", WHEN, CLI_SNAP), LIST(when_texts, "CONDITION"),
	  .help = "wait for it: rss:6G, limit:90%, growth:1G" },
	{ OPTION("timeout", WHEN, CLI_INSPECT), DURATION(timeout_us),
	  .help = "how long to search its files (10s)", .min = 1 },
	{ OPTION("timeout", WHEN, LIVE), DURATION(timeout_us),
	  .help = "how long to look for a safe moment (10s)", .min = 1 },
	{ OPTION("no-stats", WHEN, CLI_SNAP), FLAG(no_stats),
	  .help = "ask for no counters, only for the profile" },
	{ OPTION("max-pause", WHEN, LIVE), DURATION(max_pause_us),
	  .help = "give up when a thread is stopped for longer", .min = 1 },
	{ OPTION("max-dump", WHEN, CLI_SNAP), SIZE(max_dump),
	  .help = "take no larger one (4G, or 1/4 of what is free)", .min = 1 },
	{ OPTION("max-memory", WHEN, CLI_INSPECT), SIZE(max_memory),
	  .help = "of its own; more: no leaks (1/4 of what is free)",
	  .min = 1 },
	{ OPTION("output", WHERE, ALL), TEXT(output, "FILE"), .letter = 'o',
	  .help = "its ending tells the format: .json, ..." },
	{ OPTION("format", WHERE, STACKS & ~CLI_DIFF),
	  CHOICE(format, format_names, "FORMAT"), .letter = 'f',
	  .help = "text, tree, html, svg, json, csv, folded,\n"
		  "                             dot, jeprof, pprof, markdown,\n"
		  "                             junit or sarif (text)",
	  .want = FORMAT_WANT },
	{ OPTION("format", WHERE, CLI_DIFF),
	  CHOICE(format, format_names, "FORMAT"), .letter = 'f',
	  .help = "text, tree, html, svg, json, csv, folded,\n"
		  "                             dot, pprof, markdown, junit or\n"
		  "                             sarif (text)",
	  .want = FORMAT_WANT },
	{ OPTION("format", WHERE, ONE | CLI_LIST | CLI_CHECK),
	  CHOICE(format, plain_formats, "FORMAT"), .letter = 'f',
	  .help = "text or json (text)", .want = "want text or json" },
	{ OPTION("report", WHERE, CLI_CHECK), TEXT(check_report, "FILE"),
	  .help = "all that can explain a refusal, to send on" },
	{ OPTION("save", WHERE, CLI_SNAP), TEXT(save_dir, "DIR"),
	  .help = "where snapshots are kept (.)" },
	{ OPTION("save-all", WHERE, CLI_SNAP), FLAG(save_all),
	  .help = "those in between, too" },
	{ OPTION("no-save", WHERE, CLI_SNAP), FLAG(no_save),
	  .help = "keep no snapshots" },
	{ OPTION("exec", WHERE, CLI_SNAP), TEXT(exec, "COMMAND"),
	  .help = "after --when: run it for $HEAPSNAP_FILE" },
	{ OPTION("top", REPORT, STACKS | ONE), NUMBER(top, "N"),
	  .help = "so many of them; 0: all (10; JSON: all)", .max = INT64_MAX,
	  .want = "want a number" },
	{ OPTION("sort", REPORT, STACKS), CHOICE(sort, sorts, "bytes|objects"),
	  .help = "what counts as largest (bytes)",
	  .want = "want bytes or objects" },
	{ OPTION("by", REPORT, CLI_MERGE), CHOICE(by, merge_groups, "WHAT"),
	  .help = "stack, function, line, file, module",
	  .want = "want stack, function, line, file or module; threads are "
		  "numbered in each process" },
	{ OPTION("by", REPORT, STACKS & ~CLI_MERGE), CHOICE(by, groups, "WHAT"),
	  .help = "stack, function, line, file, module, thread",
	  .want = "want stack, function, line, file, module or thread" },
	{ OPTION("columns", REPORT, STACKS), TEXT(columns, "LIST"),
	  .help = "of the tree: thread, module" },
	{ OPTION("folded-diff", REPORT, CLI_SNAP | CLI_DIFF),
	  CHOICE(folded_diff, folded_diffs, "columns|signed"),
	  .help = "before and after, or the change (columns)",
	  .want = "want columns or signed" },
	{ OPTION("inuse", REPORT, STACKS), FLAG(inuse),
	  .help = "what is in use (that)" },
	{ OPTION("alloc", REPORT, STACKS), FLAG(alloc),
	  .help = "what was allocated since the start" },
	{ OPTION("significant", REPORT, STACKS), FLAG(significant),
	  .help = "only what is beyond sampling noise" },
	{ OPTION("fail-above", REPORT, CLI_SNAP | CLI_DIFF),
	  TEXT(fail_above.text, "SIZE[/s]"),
	  .help = "exit with 1 if more than that grew for sure" },
	{ OPTION("fail-above", REPORT, CLI_RUN_COMMAND),
	  TEXT(fail_above.text, "SIZE"),
	  .help = "exit with 1 if more than that is left" },
	{ OPTION("fail-on", REPORT, CLI_SNAP | CLI_DIFF),
	  CHOICE(fail_above.on, grown, "heap|rss"),
	  .help = "what must not: all resident memory is rss (heap)",
	  .want = "want heap or rss" },
	{ OPTION("focus", FILTER, STACKS), PATTERN(focus),
	  .help = "only stacks with a frame that matches" },
	{ OPTION("ignore", FILTER, STACKS), PATTERN(ignore),
	  .help = "no stacks with a frame that matches" },
	{ OPTION("thread", FILTER, STACKS), PATTERN(thread),
	  .help = "only what such threads allocated" },
	{ OPTION("suppressions", FILTER, STACKS),
	  TEXT(suppressions_path, "FILE"),
	  .help = "no stacks that 'leak:' lines match" },
	{ OPTION("no-default-suppressions", FILTER, CLI_RUN_COMMAND),
	  FLAG(no_default_suppressions),
	  .help = "also what libc and ld.so always keep" },
	{ OPTION("print-suppressions", FILTER, CLI_RUN_COMMAND),
	  FLAG(print_suppressions),
	  .help = "no report: 'leak:' lines that match it" },
	{ OPTION("fold", FILTER, STACKS), LIST(folds, "REGEX|none"),
	  .help = "take them for malloc's wrappers; none: show all" },
	{ OPTION("hide", FILTER, STACKS), PATTERN(hide),
	  .help = "leave out frames that match" },
	{ OPTION("show", FILTER, STACKS), PATTERN(show),
	  .help = "leave out frames that do not match" },
	{ OPTION("arenas", REPORT, CLI_STATS), FLAG(arenas),
	  .help = "also each of jemalloc's arenas" },
	{ OPTION("bytes", REPORT, STACKS | ONE | CLI_LIST), FLAG(bytes),
	  .help = "exact numbers instead of KiB and MiB" },
	{ OPTION("color", REPORT, ALL), CHOICE(color, colors, "WHEN"),
	  .help = "auto, always or never",
	  .want = "want auto, always or never" },
	{ OPTION("no-pager", REPORT, CLI_SNAP | FILES | ONE), FLAG(no_pager),
	  .help = "write to the terminal, however long it is" },
	{ OPTION("demangle", NAMES, STACKS | CLI_INSPECT),
	  CHOICE(demangle, demangle_styles, "STYLE"),
	  .help = "short, full (with parameters) or none (short)",
	  .want = "want short, full or none" },
	{ OPTION("addresses", NAMES, STACKS), FLAG(addresses),
	  .help = "where each call is, as addr2line takes it" },
	{ OPTION("no-inlines", NAMES, STACKS), FLAG(no_inlines),
	  .help = "functions as compiled, not as written" },
	{ OPTION("debug-dir", NAMES, STACKS | CLI_STATS | CLI_CHECK),
	  LIST(debug_dirs, "DIR"),
	  .help = "also look here for debug files; repeatable" },
	{ OPTION("sysroot", NAMES, CLI_SNAP | FILES | CLI_CHECK),
	  TEXT(sysroot, "DIR"), .help = "where the files of its machine are" },
	{ OPTION("debuginfod", NAMES, STACKS | CLI_CHECK), FLAG(debuginfod),
	  .help = "also ask the servers of DEBUGINFOD_URLS" },
	{ OPTION("no-cache", NAMES, STACKS | CLI_CHECK), FLAG(no_cache),
	  .help = "neither use nor keep names of earlier runs" },
	{ OPTION("mallctl-address", EXPERT, LIVE), ADDRESS(mallctl_address),
	  .help = "where mallctl() is, when it is not found",
	  .want = "want an address such as 0x55d0c0de1000" },
	{ OPTION("assume-seccomp-allows", EXPERT, LIVE),
	  FLAG(assume_seccomp_allows),
	  .help = "its seccomp filter cannot be read; go on" },
	{ OPTION("no-syslog", EXPERT, LIVE), FLAG(no_syslog),
	  .help = "no line there for each attach by root" },
	{ OPTION("quiet", GENERAL, ALL), FLAG(quiet), .letter = 'q',
	  .help = "no progress, no warnings" },
	{ OPTION("verbose", GENERAL, STACKS), FLAG(verbose), .letter = 'v',
	  .help = "all frames; more of what is done" },
	{ OPTION("verbose", GENERAL, CLI_STATS), FLAG(verbose), .letter = 'v',
	  .help = "more of what is done" },
	{ OPTION("verbose", GENERAL, CLI_CHECK), FLAG(verbose), .letter = 'v',
	  .help = "each thread, its stack and verdict" },
	{ OPTION("verbose", GENERAL, CLI_LIST | CLI_INSPECT), FLAG(verbose),
	  .letter = 'v', .help = "changes nothing here" },
	{ OPTION("help", GENERAL, ALL | CLI_COMPLETION), ACTION(CLI_HELP),
	  .letter = 'h', .help = "this text" },
	{ OPTION("version", GENERAL, ALL | CLI_COMPLETION), ACTION(CLI_VERSION),
	  .help = "which heapsnap this is" },
	{ .name = NULL },
};
