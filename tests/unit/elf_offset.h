/**
 * @file elf_offset.h - where in a file an address is: the other way round than
 * heapsnap ever needs it.
 */
#ifndef TESTS_UNIT_ELF_OFFSET_H
#define TESTS_UNIT_ELF_OFFSET_H

#include "symbol/elf.h"

/** File offset of the byte at @address; false when no PT_LOAD has it in its
 *  file part. */
static inline bool elf_file_offset(const struct elf_file *file,
				   uint64_t address, uint64_t *ret)
{
	size_t i;

	for (i = 0; i < file->n_segments; i++) {
		const struct elf_segment *s = &file->segments[i];

		if (address >= s->address &&
		    address - s->address < s->file_size) {
			*ret = s->offset + (address - s->address);
			return true;
		}
	}
	return false;
}

#endif
