#include "cli/options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "cli/completion.h"
#include "cli/filters.h"
#include "output/format_names.h"
#include "cli/option_table.h"

enum { DEFAULT_TOP = 10, DEFAULT_INTERVAL_US = 10 * 1000000 };

/* Mark --top, -n and -i that were not given. */
static const uint64_t not_given = UINT64_MAX;
static const int64_t interval_not_given = -1;

void cli_options_release(struct cli_options *o)
{
	free(o->pids);
	free((void *)o->operands);
	free((void *)o->debug_dirs);
	filters_release(o);
	*o = (struct cli_options){ 0 };
}

static const struct option_row *find_long(const char *name, size_t len)
{
	const struct option_row *row;

	for (row = option_table; row->name; row++)
		if (strlen(row->name) == len &&
		    memcmp(row->name, name, len) == 0)
			return row;
	return NULL;
}

static const struct option_row *find_letter(char letter)
{
	const struct option_row *row;

	for (row = option_table; row->name; row++)
		if (row->letter == letter)
			return row;
	return NULL;
}

/* Adds @value to a list as OPTION_LIST describes it. */
static struct hs_error *list_add(const char *const **items, size_t *n,
				 size_t *cap, const char *value)
{
	const char **list = (const char **)*items;

	if (!ARRAY_GROW(list, *cap, *n + 1))
		return hs_error_nomem();
	list[(*n)++] = value;
	*items = list;
	return NULL;
}

static bool choose(const struct option_row *row, const char *value,
		   uint64_t *ret)
{
	size_t i;

	for (i = 0; *value && row->choices[i]; i++)
		if (strcmp(row->choices[i], value) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

static bool parse_address(const char *value, uint64_t *ret)
{
	if (strncmp(value, "0x", 2) == 0)
		value += 2;
	return parse_hex(value, strlen(value), ret) && *ret;
}

static struct hs_error *add_pid(struct cli_options *o, uint64_t pid)
{
	size_t i;

	for (i = 0; i < o->n_pids; i++)
		if (o->pids[i] == pid)
			return NULL;
	if (!ARRAY_GROW(o->pids, o->pids_cap, o->n_pids + 1))
		return hs_error_nomem();
	o->pids[o->n_pids++] = pid;
	o->pid = o->pids[0];
	return NULL;
}

/* Stores @value, which is NULL for options that take none. */
static struct hs_error *set(struct cli_options *o, const struct option_row *row,
			    const char *value)
{
	void *at = (char *)o + row->offset;
	uint64_t n = 0;
	bool ok = true;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		break;
	case OPTION_ACTION:
		*(enum cli_action *)at = (enum cli_action)row->min;
		break;
	case OPTION_TEXT:
		*(const char **)at = value;
		break;
	case OPTION_LIST: /* there is but one */
		return list_add(&o->debug_dirs, &o->n_debug_dirs,
				&o->debug_dirs_cap, value);
	case OPTION_PID:
		ok = parse_range(value, row->min, row->max, &n);
		if (!ok)
			break;
		return add_pid(o, n);
	case OPTION_NUMBER:
		ok = parse_range(value, row->min, row->max, at);
		break;
	case OPTION_DURATION:
		ok = parse_duration(value, at) &&
		     *(int64_t *)at >= (int64_t)row->min;
		break;
	case OPTION_ADDRESS:
		ok = parse_address(value, at);
		break;
	case OPTION_CHOICE:
		ok = choose(row, value, &n);
		*(uint64_t *)at = n;
		break;
	}
	if (!ok)
		return hs_error_new(HS_ERROR_USAGE, "invalid --%s '%s': %s",
				    row->name, value, row->want);
	return NULL;
}

/* Where the parser is. */
struct arguments {
	char *const *argv;
	int argc, next;
	int command; /* index of the command's name; 0: none */
};

static struct hs_error *check_command(const struct cli_options *o,
				      const struct option_row *row)
{
	if (row->commands & o->command)
		return NULL;
	return hs_error_new(HS_ERROR_USAGE, "--%s is not an option of '%s'",
			    row->name, command_row(o->command)->name);
}

/* "--name", "--name value" or "--name=value". No abbreviations: scripts that
 * use them break when an option is added. */
static struct hs_error *parse_long(struct cli_options *o, struct arguments *a,
				   const char *text)
{
	size_t len = strcspn(text, "=");
	const struct option_row *row = find_long(text, len);
	const char *value = text[len] ? text + len + 1 : NULL;
	struct hs_error *err;

	if (!row)
		return hs_error_new(HS_ERROR_USAGE, "unknown option '--%.*s'",
				    (int)len, text);
	err = check_command(o, row);
	if (err)
		return err;
	if (!row->arg && value)
		return hs_error_new(HS_ERROR_USAGE, "--%s takes no argument",
				    row->name);
	if (row->arg && !value) {
		if (a->next >= a->argc)
			return hs_error_new(HS_ERROR_USAGE, "--%s needs a %s",
					    row->name, row->arg);
		value = a->argv[a->next++];
	}
	return set(o, row, value);
}

/* "-q", "-qv", "-n1" or "-n 1". */
static struct hs_error *parse_letters(struct cli_options *o,
				      struct arguments *a, const char *text)
{
	const struct option_row *row;
	const char *value;
	struct hs_error *err;

	for (; *text; text++) {
		row = find_letter(*text);
		if (!row)
			return hs_error_new(HS_ERROR_USAGE,
					    "unknown option '-%c'", *text);
		err = check_command(o, row);
		if (err)
			return err;
		if (!row->arg) {
			err = set(o, row, NULL);
			if (err)
				return err;
			continue;
		}
		value = text + 1;
		if (!*value && a->next < a->argc)
			value = a->argv[a->next++];
		if (!*value)
			return hs_error_new(HS_ERROR_USAGE, "-%c needs a %s",
					    *text, row->arg);
		return set(o, row, value);
	}
	return NULL;
}

static struct hs_error *parse_all(struct cli_options *o, struct arguments *a)
{
	struct hs_error *err = NULL;
	bool only_operands = false;
	const char *text;

	while (!err && a->next < a->argc) {
		if (a->next == a->command) {
			a->next++;
			continue;
		}
		text = a->argv[a->next++];
		if (only_operands || text[0] != '-' || !text[1])
			err = list_add(&o->operands, &o->n_operands,
				       &o->operands_cap, text);
		else if (strcmp(text, "--") == 0)
			only_operands = true;
		else if (text[1] == '-')
			err = parse_long(o, a, text + 2);
		else
			err = parse_letters(o, a, text + 1);
	}
	return err;
}

/* Whether the option @text takes the word after it. */
static bool takes_next(const char *text)
{
	const struct option_row *row;
	size_t len;

	if (text[1] == '-') {
		len = strcspn(text + 2, "=");
		row = find_long(text + 2, len);
		return row && row->arg && !text[2 + len];
	}
	for (text++; *text; text++) {
		row = find_letter(*text);
		if (row && row->arg)
			return !text[1];
	}
	return false;
}

/* Index of the first word that is no option, or argc. */
static int first_word(int argc, char *const *argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return argc;
		if (argv[i][0] != '-' || !argv[i][1])
			return i;
		if (takes_next(argv[i]))
			i++;
	}
	return argc;
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
	return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
					  "cannot tell the format from the "
					  "name '%s'",
					  path),
			     "let it end in %s, or say -f FORMAT",
			     strbuf_str(&endings));
}

/* The format that was asked for, by name or by the file's. */
static struct hs_error *finish_format(struct cli_options *o)
{
	if (o->output && strcmp(o->output, "-") == 0)
		o->output = NULL;
	if (o->format != FORMAT_AUTO)
		return NULL;
	if (!o->output || strncmp(o->output, "/dev/", 5) == 0)
		o->format = FORMAT_TEXT;
	else if (ends_with(o->output, ".heap") && o->n_pids < 2 &&
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
	if (!(o->command & (CLI_STATS | CLI_LIST)) ||
	    o->format == FORMAT_TEXT || o->format == FORMAT_JSON)
		return NULL;
	return hs_error_new(HS_ERROR_USAGE,
			    "-f %s: %s has no stacks, only text and json",
			    format_names[o->format],
			    command_row(o->command)->name);
}

/* The format has no negative numbers: jeprof subtracts itself. */
static struct hs_error *check_jeprof(const struct cli_options *o)
{
	if (o->format != FORMAT_JEPROF ||
	    o->command & (CLI_REPORT | CLI_MERGE) ||
	    (o->command == CLI_SNAP && o->count == 1 && !o->base))
		return NULL;
	return hs_error_hint(
		hs_error_new(HS_ERROR_USAGE,
			     "-f jeprof is for one snapshot, not for a diff"),
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
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "--columns is for the tree"),
				     "say -f tree, too");
	for (; word; word = word[len] ? word + len + 1 : NULL) {
		len = strcspn(word, ",");
		if (len == 6 && !memcmp(word, "thread", len))
			o->thread_column = true;
		else if (len == 6 && !memcmp(word, "module", len))
			o->module_column = true;
		else
			return hs_error_new(HS_ERROR_USAGE,
					    "invalid --columns '%s': want "
					    "thread, module or both with a "
					    "comma",
					    o->columns);
	}
	return NULL;
}

static bool all_digits(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

static struct hs_error *check_which(const struct cli_options *o)
{
	if (!o->pid)
		return hs_error_new(HS_ERROR_USAGE,
				    "which process? give it with -p PID");
	if (o->n_pids > 1 && o->command != CLI_SNAP)
		return hs_error_new(HS_ERROR_USAGE, "%s takes one process",
				    command_row(o->command)->name);
	return NULL;
}

/* A process is given, in the one way there is. */
static struct hs_error *check_pid(const struct cli_options *o)
{
	const char *word = o->n_operands ? o->operands[0] : NULL;

	if (word && all_digits(word) && !o->pid)
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "no command is named '%s'",
						  word),
				     "a process is given with -p: "
				     "'heapsnap -p %s'",
				     word);
	if (word)
		return hs_error_new(HS_ERROR_USAGE, "unexpected argument '%s'",
				    word);
	return check_which(o);
}

/* What is about one process. */
static struct hs_error *check_several(const struct cli_options *o)
{
	if (o->n_pids < 2 && !o->children)
		return NULL;
	if (o->base)
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "--base is for one process"),
				     "'heapsnap merge' makes one of several "
				     "snapshots, 'heapsnap diff' compares");
	if (o->activate)
		return hs_error_new(HS_ERROR_USAGE,
				    "--activate is for one process");
	if (o->by == ROWS_THREADS)
		return hs_error_new(HS_ERROR_USAGE,
				    "--by thread is for one process: threads "
				    "are numbered in each");
	return NULL;
}

static struct hs_error *check_stats(struct cli_options *o)
{
	struct hs_error *err = check_pid(o);

	if (err)
		return err;
	if (o->count == not_given)
		o->count = o->interval_us == interval_not_given ? 1 : 2;
	if (o->count > 2)
		return hs_error_new(HS_ERROR_USAGE,
				    "-n %" PRIu64 ": stats takes one or two "
				    "readings",
				    o->count);
	return NULL;
}

static struct hs_error *check_snap(struct cli_options *o)
{
	struct hs_error *err = check_pid(o);

	if (err)
		return err;
	if (o->base && o->count != not_given && o->count > 1)
		return hs_error_new(HS_ERROR_USAGE,
				    "--base takes one snapshot: "
				    "-n %" PRIu64 " does not go with it",
				    o->count);
	if (o->count == not_given)
		o->count = o->base ? 1 : 2;
	if (o->no_save && o->save_dir)
		return hs_error_new(HS_ERROR_USAGE,
				    "--save and --no-save contradict each "
				    "other");
	if (!o->save_dir)
		o->save_dir = ".";
	return check_several(o);
}

static struct hs_error *check_files(const struct cli_options *o)
{
	size_t want = o->command == CLI_REPORT ? 1 : 2, i, stdins = 0;

	if (o->n_operands < want)
		return hs_error_new(HS_ERROR_USAGE,
				    want == 2 ? "%s needs two files"
					      : "%s needs a file",
				    command_row(o->command)->name);
	if (o->command == CLI_MERGE && o->by == ROWS_THREADS)
		return hs_error_new(HS_ERROR_USAGE,
				    "--by thread is not for merge: threads are "
				    "numbered in each process");
	if (o->command == CLI_REPORT && o->n_operands > want)
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "report takes one file"),
				     "'heapsnap diff' compares two, and tells "
				     "the trend of more");
	for (i = 0; i < o->n_operands; i++)
		stdins += strcmp(o->operands[i], "-") == 0;
	if (stdins > 1)
		return hs_error_new(HS_ERROR_USAGE,
				    "only one of the files can be '-'");
	return NULL;
}

static struct hs_error *check_shell(const struct cli_options *o)
{
	if (o->n_operands == 1 && completion_knows(o->operands[0]))
		return NULL;
	return hs_error_new(HS_ERROR_USAGE,
			    "completion needs a shell: " COMPLETION_SHELLS);
}

/* The options of `check' itself. */
static struct hs_error *check_check(const struct cli_options *o)
{
	if (o->n_operands)
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "unexpected argument '%s'",
						  o->operands[0]),
				     "a process is given with -p");
	return check_which(o);
}

static struct hs_error *check_check_format(const struct cli_options *o)
{
	if (o->command != CLI_CHECK || o->format == FORMAT_TEXT ||
	    o->format == FORMAT_JSON)
		return NULL;
	return hs_error_new(HS_ERROR_USAGE,
			    "check is told as text or json, not as %s",
			    format_names[o->format]);
}

static struct hs_error *check_what(struct cli_options *o)
{
	switch (o->command) {
	case CLI_SNAP:
		return check_snap(o);
	case CLI_STATS:
		return check_stats(o);
	case CLI_LIST:
		if (o->n_operands)
			return hs_error_new(HS_ERROR_USAGE,
					    "unexpected argument '%s'",
					    o->operands[0]);
		return NULL;
	case CLI_COMPLETION:
		return check_shell(o);
	case CLI_CHECK:
		return check_check(o);
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

static struct hs_error *unknown_command(const char *name)
{
	return hs_error_new(HS_ERROR_USAGE, "unknown command '%s'", name);
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
		return hs_error_new(HS_ERROR_USAGE, "unexpected argument '%s'",
				    argv[1]);
	command = command_find(argv[0]);
	if (!command)
		return unknown_command(argv[0]);
	ret->action = CLI_HELP;
	ret->command = command->command;
	return NULL;
}

struct hs_error *cli_options_parse(int argc, char *const *argv,
				   struct cli_options *ret)
{
	struct arguments a = { .argv = argv, .argc = argc, .next = 1 };
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
			hs_error_new(HS_ERROR_USAGE, "nothing to do"),
			"'heapsnap -p PID' or 'heapsnap diff BEFORE AFTER'; "
			"'heapsnap --help' tells more");
	if (strcmp(argv[1], "help") == 0)
		return hs_error_hint(parse_help(argc - 2, argv + 2, ret),
				     "try 'heapsnap --help'");
	word = first_word(argc, argv);
	command = word < argc ? command_find(argv[word]) : NULL;
	if (command) {
		ret->command = command->command;
		a.command = word;
	} else if (word == 1 && argv[1][0] != '-' && !all_digits(argv[1])) {
		return hs_error_hint(unknown_command(argv[1]),
				     "try 'heapsnap --help'");
	}
	err = parse_all(ret, &a);
	if (ret->action == CLI_HELP && !command && !ret->pid)
		ret->action = CLI_OVERVIEW;
	if (!err)
		err = finish(ret);
	return hs_error_hint(err, "try 'heapsnap%s%s --help'",
			     command ? " " : "", command ? command->name : "");
}
