/*
 * Debug information of any content: names are looked for in every part of the
 * code, and nothing crashes, hangs or takes more memory than the file is worth.
 * An input is a whole ELF file; what is changed in it is its debug sections and
 * the headers of sections, the rest is fuzz_elf.c's.
 *
 *	tests/fuzz/run dwarf 60
 */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/elf.h"
#include "symbol/symbolizer.h"
#include "tests/fuzz/fuzz.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

enum {
	LOOKUPS_MAX = 400,
};

static void look_up(struct symbolizer *s, struct symbol_module *m,
		    uint64_t offset)
{
	struct symbol_frames frames;
	size_t i, length = 0;

	hs_error_free(symbolizer_lookup(s, m, offset, &frames));
	for (i = 0; i < frames.n; i++) {
		const struct symbol_frame *f = &frames.items[i];

		must(f->inlined == (i + 1 < frames.n));
		length += f->function ? strlen(f->function) : 0;
		length += f->file ? strlen(f->file) : 0;
	}
	must(length < SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbolizer_options options = { 0 };
	const struct elf_file *elf;
	struct symbol_module *m;
	struct symbolizer *s;
	struct hs_error *err;
	size_t i;

	if (symbolizer_create(&options, &s))
		return 0;
	err = symbolizer_add(s, file_of(data, size), "x", NULL, &m);
	if (err) {
		hs_error_free(err);
		symbolizer_destroy(s);
		return 0;
	}
	elf = symbol_module_elf(m);
	for (i = 0; i < elf->n_segments; i++) {
		const struct elf_segment *segment = &elf->segments[i];
		uint64_t step = segment->file_size / LOOKUPS_MAX + 1, n;

		if (segment->exec)
			for (n = 0; n < LOOKUPS_MAX; n++)
				look_up(s, m, segment->offset + n * step);
	}
	symbolizer_destroy(s);
	return 0;
}

/* The bytes of section number @index of the file; false when it has none. */
static bool section_bytes(const uint8_t *data, size_t size, unsigned int index,
			  size_t *start, size_t *length)
{
	Elf64_Ehdr header;
	Elf64_Shdr section;
	uint64_t at;

	if (size < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	at = header.e_shoff + (uint64_t)index * sizeof(section);
	if (index >= header.e_shnum || header.e_shoff > size ||
	    at + sizeof(section) > size)
		return false;
	memcpy(&section, data + at, sizeof(section));
	if (section.sh_type != SHT_PROGBITS || section.sh_flags & SHF_ALLOC ||
	    !section.sh_size || section.sh_offset > size ||
	    section.sh_size > size - section.sh_offset)
		return false;
	*start = section.sh_offset;
	*length = section.sh_size;
	return true;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	size_t start, length;
	Elf64_Ehdr header;
	unsigned int i;

	if (size < sizeof(header) || seed % 8 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	memcpy(&header, data, sizeof(header));
	for (i = 0; header.e_shnum && i < header.e_shnum; i++)
		if (section_bytes(data, size, (seed + i) % header.e_shnum,
				  &start, &length)) {
			LLVMFuzzerMutate(data + start, length, length);
			return size;
		}
	return LLVMFuzzerMutate(data, size, size);
}
