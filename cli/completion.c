#include "cli/completion.h"

#include <string.h>

#include "cli/option_table.h"

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

static void add_commands(struct strbuf *sb, const char *between)
{
	const struct command_row *row;

	for (row = command_table; row->name; row++)
		strbuf_addf(sb, "%s%s", row == command_table ? "" : between,
			    row->name);
}

/* --- bash ------------------------------------------------------------- */

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

static void bash_options(struct strbuf *sb, enum cli_command command)
{
	const struct option_row *row;

	for (row = option_table; row->name; row++)
		if (row->commands & command)
			strbuf_addf(sb, " --%s", row->name);
}

/* The words are put together again where bash takes "--name=value" apart. */
static void add_bash(struct strbuf *sb)
{
	const struct option_row *row;
	const struct command_row *command;

	strbuf_adds(sb,
		    "# heapsnap completion bash\n"
		    "_heapsnap()\n{\n"
		    "\tlocal cur=$2 prev=$3 command=snap word words= kind=\n"
		    "\tif [[ $cur == = ]]; then cur=; fi\n"
		    "\tif [[ $prev == = ]]; then "
		    "prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
		    "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		    "\t\tcase $word in\n\t\t");
	add_commands(sb, " | ");
	strbuf_adds(sb, ")\n\t\t\tcommand=$word\n\t\t\tbreak\n\t\t\t;;\n"
			"\t\tesac\n\tdone\n"
			"\tcase $prev in\n");
	for (row = option_table; row->name; row++)
		if (row->arg)
			bash_argument(sb, row);
	strbuf_adds(sb, "\t*)\n\t\tif [[ $cur == -* ]]; then\n"
			"\t\t\tcase $command in\n");
	for (command = command_table; command->name; command++) {
		strbuf_addf(sb, "\t\t\t%s) words='", command->name);
		bash_options(sb, command->command);
		strbuf_adds(sb, "' ;;\n");
	}
	strbuf_adds(sb, "\t\t\tesac\n"
			"\t\telif [[ $COMP_CWORD == 1 ]]; then\n"
			"\t\t\twords='");
	add_commands(sb, " ");
	strbuf_adds(sb, "'\n\t\telif [[ $command == completion ]]; then\n"
			"\t\t\twords='bash zsh fish'\n"
			"\t\telse\n\t\t\tkind=-f\n\t\tfi\n\t\t;;\n\tesac\n"
			"\tcompopt -o filenames 2>/dev/null\n"
			"\tmapfile -t COMPREPLY < "
			"<(compgen $kind -W \"$words\" -- \"$cur\")\n"
			"}\n"
			"complete -F _heapsnap heapsnap\n");
}

/* --- zsh ------------------------------------------------------------- */

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

static void add_zsh(struct strbuf *sb)
{
	const struct command_row *command;
	const struct option_row *row;

	strbuf_adds(sb, "#compdef heapsnap\n"
			"# heapsnap completion zsh\n"
			"_heapsnap_operand()\n{\n"
			"\tlocal -a commands=(\n");
	for (command = command_table; command->name; command++) {
		strbuf_addf(sb, "\t\t'%s:", command->name);
		add_quoted(sb, command->summary, "\\", "'\\''");
		strbuf_adds(sb, "'\n");
	}
	strbuf_adds(sb, "\t)\n"
			"\tif (( CURRENT == 2 )); then\n"
			"\t\t_describe command commands\n"
			"\telif [[ $words[2] == completion ]]; then\n"
			"\t\tcompadd bash zsh fish\n"
			"\telse\n\t\t_files\n\tfi\n}\n\n"
			"_heapsnap()\n{\n"
			"\tlocal command=snap word\n"
			"\tfor word in ${words[2,CURRENT-1]}; do\n"
			"\t\tcase $word in\n\t\t(");
	add_commands(sb, "|");
	strbuf_adds(sb, ")\n\t\t\tcommand=$word\n\t\t\tbreak\n\t\t\t;;\n"
			"\t\tesac\n\tdone\n\tcase $command in\n");
	for (command = command_table; command->name; command++) {
		strbuf_addf(sb, "\t(%s)\n\t\t_arguments -s \\\n",
			    command->name);
		for (row = option_table; row->name; row++)
			if (row->commands & command->command)
				zsh_option(sb, row);
		strbuf_adds(sb, "\t\t\t'*:operand:_heapsnap_operand'\n"
				"\t\t;;\n");
	}
	/* As a file in fpath it is the function itself; else it is sourced. */
	strbuf_adds(sb, "\tesac\n}\n\n"
			"if [[ $funcstack[1] == _heapsnap ]]; then\n"
			"\t_heapsnap \"$@\"\n"
			"else\n\tcompdef _heapsnap heapsnap\nfi\n");
}

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

static void add_fish(struct strbuf *sb)
{
	const struct command_row *command;
	const struct option_row *row;

	strbuf_adds(sb, "# heapsnap completion fish\n"
			"function __heapsnap_is\n"
			"\tset -l command snap\n"
			"\tfor word in (commandline -opc)[2..-1]\n"
			"\t\tif contains -- $word ");
	add_commands(sb, " ");
	strbuf_adds(sb, "\n\t\t\tset command $word\n\t\t\tbreak\n\t\tend\n"
			"\tend\n"
			"\tcontains -- $command $argv\n"
			"end\n"
			"function __heapsnap_first\n"
			"\ttest (count (commandline -opc)) = 1\n"
			"end\n"
			"complete -c heapsnap -e\n"
			"complete -c heapsnap -n '__heapsnap_first' -f\n"
			"complete -c heapsnap -n '__heapsnap_is completion' "
			"-f -a 'bash zsh fish'\n");
	for (command = command_table; command->name; command++) {
		strbuf_addf(sb,
			    "complete -c heapsnap -n '__heapsnap_first' -a %s "
			    "-d '",
			    command->name);
		add_quoted(sb, command->summary, "\\", "\\'");
		strbuf_adds(sb, "'\n");
	}
	for (row = option_table; row->name; row++)
		fish_option(sb, row);
}

bool completion_add(struct strbuf *sb, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		add_bash(sb);
	else if (strcmp(shell, "zsh") == 0)
		add_zsh(sb);
	else if (strcmp(shell, "fish") == 0)
		add_fish(sb);
	else
		return false;
	return true;
}
