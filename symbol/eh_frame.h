/**
 * @file eh_frame.h - reads .eh_frame of a file: where the caller's frame is,
 * and which code an entry is for.
 */
#ifndef SYMBOL_EH_FRAME_H
#define SYMBOL_EH_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "symbol/elf.h"

/**
 * What .eh_frame says about code at @address: true when the canonical frame
 * address is the stack pointer plus one word there, as at the first
 * instruction of a function (so that an unwinder finds the return address on
 * top of the stack), or when no entry covers it at all (an unwinder stops).
 * The same must hold for the byte before @address, by which an unwinder finds
 * the entry of a return address. Only x86-64; false on other machines and
 * when .eh_frame is damaged.
 */
bool elf_file_unwinds_as_entry(const struct elf_file *file, uint64_t address);

/**
 * Calls @fn for each entry (FDE) of .eh_frame: @start is where the code begins
 * that it is for, @entry the address of the entry itself. In the order of the
 * file, until @fn returns false. None when the file has a table by which they
 * are found (.eh_frame_hdr), and no more behind one that is
 * damaged.
 */
void elf_file_each_unindexed(const struct elf_file *file,
			     bool (*fn)(uint64_t start, uint64_t entry,
					void *arg),
			     void *arg);

#endif
