/*
 * options: command lines are parsed as --help describes, and an error says
 * exactly what is wrong.
 */
#include "options/command_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/commands.h"
#include "options/help.h"
#include "options/option_table.h"
#include "output/format_names.h"
#include "tests/unit/hs_check.h"

enum { MAX_WORDS = 16 };

/* Splits @line, which must live as long as the options do. */
static struct hs_error *parse(char *line, struct cli_options *o)
{
	char *argv[MAX_WORDS + 1] = { NULL }, *save = NULL, *word;
	int argc = 0;

	for (word = strtok_r(line, " ", &save); word && argc < MAX_WORDS;
	     word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	return cli_options_parse(argc, argv, o);
}

START_TEST(defaults)
{
	char line[] = "heapsnap -p 42";
	struct cli_options o;

	hs_ck_ok(parse(line, &o));
	ck_assert_int_eq(o.command, CLI_SNAP);
	ck_assert_int_eq(o.action, CLI_RUN);
	ck_assert_uint_eq(o.processes.n, 1);
	ck_assert_str_eq(o.processes.items[0], "42");
	ck_assert_int_eq(o.interval_us, 10000000);
	ck_assert_int_eq(o.timeout_us, 10000000);
	ck_assert_uint_eq(o.count, 2);
	ck_assert_uint_eq(o.top, 10);
	ck_assert_uint_eq(o.format, FORMAT_TEXT);
	ck_assert_ptr_null(o.save_dir);
	ck_assert_uint_eq(o.color, COLOR_AUTO);
	cli_options_release(&o);
}
END_TEST

START_TEST(all_forms)
{
	char line[] = "heapsnap snap -qvp42 -i 500ms --timeout=1m -n1 "
		      "--debug-dir /a --debug-dir=/b -o r.json --color never";
	struct cli_options o;

	hs_ck_ok(parse(line, &o));
	ck_assert(o.quiet && o.verbose);
	ck_assert_uint_eq(o.processes.n, 1);
	ck_assert_str_eq(o.processes.items[0], "42");
	ck_assert_int_eq(o.interval_us, 500000);
	ck_assert_int_eq(o.timeout_us, 60000000);
	ck_assert_uint_eq(o.count, 1);
	ck_assert_uint_eq(o.debug_dirs.n, 2);
	ck_assert_str_eq(o.debug_dirs.items[1], "/b");
	ck_assert_uint_eq(o.format, FORMAT_JSON);
	ck_assert_uint_eq(o.top, 0);
	ck_assert_uint_eq(o.color, COLOR_NEVER);
	cli_options_release(&o);
}
END_TEST

START_TEST(diff_and_operands)
{
	char line[] = "heapsnap diff a.heap --sort objects --top 3 -f json "
		      "--focus ^x --ignore y -- -b.heap";
	struct cli_options o;

	hs_ck_ok(parse(line, &o));
	ck_assert_int_eq(o.command, CLI_DIFF);
	ck_assert_uint_eq(o.operands.n, 2);
	ck_assert_str_eq(o.operands.items[0], "a.heap");
	ck_assert_str_eq(o.operands.items[1], "-b.heap");
	ck_assert_uint_eq(o.top, 3);
	ck_assert_int_eq(o.sort, ROWS_BY_OBJECTS);
	ck_assert_str_eq(o.focus.text, "^x");
	ck_assert_str_eq(o.ignore.text, "y");
	cli_options_release(&o);
}
END_TEST

/* Options may come before the command, with their arguments. */
START_TEST(options_first)
{
	char line[] = "heapsnap -q --top 3 -ox.txt diff a b";
	struct cli_options o;

	hs_ck_ok(parse(line, &o));
	ck_assert_int_eq(o.command, CLI_DIFF);
	ck_assert(o.quiet);
	ck_assert_uint_eq(o.top, 3);
	ck_assert_uint_eq(o.operands.n, 2);
	ck_assert_str_eq(o.operands.items[0], "a");
	cli_options_release(&o);
}
END_TEST

/* A line without a command: files or processes. */
static const struct {
	const char *line;
	enum cli_command command;
	size_t operands, processes;
} implied[] = {
	{ "heapsnap 25861", CLI_SNAP, 1, 1 },
	{ "heapsnap redis-server", CLI_SNAP, 1, 1 },
	{ "heapsnap -n 1 nginx 12 --children", CLI_SNAP, 2, 2 },
	{ "heapsnap -p 1 2 3", CLI_SNAP, 2, 3 },
	{ "heapsnap check redis-server", CLI_CHECK, 1, 1 },
	{ "heapsnap stats 7", CLI_STATS, 1, 1 },
	{ "heapsnap a.heap", CLI_REPORT, 1, 0 },
	{ "heapsnap -f json -", CLI_REPORT, 1, 0 },
	{ "heapsnap ./a --top 2", CLI_REPORT, 1, 0 },
	{ "heapsnap a.heap --by line b.heap", CLI_DIFF, 2, 0 },
	{ "heapsnap -- -a.heap -b.heap c.heap", CLI_DIFF, 3, 0 },
};

START_TEST(what_is_meant)
{
	char *line = strdup(implied[_i].line);
	struct cli_options o;

	hs_ck_ok(parse(line, &o));
	ck_assert_int_eq(o.command, implied[_i].command);
	ck_assert_uint_eq(o.operands.n, implied[_i].operands);
	ck_assert_uint_eq(o.processes.n, implied[_i].processes);
	cli_options_release(&o);
	free(line);
}
END_TEST

START_TEST(base_is_one_snapshot)
{
	char line[] = "heapsnap -p 1 --base last";
	struct cli_options o;

	hs_ck_ok(parse(line, &o));
	ck_assert_uint_eq(o.count, 1);
	ck_assert_str_eq(o.base, "last");
	cli_options_release(&o);
}
END_TEST

/* What grew until a condition holds, unless the line says what to do then. */
START_TEST(when_in_place_of_the_interval)
{
	char several[] = "heapsnap -p 1 --when rss:6G --when=limit:90%";
	char one[] = "heapsnap -p 1 -n 1 --when rss:6G --exec ls";
	char spread[] = "heapsnap -p 1 -i 1m --when rss:6G";
	struct cli_options o;

	hs_ck_ok(parse(several, &o));
	ck_assert(o.since_start && !o.spread);
	ck_assert_uint_eq(o.count, 2);
	ck_assert_uint_eq(o.n_whens, 2);
	ck_assert_int_eq(o.whens[0].kind, WHEN_RSS);
	ck_assert_int_eq(o.whens[1].kind, WHEN_LIMIT);
	cli_options_release(&o);
	hs_ck_ok(parse(one, &o));
	ck_assert(!o.since_start && !o.spread);
	ck_assert_uint_eq(o.count, 1);
	ck_assert_str_eq(o.exec, "ls");
	cli_options_release(&o);
	hs_ck_ok(parse(spread, &o));
	ck_assert(!o.since_start && o.spread);
	cli_options_release(&o);
}
END_TEST

START_TEST(heap_format)
{
	char line[] = "heapsnap -p 1 -n 1 -o x.heap";
	struct cli_options o;

	hs_ck_ok(parse(line, &o));
	ck_assert_uint_eq(o.format, FORMAT_HEAP);
	cli_options_release(&o);
}
END_TEST

#define ENDINGS                                                 \
	"let it end in .txt, .tree, .html, .svg, .json, .csv, " \
	".folded, .dot, .jeprof, .pb.gz, .md, .xml or .sarif, " \
	"or say -f FORMAT"

static const struct {
	const char *line, *want, *hint;
} wrong[] = {
	{ "heapsnap", "nothing to do",
	  "'heapsnap -p PID' or 'heapsnap diff BEFORE AFTER'; 'heapsnap list' "
	  "shows the processes there are, 'heapsnap --help' tells more" },
	{ "heapsnap help diff stats", "unexpected argument 'stats'",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 -i 5x",
	  "invalid --interval '5x': want a time such as 10s, 500ms or 5m",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 --timeout 0",
	  "invalid --timeout '0': want a time such as 10s, 500ms or 5m",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 -n 0",
	  "invalid --count '0': want a number, at least 1",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 -n 2 --base last",
	  "--base takes one snapshot: -n 2 does not go with it",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 --save /x --no-save",
	  "--save and --no-save contradict each other",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 --when rss:x",
	  "invalid --when 'rss:x': want rss:SIZE, limit:PERCENT% or "
	  "growth:SIZE, such as rss:6G, limit:90% or growth:500M",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 -p 2 --when rss:1G", "--when is for one process",
	  "run one heapsnap for each that is to be watched" },
	{ "heapsnap -p 1 --when rss:1G --activate",
	  "--activate does not go with --when: what was allocated while it "
	  "waits would be in no snapshot",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 --exec ls",
	  "--exec is for what --when waits for: say --when CONDITION, too",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 --when rss:1G --exec ls --no-save",
	  "--exec needs a snapshot file: --no-save does not go with it",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 --mallctl-address 0xzz",
	  "invalid --mallctl-address '0xzz': want an address such as "
	  "0x55d0c0de1000",
	  "try 'heapsnap --help'" },
	{ "heapsnap -p 1 diff a b", "--pid is not an option of 'diff'",
	  "try 'heapsnap diff --help'" },
	{ "heapsnap diff -p 1 a b", "--pid is not an option of 'diff'",
	  "try 'heapsnap diff --help'" },
	{ "heapsnap diff - -", "only one of the files can be '-'",
	  "try 'heapsnap diff --help'" },
	{ "heapsnap report", "report needs a file",
	  "try 'heapsnap report --help'" },
	{ "heapsnap report a b", "report takes one file",
	  "'heapsnap diff' compares two, and tells the trend of more" },
	{ "heapsnap report a --quiet=1", "--quiet takes no argument",
	  "try 'heapsnap report --help'" },
	{ "heapsnap report a -f pdf", "invalid --format 'pdf': " FORMAT_WANT,
	  "try 'heapsnap report --help'" },
	{ "heapsnap report a --top many", "invalid --top 'many': want a number",
	  "try 'heapsnap report --help'" },
	{ "heapsnap report a --focus (",
	  "invalid --focus '(': Unmatched ( or \\(",
	  "try 'heapsnap report --help'" },
	{ "heapsnap report a -o x.pdf",
	  "cannot tell the format from the name 'x.pdf'", ENDINGS },
	{ "heapsnap report a -o x.heap",
	  "cannot tell the format from the name 'x.heap'", ENDINGS },
};

START_TEST(wrong_lines)
{
	char *line = strdup(wrong[_i].line);
	struct cli_options o;

	hs_ck_err_hint(parse(line, &o), HS_ERROR_USAGE, wrong[_i].want,
		       wrong[_i].hint);
	cli_options_release(&o);
	free(line);
}
END_TEST

/* --help works however wrong the rest would be. */
START_TEST(help_and_version)
{
	char help[] = "heapsnap diff --help", version[] = "heapsnap --version";
	struct cli_options o;

	hs_ck_ok(parse(help, &o));
	ck_assert_int_eq(o.action, CLI_HELP);
	ck_assert_int_eq(o.command, CLI_DIFF);
	cli_options_release(&o);
	hs_ck_ok(parse(version, &o));
	ck_assert_int_eq(o.action, CLI_VERSION);
	cli_options_release(&o);
}
END_TEST

/* Fits a screen of 40 lines of 80 columns. Changes @text. */
static void check_screen(char *text)
{
	char *line, *next = text;
	size_t n = 0;

	while ((line = strsep(&next, "\n"))) {
		ck_assert_msg(strlen(line) <= 80, "%s", line);
		n += next != NULL;
	}
	ck_assert_uint_le(n, 40);
}

/* Of several rows with one name each is for other commands. */
static bool takes(const struct command_row *command, const char *name)
{
	const struct option_row *row;
	int n = 0;

	for (row = option_table; row->name; row++)
		n += !strcmp(row->name, name) &&
		     row->commands & command->command;
	ck_assert_msg(n <= 1, "%d rows of --%s for %s", n, name, command->name);
	return n;
}

/* Each command's help has its options and no others, on one screen. */
START_TEST(help_is_the_table)
{
	const struct command_row *command = &command_table[_i];
	const struct option_row *row;
	struct strbuf sb = { 0 };
	char want[64];

	help_add(&sb, command->command);
	for (row = option_table; row->name; row++) {
		snprintf(want, sizeof(want), " --%s%s", row->name,
			 row->arg ? " " : "");
		ck_assert_msg((strstr(sb.buf, want) != NULL) ==
				      takes(command, row->name),
			      "%s in %s", want, command->name);
	}
	check_screen(sb.buf);
	strbuf_release(&sb);
}
END_TEST

/* What is said when no command is asked about: all of them. */
START_TEST(overview_tells_the_commands)
{
	const struct command_row *row;
	struct strbuf sb = { 0 };
	char want[64];

	help_add_overview(&sb);
	for (row = command_table; row->name; row++) {
		snprintf(want, sizeof(want), "  heapsnap %s ", row->usage);
		ck_assert_msg(strstr(sb.buf, want) != NULL, "%s", want);
		ck_assert_msg(strstr(sb.buf, row->summary) != NULL, "%s",
			      row->summary);
	}
	check_screen(sb.buf);
	strbuf_release(&sb);
}
END_TEST

static const struct {
	const char *argv[4];
	enum cli_action action;
	enum cli_command command;
} helps[] = {
	{ { "heapsnap", "--help" }, CLI_OVERVIEW, CLI_SNAP },
	{ { "heapsnap", "help" }, CLI_OVERVIEW, CLI_SNAP },
	{ { "heapsnap", "help", "stats" }, CLI_HELP, CLI_STATS },
	{ { "heapsnap", "snap", "--help" }, CLI_HELP, CLI_SNAP },
	{ { "heapsnap", "-p1", "--help" }, CLI_HELP, CLI_SNAP },
};

START_TEST(ways_to_ask_for_help)
{
	struct cli_options o;
	int argc = 0;

	while (helps[_i].argv[argc])
		argc++;
	hs_ck_ok(cli_options_parse(argc, (char *const *)helps[_i].argv, &o));
	ck_assert_int_eq(o.action, helps[_i].action);
	ck_assert_int_eq(o.command, helps[_i].command);
	cli_options_release(&o);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");
	int n_commands = 0;

	tcase_add_test(tcase, defaults);
	tcase_add_test(tcase, all_forms);
	tcase_add_test(tcase, diff_and_operands);
	tcase_add_test(tcase, options_first);
	tcase_add_loop_test(tcase, what_is_meant, 0,
			    sizeof(implied) / sizeof(implied[0]));
	tcase_add_test(tcase, base_is_one_snapshot);
	tcase_add_test(tcase, when_in_place_of_the_interval);
	tcase_add_test(tcase, heap_format);
	tcase_add_loop_test(tcase, wrong_lines, 0,
			    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tcase, help_and_version);
	while (command_table[n_commands].name)
		n_commands++;
	tcase_add_loop_test(tcase, help_is_the_table, 0, n_commands);
	tcase_add_test(tcase, overview_tells_the_commands);
	tcase_add_loop_test(tcase, ways_to_ask_for_help, 0,
			    sizeof(helps) / sizeof(helps[0]));
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
