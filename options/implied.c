#include "options/implied.h"

#include <string.h>
#include <sys/stat.h>

#include "base/nearest.h"
#include "base/str.h"
#include "options/commands.h"
#include "options/option_table.h"

/* What heap profiles are called: ours and jemalloc's, pprof's that somebody
 * took for ours, and either packed. */
static const char *const endings[] = { ".heap", ".heap.gz", ".heap.zst",
				       ".prof", ".pb.gz",   ".jeprof",
				       NULL };

bool implied_is_file(const char *word)
{
	const char *const *ending;
	struct stat st;

	if (strcmp(word, "-") == 0 || strchr(word, '/'))
		return true;
	for (ending = endings; *ending; ending++)
		if (str_ends_with(word, *ending))
			return true;
	if (word[strspn(word, "0123456789")] == '\0')
		return false;
	return !stat(word, &st) && !S_ISDIR(st.st_mode) &&
	       !(st.st_mode & S_IXUSR);
}

bool implied_gives_process(const char *option)
{
	return str_starts_with(option, "-p") || str_equal(option, "--pid") ||
	       str_starts_with(option, "--pid=");
}

enum cli_command implied_command(int argc, char *const *argv)
{
	int word = option_parser_next_word(option_table, argc, argv, 1), i;

	for (i = 1; i < argc; i++)
		if (implied_gives_process(argv[i]))
			return CLI_SNAP;
	if (word == argc || !implied_is_file(argv[word]))
		return CLI_SNAP;
	word = option_parser_next_word(option_table, argc, argv, word + 1);
	return word == argc ? CLI_REPORT : CLI_DIFF;
}

static struct nearest nearest_command(const char *name)
{
	struct nearest nearest = { .word = name };
	const struct command_row *row;

	for (row = command_table; row->name; row++)
		nearest_consider(&nearest, row->name);
	return nearest;
}

bool implied_is_near_command(const char *name)
{
	return nearest_command(name).best != NULL;
}

struct hs_error *implied_unknown_command(const char *name)
{
	const struct nearest nearest = nearest_command(name);

	return nearest_hint(hs_error_new(HS_ERROR_USAGE, "unknown command '%s'",
					 name),
			    &nearest, "heapsnap ");
}
