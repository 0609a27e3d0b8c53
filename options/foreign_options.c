#include "options/foreign_options.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "options/commands.h"
#include "options/implied.h"
#include "options/option_table.h"

/* What has no counterpart is left out of the line. A word that is ours with two
 * dashes is foreign with one. */
static const struct foreign_row {
	const char *name; /* without dashes */
	bool argument;
	const char *ours; /* ends with a space: before the argument */
	const char *of;	  /* whose it is; NULL: pprof's, to serve a page */
} foreign_table[] = {
	{ "add_comment", true, NULL, "pprof" },
	{ "alloc_objects", false, "--alloc --sort objects",
	  "jeprof and pprof" },
	{ "alloc_space", false, "--alloc", "jeprof and pprof" },
	{ "base", true, NULL, "pprof" },
	{ "buildid", true, NULL, "pprof" },
	{ "call_tree", false, "-f tree", "pprof" },
	{ "callgrind", false, "-o heap.pb.gz", "jeprof and pprof" },
	{ "collapsed", false, "-f folded", "jeprof" },
	{ "compact_labels", false, "", "pprof" },
	{ "cum", false, "--by function", "jeprof and pprof" },
	{ "debug-syms-by-id", false, "", "jeprof" },
	{ "diff_base", true, NULL, "pprof" },
	{ "disasm", true, "--by line --addresses --focus ",
	  "jeprof and pprof" },
	{ "dot", false, "-f dot", "jeprof and pprof" },
	{ "drop_negative", false, "", "jeprof and pprof" },
	{ "duration", true, "-i ", "py-spy" },
	{ "edgefraction", true, NULL, "jeprof and pprof" },
	{ "eog", false, "-o heap.svg", "pprof" },
	{ "evince", false, "-o heap.html", "jeprof and pprof" },
	{ "exclude", true, "--hide ", "jeprof" },
	{ "files", false, "--by file", "jeprof and pprof" },
	{ "filefunctions", false, "--by function", "pprof" },
	{ "flat", false, "", "pprof" },
	{ "flamegraph", false, "-o heap.svg", "other tools" },
	{ "focus", true, "--focus ", "pprof" },
	{ "functions", false, "--by function", "jeprof and pprof" },
	{ "gif", false, "-o heap.svg", "jeprof and pprof" },
	{ "granularity", true, "--by line", "pprof" },
	{ "gv", false, "-o heap.svg", "jeprof and pprof" },
	{ "heapcheck", false, "", "jeprof" },
	{ "hide", true, "--hide ", "pprof" },
	{ "html", false, "-o heap.html", "other tools" },
	{ "http", true, "-o heap.html", NULL },
	{ "ignore", true, "--ignore ", "pprof" },
	{ "interactive", false, "-o heap.html", "jeprof" },
	{ "inuse_objects", false, "--sort objects", "jeprof and pprof" },
	{ "inuse_space", false, "", "jeprof and pprof" },
	{ "json", false, "-f json", "other tools" },
	{ "kcachegrind", false, "-o heap.pb.gz", "pprof" },
	{ "lib", true, "--debug-dir ", "jeprof" },
	{ "lib_prefix", true, "--sysroot ", "jeprof" },
	{ "lines", false, "--by line", "jeprof and pprof" },
	{ "list", true, "--by line --focus ", "jeprof and pprof" },
	{ "maxdegree", true, NULL, "jeprof" },
	{ "mean", false, "", "pprof" },
	{ "no-inline", false, "--no-inlines", "py-spy" },
	{ "nodecount", true, "--top ", "jeprof and pprof" },
	{ "nodefraction", true, NULL, "jeprof and pprof" },
	{ "noinlines", false, "--no-inlines", "pprof" },
	{ "nonblocking", false, "", "py-spy" },
	{ "normalize", false, "", "pprof" },
	{ "output", true, "-o ", "pprof" },
	{ "pdf", false, "-o heap.svg", "jeprof and pprof" },
	{ "peek", true, "-f tree --focus ", "pprof" },
	{ "png", false, "-o heap.svg", "pprof" },
	{ "proto", false, "-f pprof", "pprof" },
	{ "ps", false, "-o heap.svg", "jeprof and pprof" },
	{ "raw", false, "-f jeprof", "jeprof and pprof" },
	{ "relative_percentages", false, "", "pprof" },
	{ "retain", true, "--show ", "jeprof" },
	{ "sample_index", true, NULL, "pprof" },
	{ "scale", true, NULL, "jeprof" },
	{ "seconds", true, "-i ", "jeprof and pprof" },
	{ "show", true, "--show ", "pprof" },
	{ "show_bytes", false, "--bytes", "jeprof" },
	{ "show_from", true, "--focus ", "pprof" },
	{ "source_path", true, NULL, "pprof" },
	{ "stacks", false, "--top 0", "jeprof" },
	{ "stdio", false, "", "perf" },
	{ "svg", false, "-o heap.svg", "jeprof and pprof" },
	{ "symbolize", true, NULL, "pprof" },
	{ "symbols", false, "--by function", "jeprof" },
	{ "symfs", true, "--sysroot ", "perf" },
	{ "tagfocus", true, "--thread ", "pprof" },
	{ "text", false, "", "jeprof and pprof" },
	{ "thread", true, "--thread ", "jeprof" },
	{ "tools", true, NULL, "jeprof and pprof" },
	{ "top", false, "--by function", "pprof" },
	{ "traces", false, "--top 0", "pprof" },
	{ "tree", false, "-f tree", "pprof" },
	{ "trim", true, NULL, "pprof" },
	{ "unit", true, NULL, "pprof" },
	{ "web", false, "-o heap.html", "jeprof and pprof" },
	{ "weblist", true, "--by line --focus ", "jeprof and pprof" },
	{ NULL, false, NULL, NULL },
};

static const char default_output[] = "-o heap.";

/* What a line is made of. */
struct line {
	int argc;
	char *const *argv;
	int command_word; /* 0: none was typed */
	const char *base;
	const char *output; /* where to, unless the line says it */
	bool live;	    /* a process is meant */
	size_t n_files;
	struct strbuf operands, options;
};

static bool is_ours(const char *name, size_t len)
{
	const struct option_row *row;

	for (row = option_table; row->name; row++)
		if (strlen(row->name) == len && !memcmp(row->name, name, len))
			return true;
	return false;
}

/* The row of "-name", "--name" and "--name=value"; *value: of the last. */
static const struct foreign_row *find(const char *word, const char **value)
{
	const bool twice = word[0] == '-' && word[1] == '-';
	const char *name = word + 1 + twice;
	const size_t len = strcspn(name, "=");
	const struct foreign_row *row;

	*value = name[len] ? name + len + 1 : NULL;
	if (word[0] != '-' || len < 2 || (twice && is_ours(name, len)))
		return NULL;
	for (row = foreign_table; row->name; row++)
		if (strlen(row->name) == len && !memcmp(row->name, name, len))
			return row;
	return NULL;
}

/* A program before its profile, as jeprof and pprof want it. */
static bool is_program(const char *path)
{
	static const char magic[] = { 0x7f, 'E', 'L', 'F' };
	char start[sizeof(magic)];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd >= 0 && read(fd, start, sizeof(start)) == sizeof(start) &&
	       !memcmp(start, magic, sizeof(magic));
}

/* As a shell takes it. */
static void add_word(struct strbuf *sb, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-./:=,+@%^";

	if (*word && !word[strspn(word, plain)]) {
		strbuf_adds(sb, word);
		return;
	}
	strbuf_addc(sb, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_adds(sb, "'\\'");
		strbuf_addc(sb, *word);
	}
	strbuf_addc(sb, '\'');
}

static void add_operand(struct line *line, const char *word)
{
	if (is_program(word))
		return;
	if (implied_is_file(word))
		line->n_files++;
	else
		line->live = true;
	strbuf_addc(&line->operands, ' ');
	add_word(&line->operands, word);
}

/* Whether the line has the option that @ours begins with. */
static bool is_given(const struct line *line, const char *ours)
{
	const char *options = strbuf_str(&line->options);
	const size_t len = strcspn(ours, " ");
	const char *at;

	for (at = options; (at = strchr(at, ' ')); at++)
		if (!strncmp(at + 1, ours, len) && strchr(" =", at[1 + len]))
			return true;
	return false;
}

/* Returns the index of the word behind it. */
static int add_foreign(struct line *line, const struct foreign_row *row,
		       const char *value, int next)
{
	if (row->argument && !value && next < line->argc)
		value = line->argv[next++];
	if (strcmp(row->name, "base") == 0 ||
	    strcmp(row->name, "diff_base") == 0)
		line->base = value;
	else if (row->ours && str_starts_with(row->ours, default_output))
		line->output = row->ours;
	else if (row->ours && *row->ours && !is_given(line, row->ours))
		strbuf_addf(&line->options, " %s", row->ours);
	if (row->ours && str_ends_with(row->ours, " "))
		add_word(&line->options, value ? value : "");
	return next;
}

static int add_own(struct line *line, int at)
{
	const char *word = line->argv[at];
	const int n = option_parser_takes_next(option_table, word) ? 2 : 1;
	int i;

	line->live |= implied_gives_process(word);
	if (strncmp(word, "--base", 6) == 0) {
		line->base = word[6]		   ? word + 7
			     : at + 1 < line->argc ? line->argv[at + 1]
						   : NULL;
		return at + n;
	}
	for (i = at; i < at + n && i < line->argc; i++) {
		strbuf_addc(&line->options, ' ');
		add_word(&line->options, line->argv[i]);
	}
	return at + n;
}

/* Reads the line; *first: the first word that is foreign. */
static void read_line(struct line *line, const char **first,
		      const struct foreign_row **first_row)
{
	const struct foreign_row *row;
	const char *value;
	int i = 1;

	while (i < line->argc) {
		const char *word = line->argv[i];

		row = find(word, &value);
		if (row && !*first) {
			*first = word;
			*first_row = row;
		}
		if (row)
			i = add_foreign(line, row, value, i + 1);
		else if (word[0] == '-' && word[1])
			i = add_own(line, i);
		else if (i++ != line->command_word)
			add_operand(line, word);
	}
}

static void compose(const struct line *line, struct strbuf *sb)
{
	const char *operands = strbuf_str(&line->operands);
	const bool live = line->live && !line->n_files;

	strbuf_adds(sb, "heapsnap");
	if (line->base && !live) {
		strbuf_adds(sb, " diff ");
		add_word(sb, line->base);
	} else if (line->command_word) {
		strbuf_addf(sb, " %s", line->argv[line->command_word]);
	} else if (!live) {
		strbuf_adds(sb, line->n_files > 1 ? " diff" : " report");
	}
	strbuf_adds(sb, operands);
	if (!*operands && !live)
		strbuf_adds(sb, " FILE");
	if (line->base && live) {
		strbuf_adds(sb, " --base ");
		add_word(sb, line->base);
	}
	strbuf_adds(sb, strbuf_str(&line->options));
	if (line->output && !is_given(line, line->output))
		strbuf_addf(sb, " %s", line->output);
}

static struct hs_error *answer(const struct line *line, const char *first,
			       const struct foreign_row *row)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	struct hs_error *err;
	int len = (int)strcspn(first, "=");

	compose(line, &text);
	err = strbuf_check(&text);
	if (err)
		return err;
	if (row && !row->of)
		err = hs_error_new(HS_ERROR_USAGE,
				   "'%.*s' is an option of pprof: heapsnap "
				   "serves no page, it writes one",
				   len, first);
	else if (row)
		err = hs_error_new(HS_ERROR_USAGE, "'%.*s' is an option of %s",
				   len, first, row->of);
	else
		err = hs_error_new(HS_ERROR_USAGE,
				   "--base is for a live process; two files "
				   "are compared by 'diff'");
	return hs_error_hint(err, "type: %s", strbuf_str(&text));
}

struct hs_error *foreign_options_check(int argc, char *const *argv)
{
	struct line line = { .argc = argc, .argv = argv };
	const struct foreign_row *row = NULL;
	struct hs_error *err = NULL;
	const char *first = NULL;
	int word = option_parser_next_word(option_table, argc, argv, 1);

	if (word < argc && command_find(argv[word]))
		line.command_word = word;
	read_line(&line, &first, &row);
	if (first || (line.base && line.n_files && !line.live))
		err = answer(&line, first ? first : "--base", row);
	strbuf_release(&line.operands);
	strbuf_release(&line.options);
	return err;
}
