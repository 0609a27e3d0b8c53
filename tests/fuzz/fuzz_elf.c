/*
 * ELF files of any content: the reader neither crashes, nor reads beyond the
 * end, nor takes memory that the file does not account for, and what it says
 * of addresses, symbols and sections agrees with itself.
 *
 *	tests/fuzz/run elf 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/eh_frame.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "symbol/symtab.h"
#include "tests/fuzz/fuzz.h"

static void check_segments(const struct elf_file *file)
{
	size_t i;

	for (i = 0; i < file->n_segments; i++) {
		const struct elf_segment *s = &file->segments[i];
		uint64_t address, offset;

		must(s->offset + s->file_size >= s->offset);
		must(s->address + s->memory_size >= s->address);
		if (!s->file_size)
			continue;
		must(elf_file_address(file, s->offset, &address));
		must(elf_file_offset(file, s->address, &offset));
		elf_file_unwinds_as_entry(file, s->address);
	}
	if (file->n_segments)
		elf_file_unwinds_as_entry(
			file, file->segments[0].address +
				      file->segments[0].memory_size / 2);
}

static bool count_entry(uint64_t start, uint64_t entry, void *arg)
{
	size_t *left = arg;

	(void)start;
	(void)entry;
	return --*left > 0;
}

static bool check_symbol(const struct elf_symbol *symbol, void *arg)
{
	size_t *left = arg;

	must(symbol->name && symbol->name[0]);
	must(!symbol->source || strlen(symbol->source) < SIZE_MAX);
	must(!symbol->code_limit || symbol->code);
	return --*left > 0;
}

static void check_symbols(const struct elf_file *file)
{
	struct elf_symbol symbol;
	struct symtab table = { 0 };
	size_t left = 100000, i;

	hs_error_free(elf_file_each_symbol(file, check_symbol, &left));
	left = 100000;
	elf_file_each_unindexed(file, count_entry, &left);
	if (elf_file_find_symbol(file, "main", &symbol))
		must(!strcmp(symbol.name, "main"));
	hs_error_free(symtab_add(&table, file));
	hs_error_free(symtab_finish(&table));
	for (i = 0; i < table.n; i++) {
		const struct symtab_entry *e =
			symtab_find(&table, table.items[i].address);

		must(!e || e->address <= table.items[i].address);
	}
	symtab_release(&table);
}

static void check_section(const struct elf_file *file, const char *name)
{
	const uint8_t *bytes;
	const void *data;
	size_t size, i, sum = 0;

	if (!elf_file_section(file, name, &data, &size))
		return;
	bytes = data;
	for (i = 0; i < size; i++)
		sum += bytes[i];
	must(sum <= size * 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_file *file;
	struct hs_error *err;

	err = elf_file_open(file_of(data, size), "x", &file);
	if (err) {
		hs_error_free(err);
		return 0;
	}
	check_segments(file);
	check_symbols(file);
	check_section(file, ".text");
	check_section(file, ".debug_info");
	elf_file_close(file);
	return 0;
}
