/**
 * @file build_id.h - the number that a linker gives to what it makes.
 */
#ifndef SYMBOL_BUILD_ID_H
#define SYMBOL_BUILD_ID_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Finds the note NT_GNU_BUILD_ID in the sections of @elf, or in its segments
 *  where there are no sections. *ret are @elf's own. false: it has none. */
bool build_id_find(Elf *elf, const uint8_t **ret, size_t *len);

#endif
