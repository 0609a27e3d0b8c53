#include "cli/completion.h"

#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "cli/commands.h"
#include "cli/option_table.h"
#include "cli/shells_assets.h"

/*
 * The scripts are the files of cli/shells/. What depends on the commands and
 * their options stands there as "@NAME@", and is filled in.
 */
struct slot {
	const char *name;
	void (*fill)(struct strbuf *sb);
};

struct shell {
	const char *name;
	const unsigned char *script;
	const struct slot *slots; /* ends with one without a name */
};

/* What stands behind an option. */
enum argument { NO_ARGUMENT, ANY, PID, FILES, FOLDERS, CHOICES };

static enum argument argument_of(const struct option_row *row)
{
	if (!row->arg)
		return NO_ARGUMENT;
	if (row->kind == OPTION_CHOICE)
		return CHOICES;
	if (strcmp(row->arg, "PID") == 0)
		return PID;
	if (strcmp(row->arg, "DIR") == 0)
		return FOLDERS;
	return strncmp(row->arg, "FILE", 4) == 0 ? FILES : ANY;
}

/* The words of an option's choices, with spaces between them. */
static void add_choices(struct strbuf *sb, const struct option_row *row)
{
	const char *const *choice;
	const char *space = "";

	for (choice = row->choices; *choice; choice++) {
		if (!**choice)
			continue;
		strbuf_addf(sb, "%s%s", space, *choice);
		space = " ";
	}
}

/* Within single quotes; @special: what else takes a backslash. Runs of spaces
 * and newlines are one space. @quote: how a quote is written there. */
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

static void add_shells(struct strbuf *sb);

/* --- bash ------------------------------------------------------------- */

static void bash_alternatives(struct strbuf *sb)
{
	add_names(sb, " | ");
}

static void bash_argument(struct strbuf *sb, const struct option_row *row)
{
	strbuf_addc(sb, '\t');
	if (row->letter)
		strbuf_addf(sb, "-%c | ", row->letter);
	strbuf_addf(sb, "--%s)", row->name);
	switch (argument_of(row)) {
	case CHOICES:
		strbuf_adds(sb, " words='");
		add_choices(sb, row);
		strbuf_adds(sb, "' ;;\n");
		break;
	case PID:
		strbuf_adds(sb, " words=$(cd /proc && echo [0-9]*) ;;\n");
		break;
	case FILES:
		strbuf_adds(sb, " kind=-f ;;\n");
		break;
	case FOLDERS:
		strbuf_adds(sb, " kind=-d ;;\n");
		break;
	case ANY:
	case NO_ARGUMENT:
		strbuf_adds(sb, " return ;;\n");
		break;
	}
}

static void bash_arguments(struct strbuf *sb)
{
	const struct option_row *row;

	for (row = option_table; row->name; row++)
		if (row->arg)
			bash_argument(sb, row);
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

static const struct slot bash_slots[] = {
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
	const struct command_row *command;

	for (command = command_table; command->name; command++) {
		strbuf_addf(sb, "\t\t'%s:", command->name);
		add_quoted(sb, command->summary, "\\", "'\\''");
		strbuf_adds(sb, "'\n");
	}
}

static void zsh_option(struct strbuf *sb, const struct option_row *row)
{
	bool list = row->kind == OPTION_LIST;

	strbuf_adds(sb, "\t\t\t");
	if (row->letter)
		strbuf_addf(sb, "'(-%c --%s)'{-%c%s,--%s%s}", row->letter,
			    row->name, row->letter, row->arg ? "+" : "",
			    row->name, row->arg ? "=" : "");
	else
		strbuf_addf(sb, "'%s--%s%s'", list ? "*" : "", row->name,
			    row->arg ? "=" : "");
	strbuf_adds(sb, "'[");
	add_quoted(sb, row->help, "[]:\\", "'\\''");
	strbuf_adds(sb, "]");
	if (row->arg)
		strbuf_addf(sb, ":%s:", row->arg);
	switch (argument_of(row)) {
	case CHOICES:
		strbuf_addc(sb, '(');
		add_choices(sb, row);
		strbuf_addc(sb, ')');
		break;
	case PID:
		strbuf_adds(sb, "_pids");
		break;
	case FILES:
		strbuf_adds(sb, "_files");
		break;
	case FOLDERS:
		strbuf_adds(sb, "_files -/");
		break;
	case ANY:
	case NO_ARGUMENT:
		break;
	}
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

static const struct slot zsh_slots[] = {
	{ "ALTERNATIVES", zsh_alternatives },
	{ "OPTIONS", zsh_options },
	{ "SHELLS", add_shells },
	{ "SUMMARIES", zsh_summaries },
	{ NULL, NULL },
};

/* --- fish ------------------------------------------------------------- */

static void fish_option(struct strbuf *sb, const struct option_row *row)
{
	const struct command_row *command;

	strbuf_adds(sb, "complete -c heapsnap -n '__heapsnap_is");
	for (command = command_table; command->name; command++)
		if (row->commands & command->command)
			strbuf_addf(sb, " %s", command->name);
	strbuf_addf(sb, "' -l %s", row->name);
	if (row->letter)
		strbuf_addf(sb, " -s %c", row->letter);
	switch (argument_of(row)) {
	case CHOICES:
		strbuf_adds(sb, " -x -a '");
		add_choices(sb, row);
		strbuf_addc(sb, '\'');
		break;
	case PID:
		strbuf_adds(sb, " -x -a '(__fish_complete_pids)'");
		break;
	case FILES:
		strbuf_adds(sb, " -r -F");
		break;
	case FOLDERS:
		strbuf_adds(sb, " -x -a '(__fish_complete_directories)'");
		break;
	case ANY:
		strbuf_adds(sb, " -x");
		break;
	case NO_ARGUMENT:
		break;
	}
	strbuf_adds(sb, " -d '");
	add_quoted(sb, row->help, "\\", "\\'");
	strbuf_adds(sb, "'\n");
}

static void fish_options(struct strbuf *sb)
{
	const struct option_row *row;

	for (row = option_table; row->name; row++)
		fish_option(sb, row);
}

static void fish_summaries(struct strbuf *sb)
{
	const struct command_row *command;

	for (command = command_table; command->name; command++) {
		strbuf_addf(sb,
			    "complete -c heapsnap -n '__heapsnap_first' -a %s "
			    "-d '",
			    command->name);
		add_quoted(sb, command->summary, "\\", "\\'");
		strbuf_adds(sb, "'\n");
	}
}

static const struct slot fish_slots[] = {
	{ "COMMANDS", add_commands },
	{ "OPTIONS", fish_options },
	{ "SHELLS", add_shells },
	{ "SUMMARIES", fish_summaries },
	{ NULL, NULL },
};

/* --- all -------------------------------------------------------------- */

static const struct shell shells[] = {
	{ "bash", shells_heapsnap_bash, bash_slots },
	{ "zsh", shells_heapsnap_zsh, zsh_slots },
	{ "fish", shells_heapsnap_fish, fish_slots },
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

/* The slot at @s, an '@': the scripts have others, too. */
static const struct slot *find_slot(const struct shell *shell, const char *s)
{
	const struct slot *slot;
	size_t len;

	for (slot = shell->slots; slot->name; slot++) {
		len = strlen(slot->name);
		if (strncmp(s + 1, slot->name, len) == 0 && s[1 + len] == '@')
			return slot;
	}
	return NULL;
}

void completion_add(struct strbuf *sb, const char *shell)
{
	const struct shell *to = find_shell(shell);
	const char *s = (const char *)to->script;
	const struct slot *slot;
	bool starts_line = true;

	for (; *s; starts_line = *s++ == '\n') {
		slot = *s == '@' ? find_slot(to, s) : NULL;
		if (!slot) {
			strbuf_addc(sb, *s);
			continue;
		}
		slot->fill(sb);
		s += strlen(slot->name) + 1;
		/* Alone in its line it stands for whole lines. */
		if (starts_line && s[1] == '\n')
			s++;
	}
}
