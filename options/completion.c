#include "options/completion.h"

#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "base/str.h"
#include "options/commands.h"
#include "options/option_table.h"
#include "options/shells_assets.h"

/* The kinds of words that follow an option. */
enum argument { NO_ARGUMENT, ANY, PID, FILES, FOLDERS, CHOICES, N_ARGUMENTS };

/*
 * The scripts are the files of options/shells/. The parts that depend on the
 * commands and their options stand there as "@NAME@" and are filled in.
 */
struct placeholder {
	const char *name;
	void (*fill)(struct strbuf *sb);
};

struct shell {
	const char *name;
	const unsigned char *script;
	const struct placeholder
		*placeholders; /* ends with one without a name */
};

static enum argument argument_of(const struct option_row *row)
{
	if (!row->arg)
		return NO_ARGUMENT;
	if (row->kind == OPTION_CHOICE)
		return CHOICES;
	if (str_starts_with(row->arg, "PID"))
		return PID;
	if (strcmp(row->arg, "DIR") == 0)
		return FOLDERS;
	return strncmp(row->arg, "FILE", 4) == 0 ? FILES : ANY;
}

/* What a shell's script has for each kind of argument. */
struct words {
	const char *of[N_ARGUMENTS]; /* of CHOICES: what precedes them */
	const char *choices_end;
};

/* Choices have spaces between them. */
static void add_argument(struct strbuf *sb, const struct option_row *row,
			 const struct words *words)
{
	const enum argument argument = argument_of(row);
	const char *const *choice;
	const char *space = "";

	strbuf_adds(sb, words->of[argument]);
	if (argument != CHOICES)
		return;
	for (choice = row->choices; *choice; choice++) {
		if (!**choice)
			continue;
		strbuf_addf(sb, "%s%s", space, *choice);
		space = " ";
	}
	strbuf_adds(sb, words->choices_end);
}

/* Adds @s for use within single quotes, with runs of spaces and newlines as one
 * space. @special: the characters that take a backslash. @quote: how the shell
 * writes a quote there. */
static void add_quoted(struct strbuf *sb, const char *s, const char *special,
		       const char *quote)
{
	for (; *s; s++) {
		if (*s == '\'') {
			strbuf_adds(sb, quote);
			continue;
		}
		if (*s == '\n' || (*s == ' ' && s[1] == ' '))
			continue;
		if (strchr(special, *s))
			strbuf_addc(sb, '\\');
		strbuf_addc(sb, *s);
	}
}

static void add_names(struct strbuf *sb, const char *between)
{
	const struct command_row *row;

	for (row = command_table; row->name; row++)
		strbuf_addf(sb, "%s%s", row == command_table ? "" : between,
			    row->name);
}

static void add_commands(struct strbuf *sb)
{
	add_names(sb, " ");
}

/* A line for each command: @before, its name, @between, its summary. */
static void add_summaries(struct strbuf *sb, const char *before,
			  const char *between, const char *quote)
{
	const struct command_row *row;

	for (row = command_table; row->name; row++) {
		strbuf_addf(sb, "%s%s%s", before, row->name, between);
		add_quoted(sb, row->summary, "\\", quote);
		strbuf_adds(sb, "'\n");
	}
}

static void add_shells(struct strbuf *sb);

/* --- bash ------------------------------------------------------------- */

static void bash_alternatives(struct strbuf *sb)
{
	add_names(sb, " | ");
}

/* "snap' '-p | snap' '--pid | ...", the option behind its command. */
static void bash_patterns(struct strbuf *sb, const struct option_row *row)
{
	const struct command_row *command;
	const char *bar = "";

	for (command = command_table; command->name; command++) {
		if (!(row->commands & command->command))
			continue;
		if (row->letter)
			strbuf_addf(sb, "%s%s' '-%c", bar, command->name,
				    row->letter);
		strbuf_addf(sb, "%s%s' '--%s", row->letter ? " | " : bar,
			    command->name, row->name);
		bar = " | ";
	}
}

static void bash_arguments(struct strbuf *sb)
{
	static const struct words words = {
		.of = { [ANY] = "return",
			[PID] = "_heapsnap_processes \"$cur\"; return",
			[FILES] = "kind=-f",
			[FOLDERS] = "kind=-d",
			[CHOICES] = "words='" },
		.choices_end = "'",
	};
	const struct option_row *row;

	for (row = option_table; row->name; row++) {
		if (!row->arg)
			continue;
		strbuf_addc(sb, '\t');
		bash_patterns(sb, row);
		strbuf_adds(sb, ") ");
		add_argument(sb, row, &words);
		strbuf_adds(sb, " ;;\n");
	}
}

static void bash_options(struct strbuf *sb)
{
	const struct command_row *command;
	const struct option_row *row;

	for (command = command_table; command->name; command++) {
		strbuf_addf(sb, "\t\t\t%s) words='", command->name);
		for (row = option_table; row->name; row++)
			if (row->commands & command->command)
				strbuf_addf(sb, " --%s", row->name);
		strbuf_adds(sb, "' ;;\n");
	}
}

static const struct placeholder bash_placeholders[] = {
	{ "ALTERNATIVES", bash_alternatives },
	{ "ARGUMENTS", bash_arguments },
	{ "COMMANDS", add_commands },
	{ "OPTIONS", bash_options },
	{ "SHELLS", add_shells },
	{ NULL, NULL },
};

/* --- zsh ------------------------------------------------------------- */

static void zsh_alternatives(struct strbuf *sb)
{
	add_names(sb, "|");
}

static void zsh_summaries(struct strbuf *sb)
{
	add_summaries(sb, "\t\t'", ":", "'\\''");
}

static void zsh_option(struct strbuf *sb, const struct option_row *row)
{
	static const struct words words = {
		.of = { [NO_ARGUMENT] = "",
			[ANY] = "",
			[PID] = "_heapsnap_processes",
			[FILES] = "_files",
			[FOLDERS] = "_files -/",
			[CHOICES] = "(" },
		.choices_end = ")",
	};
	const char *equals = row->arg ? "=" : "";

	strbuf_adds(sb, "\t\t\t");
	if (row->letter)
		strbuf_addf(sb, "'(-%c --%s)'{-%c%s,--%s%s}", row->letter,
			    row->name, row->letter, row->arg ? "+" : "",
			    row->name, equals);
	else
		strbuf_addf(sb, "'%s--%s%s'",
			    row->kind == OPTION_LIST ? "*" : "", row->name,
			    equals);
	strbuf_adds(sb, "'[");
	add_quoted(sb, row->help, "[]:\\", "'\\''");
	strbuf_adds(sb, "]");
	if (row->arg)
		strbuf_addf(sb, ":%s:", row->arg);
	add_argument(sb, row, &words);
	strbuf_adds(sb, "' \\\n");
}

static void zsh_options(struct strbuf *sb)
{
	const struct command_row *command;
	const struct option_row *row;

	for (command = command_table; command->name; command++) {
		strbuf_addf(sb, "\t(%s)\n\t\t_arguments -s \\\n",
			    command->name);
		for (row = option_table; row->name; row++)
			if (row->commands & command->command)
				zsh_option(sb, row);
		strbuf_adds(sb, "\t\t\t'*:operand:_heapsnap_operand'\n"
				"\t\t;;\n");
	}
}

static const struct placeholder zsh_placeholders[] = {
	{ "ALTERNATIVES", zsh_alternatives },
	{ "OPTIONS", zsh_options },
	{ "SHELLS", add_shells },
	{ "SUMMARIES", zsh_summaries },
	{ NULL, NULL },
};

/* --- fish ------------------------------------------------------------- */

static void fish_options(struct strbuf *sb)
{
	static const struct words words = {
		.of = { [NO_ARGUMENT] = "",
			[ANY] = " -x",
			[PID] = " -x -a '(__heapsnap_processes)'",
			[FILES] = " -r -F",
			[FOLDERS] = " -x -a '(__fish_complete_directories)'",
			[CHOICES] = " -x -a '" },
		.choices_end = "'",
	};
	const struct command_row *command;
	const struct option_row *row;

	for (row = option_table; row->name; row++) {
		strbuf_adds(sb, "complete -c heapsnap -n '__heapsnap_is");
		for (command = command_table; command->name; command++)
			if (row->commands & command->command)
				strbuf_addf(sb, " %s", command->name);
		strbuf_addf(sb, "' -l %s", row->name);
		if (row->letter)
			strbuf_addf(sb, " -s %c", row->letter);
		add_argument(sb, row, &words);
		strbuf_adds(sb, " -d '");
		add_quoted(sb, row->help, "\\", "\\'");
		strbuf_adds(sb, "'\n");
	}
}

static void fish_summaries(struct strbuf *sb)
{
	add_summaries(sb, "complete -c heapsnap -n '__heapsnap_first' -a ",
		      " -d '", "\\'");
}

static const struct placeholder fish_placeholders[] = {
	{ "COMMANDS", add_commands },
	{ "OPTIONS", fish_options },
	{ "SHELLS", add_shells },
	{ "SUMMARIES", fish_summaries },
	{ NULL, NULL },
};

/* --- all -------------------------------------------------------------- */

static const struct shell shells[] = {
	{ "bash", shells_heapsnap_bash, bash_placeholders },
	{ "zsh", shells_heapsnap_zsh, zsh_placeholders },
	{ "fish", shells_heapsnap_fish, fish_placeholders },
};

static void add_shells(struct strbuf *sb)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shells); i++)
		strbuf_addf(sb, "%s%s", i ? " " : "", shells[i].name);
}

static const struct shell *find_shell(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shells); i++)
		if (strcmp(shells[i].name, name) == 0)
			return &shells[i];
	return NULL;
}

bool completion_knows(const char *shell)
{
	return find_shell(shell) != NULL;
}

/* The placeholder at @s, an '@'; NULL: the shell's own. */
static const struct placeholder *find_placeholder(const struct shell *shell,
						  const char *s)
{
	const struct placeholder *placeholder;
	size_t len;

	for (placeholder = shell->placeholders; placeholder->name;
	     placeholder++) {
		len = strlen(placeholder->name);
		if (strncmp(s + 1, placeholder->name, len) == 0 &&
		    s[1 + len] == '@')
			return placeholder;
	}
	return NULL;
}

void completion_add(struct strbuf *sb, const char *shell)
{
	const struct shell *to = find_shell(shell);
	const char *s = (const char *)to->script;
	const struct placeholder *placeholder;
	bool starts_line = true;

	for (; *s; starts_line = *s++ == '\n') {
		placeholder = *s == '@' ? find_placeholder(to, s) : NULL;
		if (!placeholder) {
			strbuf_addc(sb, *s);
			continue;
		}
		placeholder->fill(sb);
		s += strlen(placeholder->name) + 1;
		/* One that is alone in its line is replaced by whole lines. */
		if (starts_line && s[1] == '\n')
			s++;
	}
}
