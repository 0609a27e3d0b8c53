/**
 * @file fuzz_dwarf.h - what the targets for debug information share.
 */
#ifndef TESTS_FUZZ_FUZZ_DWARF_H
#define TESTS_FUZZ_FUZZ_DWARF_H

#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "symbol/elf.h"
#include "symbol/symbolizer.h"
#include "tests/fuzz/fuzz.h"

/* libFuzzer's: the one that the target may have, and its own. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

enum {
	LOOKUPS_MAX = 400,
};

static inline void look_up(struct symbolizer *s, struct symbol_module *m,
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

/** Asks for names in every part of the code of @m. */
static inline void look_up_all(struct symbolizer *s, struct symbol_module *m)
{
	const struct elf_file *elf = symbol_module_elf(m);
	size_t i;

	for (i = 0; i < elf->n_segments; i++) {
		const struct elf_segment *segment = &elf->segments[i];
		uint64_t step = segment->file_size / LOOKUPS_MAX + 1, n;

		if (segment->exec)
			for (n = 0; n < LOOKUPS_MAX; n++)
				look_up(s, m, segment->offset + n * step);
	}
}

/* The bytes of section number @index of the file; false when it has none. */
static inline bool section_bytes(const uint8_t *data, size_t size,
				 unsigned int index, size_t *start,
				 size_t *length)
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

/** Changes the debug sections of the ELF file @data, now and then all of it:
 * its new size, below @max_size. */
static inline size_t mutate_elf(uint8_t *data, size_t size, size_t max_size,
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

#endif
