#include "options/command_line.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "options/commands.h"
#include "options/completion.h"
#include "options/filters.h"
#include "options/foreign_options.h"
#include "options/implied.h"
#include "options/option_table.h"
#include "options/shells_assets.h"
#include "output/format_names.h"

enum { DEFAULT_TOP = 10, DEFAULT_INTERVAL_US = 10 * 1000000 };

/* Mark --top, -n and -i that were not given. */
static const uint64_t not_given = UINT64_MAX;
static const int64_t interval_not_given = -1;

#define usage(...) hs_error_new(HS_ERROR_USAGE, __VA_ARGS__)

void cli_options_release(struct cli_options *o)
{
	free(o->processes.items);
	free(o->pids.items);
	free(o->operands.items);
	free(o->debug_dirs.items);
	free(o->folds.items);
	free(o->when_texts.items);
	free(o->whens);
	strbuf_release(&o->wrapper_text);
	filters_release(o);
	*o = (struct cli_options){ 0 };
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len > n && strcmp(s + len - n, end) == 0;
}

static struct hs_error *unknown_ending(const char *path)
{
	_cleanup_strbuf_ struct strbuf endings = { 0 };

	format_add_endings(&endings);
	return hs_error_hint(
		usage("cannot tell the format from the name '%s'", path),
		"let it end in %s, or say -f FORMAT", strbuf_str(&endings));
}

/* The format that was asked for, by name or by the file's. */
static struct hs_error *finish_format(struct cli_options *o)
{
	if (o->output && strcmp(o->output, "-") == 0)
		o->output = NULL;
	if (o->format != FORMAT_AUTO)
		return NULL;
	if (!o->output || strncmp(o->output, "/dev/", 5) == 0 ||
	    o->print_suppressions)
		o->format = FORMAT_TEXT;
	else if (ends_with(o->output, ".heap") && o->processes.n < 2 &&
		 !o->children &&
		 (o->command == CLI_MERGE ||
		  (o->command == CLI_SNAP && o->count == 1 && !o->base)))
		o->format = FORMAT_HEAP;
	else
		o->format = format_of_path(o->output);
	return o->format == FORMAT_AUTO ? unknown_ending(o->output) : NULL;
}

static struct hs_error *check_stats_format(const struct cli_options *o)
{
	if (!(o->command & (CLI_STATS | CLI_INSPECT | CLI_LIST)) ||
	    o->format == FORMAT_TEXT || o->format == FORMAT_JSON)
		return NULL;
	return usage("-f %s: %s has no stacks, only text and json",
		     format_names[o->format], command_row(o->command)->name);
}

/* The format has no negative numbers: jeprof subtracts itself. */
static struct hs_error *check_jeprof(const struct cli_options *o)
{
	if (o->format != FORMAT_JEPROF ||
	    o->command & (CLI_REPORT | CLI_MERGE | CLI_RUN_COMMAND) ||
	    (o->command == CLI_SNAP && o->count == 1 && !o->base))
		return NULL;
	return hs_error_hint(
		usage("-f jeprof is for one snapshot, not for a diff"),
		"write one file of each with 'heapsnap report', then: jeprof "
		"--base=BEFORE.jeprof AFTER.jeprof");
}

/* --columns: words with commas between them. */
static struct hs_error *finish_columns(struct cli_options *o)
{
	const char *word = o->columns;
	size_t len;

	if (!word)
		return NULL;
	if (o->format != FORMAT_TREE)
		return hs_error_hint(usage("--columns is for the tree"),
				     "say -f tree, too");
	for (; word; word = word[len] ? word + len + 1 : NULL) {
		len = strcspn(word, ",");
		if (len == 6 && !memcmp(word, "thread", len))
			o->thread_column = true;
		else if (len == 6 && !memcmp(word, "module", len))
			o->module_column = true;
		else
			return usage("invalid --columns '%s': want thread, "
				     "module or both with a comma",
				     o->columns);
	}
	return NULL;
}

static struct hs_error *check_which(const struct cli_options *o)
{
	if (!o->processes.n)
		return usage("which process? give it with -p PID");
	if (o->processes.n > 1 && o->command & (CLI_STATS | CLI_INSPECT))
		return usage("%s takes one process",
			     command_row(o->command)->name);
	return NULL;
}

static struct hs_error *misplaced_file(const struct cli_options *o,
				       const char *file)
{
	return hs_error_hint(usage("'%s' is a file, not a process", file),
			     "to compare a process with it: heapsnap -p %s "
			     "--base %s",
			     o->processes.n ? o->processes.items[0] : "PID",
			     file);
}

/* Processes are given with -p, or as words: "-p $(pidof redis-server)" gives
 * the first of several with -p. */
static struct hs_error *check_processes(struct cli_options *o)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < o->operands.n && !err; i++) {
		if (implied_is_file(o->operands.items[i]))
			return misplaced_file(o, o->operands.items[i]);
		err = text_list_add(&o->processes, o->operands.items[i]);
	}
	return err ? err : check_which(o);
}

/* What is about one process. */
static struct hs_error *check_several(const struct cli_options *o)
{
	if (o->processes.n < 2 && !o->children)
		return NULL;
	if (o->base)
		return hs_error_hint(usage("--base is for one process"),
				     "'heapsnap merge' makes one of several "
				     "snapshots, 'heapsnap diff' compares");
	if (o->activate)
		return usage("--activate is for one process");
	if (o->n_whens)
		return hs_error_hint(usage("--when is for one process"),
				     "run one heapsnap for each that is to be "
				     "watched");
	if (o->by == ROWS_THREADS)
		return usage("--by thread is for one process: threads "
			     "are numbered in each");
	return NULL;
}

static struct hs_error *check_stats(struct cli_options *o)
{
	struct hs_error *err = check_processes(o);

	if (err)
		return err;
	if (o->leaks && o->no_contents)
		return usage("--leaks and --no-contents contradict each other");
	if (o->count == not_given)
		o->count = o->interval_us == interval_not_given ? 1 : 2;
	return NULL;
}

/* --exec, which is for what --when leaves behind. */
static struct hs_error *check_exec(const struct cli_options *o)
{
	if (!o->exec)
		return NULL;
	if (!o->n_whens)
		return usage("--exec is for what --when waits for: say --when "
			     "CONDITION, too");
	if (o->no_save)
		return usage("--exec needs a snapshot file: --no-save does not "
			     "go with it");
	return NULL;
}

/* --when, in place of the interval unless one is asked for. */
static struct hs_error *finish_whens(struct cli_options *o)
{
	struct hs_error *err = NULL;
	size_t i;

	o->whens = calloc(o->when_texts.n + 1, sizeof(*o->whens));
	if (!o->whens)
		return hs_error_nomem();
	for (i = 0; i < o->when_texts.n && !err; i++, o->n_whens++)
		err = when_parse(o->when_texts.items[i], &o->whens[i]);
	if (err)
		return err;
	o->since_start = o->n_whens && !o->base && o->count == not_given &&
			 o->interval_us == interval_not_given;
	if (o->n_whens && o->activate)
		return usage("--activate does not go with --when: what was "
			     "allocated while it waits would be in no "
			     "snapshot");
	return check_exec(o);
}

static struct hs_error *check_snap(struct cli_options *o)
{
	struct hs_error *err = check_processes(o);

	if (!err)
		err = finish_whens(o);
	if (err)
		return err;
	if (o->base && o->count != not_given && o->count > 1)
		return usage("--base takes one snapshot: -n %" PRIu64
			     " does not go with it",
			     o->count);
	o->spread = o->count == not_given && !o->base && !o->since_start;
	if (o->count == not_given)
		o->count = o->base ? 1 : 2;
	if (o->no_save && o->save_dir)
		return usage("--save and --no-save contradict each other");
	if (o->no_save && o->save_all)
		return usage("--save-all and --no-save contradict each other");
	return check_several(o);
}

static struct hs_error *too_few_files(const struct cli_options *o, size_t want)
{
	const char *name = command_row(o->command)->name;

	if (want == 1)
		return usage("%s needs a file", name);
	if (o->operands.n == 1 && o->command == CLI_DIFF)
		return hs_error_hint(
			usage("diff needs two files"),
			"'heapsnap report %s' shows one, 'heapsnap -p PID "
			"--base %s' compares a live process with it",
			o->operands.items[0], o->operands.items[0]);
	return usage("%s needs two files", name);
}

static struct hs_error *check_files(const struct cli_options *o)
{
	size_t want = o->command == CLI_REPORT ? 1 : 2, i, stdins = 0;

	if (o->operands.n < want)
		return too_few_files(o, want);
	if (o->command == CLI_REPORT && o->operands.n > want)
		return hs_error_hint(usage("report takes one file"),
				     "'heapsnap diff' compares two, and tells "
				     "the trend of more");
	for (i = 0; i < o->operands.n; i++)
		stdins += strcmp(o->operands.items[i], "-") == 0;
	if (stdins > 1)
		return usage("only one of the files can be '-'");
	return NULL;
}

/* jemalloc samples by powers of two. */
static struct hs_error *finish_sample(struct cli_options *o)
{
	uint64_t bytes;

	o->lg_sample = -1;
	if (!o->sample)
		return NULL;
	if (!parse_size(o->sample, &bytes) || !bytes || bytes & (bytes - 1))
		return usage("invalid --sample '%s': want a size that is a "
			     "power of two, such as 512K",
			     o->sample);
	o->lg_sample = __builtin_ctzll(bytes);
	return NULL;
}

static struct hs_error *check_run(struct cli_options *o)
{
	if (!o->operands.n)
		return usage("run needs a command");
	return finish_sample(o);
}

static struct hs_error *check_shell(const struct cli_options *o)
{
	if (o->operands.n == 1 && completion_knows(o->operands.items[0]))
		return NULL;
	return usage("completion needs a shell: " SHELL_NAMES);
}

static struct hs_error *check_check_format(const struct cli_options *o)
{
	if (o->command != CLI_CHECK || o->format == FORMAT_TEXT ||
	    o->format == FORMAT_JSON)
		return NULL;
	return usage("check is written as text or json, not as %s",
		     format_names[o->format]);
}

static struct hs_error *check_what(struct cli_options *o)
{
	switch (o->command) {
	case CLI_SNAP:
		return check_snap(o);
	case CLI_STATS:
	case CLI_INSPECT:
		return check_stats(o);
	case CLI_LIST:
		if (o->operands.n)
			return usage("unexpected argument '%s'",
				     o->operands.items[0]);
		return NULL;
	case CLI_COMPLETION:
		return check_shell(o);
	case CLI_CHECK:
		return check_processes(o);
	case CLI_RUN_COMMAND:
		return check_run(o);
	case CLI_DIFF:
	case CLI_REPORT:
	case CLI_MERGE:
		break;
	}
	return check_files(o);
}

static struct hs_error *finish(struct cli_options *o)
{
	struct hs_error *err;

	if (o->action != CLI_RUN)
		return NULL;
	err = check_what(o);
	if (o->interval_us == interval_not_given)
		o->interval_us = DEFAULT_INTERVAL_US;
	if (!err)
		err = finish_format(o);
	if (!err)
		err = check_jeprof(o);
	if (!err)
		err = finish_columns(o);
	if (!err)
		err = check_stats_format(o);
	if (!err)
		err = check_check_format(o);
	if (!err)
		err = filters_finish(o);
	if (o->top == not_given)
		o->top = o->format == FORMAT_TEXT ? DEFAULT_TOP : 0;
	return err;
}

/* "help" and the words behind it. */
static struct hs_error *parse_help(int argc, char *const *argv,
				   struct cli_options *ret)
{
	const struct command_row *command;

	ret->action = CLI_OVERVIEW;
	if (argc == 0)
		return NULL;
	if (argc > 1)
		return usage("unexpected argument '%s'", argv[1]);
	command = command_find(argv[0]);
	if (!command)
		return implied_unknown_command(argv[0]);
	ret->action = CLI_HELP;
	ret->command = command->command;
	return NULL;
}

/* Behind "--" there is no command. */
static const struct command_row *find_command(int argc, char *const *argv,
					      int word)
{
	if (word == argc || strcmp(argv[word - 1], "--") == 0)
		return NULL;
	return command_find(argv[word]);
}

/* A first word that is nearly a command's name, and what a command has behind
 * it: alone, it may be the name of a process. */
static bool is_mistyped_command(int argc, char *const *argv, int word)
{
	return word < argc && word + 1 < argc && !implied_is_file(argv[word]) &&
	       implied_is_near_command(argv[word]);
}

struct hs_error *cli_options_parse(int argc, char *const *argv,
				   struct cli_options *ret)
{
	struct option_parser parser = {
		.table = option_table,
		.argv = argv,
		.argc = argc,
		.options = ret,
		.operands = &ret->operands,
	};
	const struct command_row *command;
	struct hs_error *err;
	int word;

	*ret = (struct cli_options){
		.command = CLI_SNAP,
		.interval_us = interval_not_given,
		.timeout_us = 10 * 1000000,
		.count = not_given,
		.top = not_given,
	};
	if (argc < 2)
		return hs_error_hint(
			usage("nothing to do"),
			"'heapsnap -p PID' or 'heapsnap diff BEFORE AFTER'; "
			"'heapsnap list' shows the processes there are, "
			"'heapsnap --help' tells more");
	if (strcmp(argv[1], "help") == 0)
		return hs_error_hint(parse_help(argc - 2, argv + 2, ret),
				     "try 'heapsnap --help'");
	word = option_parser_next_word(option_table, argc, argv, 1);
	command = find_command(argc, argv, word);
	parser.before_command = command && command->command == CLI_RUN_COMMAND;
	err = foreign_options_check(
		parser.before_command
			? option_parser_next_word(option_table, argc, argv,
						  word + 1)
			: argc,
		argv);
	if (err)
		return err;
	if (command) {
		ret->command = command->command;
		parser.command_word = word;
	} else if (is_mistyped_command(argc, argv, word)) {
		return hs_error_hint(implied_unknown_command(argv[word]),
				     "try 'heapsnap --help'");
	} else {
		ret->command = implied_command(argc, argv);
		ret->implied = word < argc;
	}
	parser.command = ret->command;
	parser.command_name = command_row(ret->command)->name;
	err = option_parser_run(&parser);
	if (ret->action == CLI_HELP && !command && !ret->processes.n)
		ret->action = CLI_OVERVIEW;
	if (!err)
		err = finish(ret);
	return hs_error_hint(err, "try 'heapsnap%s%s --help'",
			     command ? " " : "", command ? command->name : "");
}
