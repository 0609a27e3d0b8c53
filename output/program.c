#include "output/program.h"

#include <stdbool.h>
#include <string.h>

static bool is_main(const char *function)
{
	return function &&
	       (!strcmp(function, "main") || !strcmp(function, "_start"));
}

static uint32_t find_module(const struct heap_profile *p)
{
	const struct heap_location *loc;
	size_t i, k;

	for (i = 0; i < p->n_locations; i++) {
		loc = &p->locations[i];
		for (k = 0; k < loc->n_names; k++)
			if (is_main(p->names[loc->names + k].function))
				return loc->module;
	}
	return HEAP_NO_MODULE;
}

/* The process's own name, which execve(2) takes from the path it was given, is
 * also the first word of its command line. A script has the interpreter's
 * there, and who gave itself another title has what it likes: then it says
 * nothing of the file. */
static bool is_started_as(const char *command, const char *command_line)
{
	const char *end = command_line + strcspn(command_line, " ");
	const char *word = end;

	while (word > command_line && word[-1] != '/')
		word--;
	return (size_t)(end - word) == strlen(command) &&
	       !memcmp(word, command, (size_t)(end - word));
}

struct program program_of(const struct heap_profile *p)
{
	const char *command = p->meta.command;
	const char *line = p->meta.command_line;

	return (struct program){
		.module = find_module(p),
		.name = command && line && is_started_as(command, line)
				? command
				: NULL,
	};
}
