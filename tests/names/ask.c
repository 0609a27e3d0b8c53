/*
 * What heapsnap's symbolizer says, for tests and measurements: reads lines of
 * '"FILE" 0xADDRESS', as llvm-symbolizer does, addresses being the file's own.
 * Prints for each that line again and below it, innermost first and indented
 * by a tab, FUNCTION, FILE and LINE, separated by tabs; "?" is not known.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/elf.h"
#include "symbol/symbolizer.h"

struct file {
	char *path;
	struct symbol_module *module; /* NULL: cannot be read */
};

struct asker {
	struct symbolizer *symbolizer;
	struct file files[1000];
	size_t n;
};

static void die_if(struct hs_error *err)
{
	if (!err)
		return;
	fprintf(stderr, "ask: %s\n", hs_error_message(err));
	exit(1);
}

static struct symbol_module *module_of(struct asker *asker, const char *path)
{
	struct file *file = asker->files;
	size_t i;

	for (i = 0; i < asker->n; i++, file++)
		if (!strcmp(file->path, path))
			return file->module;
	if (asker->n == sizeof(asker->files) / sizeof(asker->files[0]))
		exit(1);
	asker->n++;
	file->path = strdup(path);
	die_if(symbolizer_add(asker->symbolizer,
			      open(path, O_RDONLY | O_CLOEXEC), path, NULL,
			      &file->module));
	return file->module;
}

static void answer(struct asker *asker, const char *path, uint64_t address)
{
	struct symbol_module *module = module_of(asker, path);
	struct symbol_frames frames = { 0 };
	uint64_t offset;
	size_t i;

	if (elf_file_offset(symbol_module_elf(module), address, &offset))
		die_if(symbolizer_lookup(asker->symbolizer, module, offset,
					 &frames));
	printf("\"%s\" 0x%lx\n", path, (unsigned long)address);
	for (i = 0; i < frames.n; i++)
		printf("\t%s\t%s\t%u\n",
		       frames.items[i].function ? frames.items[i].function
						: "?",
		       frames.items[i].file ? frames.items[i].file : "?",
		       frames.items[i].line);
}

int main(void)
{
	struct symbolizer_options options = { 0 };
	static struct asker asker;
	char *line = NULL, *end;
	size_t cap = 0, i;

	die_if(symbolizer_create(&options, &asker.symbolizer));
	while (getline(&line, &cap, stdin) > 0) {
		end = line[0] == '"' ? strrchr(line, '"') : line;
		if (end <= line)
			continue;
		*end = '\0';
		answer(&asker, line + 1, strtoull(end + 1, NULL, 16));
	}
	free(line);
	symbolizer_destroy(asker.symbolizer);
	for (i = 0; i < asker.n; i++)
		free(asker.files[i].path);
	return 0;
}
