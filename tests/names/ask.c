/*
 * What heapsnap's symbolizer says, for tests and measurements: reads lines of
 * '"FILE" 0xADDRESS', as llvm-symbolizer does, addresses being the file's own.
 * Prints for each that line again and below it, innermost first and indented
 * by a tab, FUNCTION, FILE and LINE, separated by tabs; "?" is not known.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "symbol/elf.h"
#include "symbol/prefetch.h"
#include "symbol/symbolizer.h"

struct file {
	char *path;
	struct symbol_module *module;
	uint64_t *offsets;
	size_t n, cap;
};

struct question {
	size_t file;
	uint64_t address, offset;
	bool mapped;
};

struct asker {
	struct symbolizer *symbolizer;
	struct file files[1000];
	size_t n_files;
	struct question *questions;
	size_t n, cap;
};

static void die_if(struct hs_error *err)
{
	if (!err)
		return;
	fprintf(stderr, "ask: %s\n", hs_error_message(err));
	exit(1);
}

static size_t file_of(struct asker *asker, const char *path)
{
	struct file *file;
	size_t i;

	/* Most questions are about the file of the one before. */
	for (i = asker->n_files; i-- > 0;)
		if (!strcmp(asker->files[i].path, path))
			return i;
	if (asker->n_files == ARRAY_SIZE(asker->files))
		exit(1);
	file = &asker->files[asker->n_files];
	file->path = strdup(path);
	die_if(symbolizer_add(asker->symbolizer,
			      open(path, O_RDONLY | O_CLOEXEC), path, NULL,
			      &file->module));
	return asker->n_files++;
}

static void add_question(struct asker *asker, const char *path,
			 uint64_t address)
{
	struct question q = { .address = address };
	struct file *file;

	q.file = file_of(asker, path);
	file = &asker->files[q.file];
	q.mapped = elf_file_offset(symbol_module_elf(file->module), address,
				   &q.offset);
	if (!ARRAY_GROW(asker->questions, asker->cap, asker->n + 1) ||
	    !ARRAY_GROW(file->offsets, file->cap, file->n + 1))
		exit(1);
	asker->questions[asker->n++] = q;
	if (q.mapped)
		file->offsets[file->n++] = q.offset;
}

static void prefetch(struct asker *asker)
{
	struct symbol_query queries[ARRAY_SIZE(asker->files)];
	size_t i;

	for (i = 0; i < asker->n_files; i++)
		queries[i] = (struct symbol_query){
			.module = asker->files[i].module,
			.offsets = asker->files[i].offsets,
			.n = asker->files[i].n,
		};
	symbolizer_prefetch(asker->symbolizer, queries, asker->n_files, NULL,
			    NULL);
}

static void answer(struct asker *asker, const struct question *q)
{
	const struct file *file = &asker->files[q->file];
	struct symbol_frames frames = { 0 };
	size_t i;

	if (q->mapped)
		die_if(symbolizer_lookup(asker->symbolizer, file->module,
					 q->offset, &frames));
	printf("\"%s\" 0x%lx\n", file->path, (unsigned long)q->address);
	for (i = 0; i < frames.n; i++) {
		const struct symbol_frame *f = &frames.items[i];

		printf("\t%s\t%s\t%u\n", f->function ? f->function : "?",
		       f->file ? f->file : "?", f->line);
	}
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
		add_question(&asker, line + 1, strtoull(end + 1, NULL, 16));
	}
	free(line);
	prefetch(&asker);
	for (i = 0; i < asker.n; i++)
		answer(&asker, &asker.questions[i]);
	symbolizer_destroy(asker.symbolizer);
	for (i = 0; i < asker.n_files; i++) {
		free(asker.files[i].path);
		free(asker.files[i].offsets);
	}
	free(asker.questions);
	return 0;
}
