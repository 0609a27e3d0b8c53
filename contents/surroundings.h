/**
 * @file surroundings.h - what may be asked about the process in which a region
 * is.
 */
#ifndef CONTENTS_SURROUNDINGS_H
#define CONTENTS_SURROUNDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/demangle_style.h"
#include "base/strbuf.h"
#include "proc/maps.h"
#include "proc/memory.h"

/** All borrowed. */
struct surroundings {
	/* Its memory; what is not in memory is not there. And the same with
	 * what is in files that are mapped and not written to. */
	struct memory_source memory, constants;
	const struct maps *maps;
	/* Appends the linkage name of what is at @address, code or data of a
	 * file, or "FILE+0x1234" of constant data without one. False: there is
	 * no such thing. */
	bool (*name)(void *arg, uint64_t address, struct strbuf *name);
	void *arg;
	enum demangle_style demangle;
};

/** Whether @address is in a mapping of a file, or in the bss that follows
 *  one. */
bool surroundings_in_file(const struct surroundings *a, uint64_t address);

/** Whether there is code. */
bool surroundings_is_code(const struct surroundings *a, uint64_t address);

/** Whether @word is an address at which the process may read. */
bool surroundings_is_pointer(const struct surroundings *a, uint64_t word);

/** Reads the word at @address; false: it is not there. */
bool surroundings_word(const struct memory_source *memory, uint64_t address,
		       uint64_t *ret);

enum { SURROUNDINGS_NAME = 1024 }; /* bytes of a name, with its NUL */

/** Reads the NUL-terminated string at @address, which is not empty, shorter
 *  than SURROUNDINGS_NAME and consists of letters, digits and @others. False:
 *  there is none. */
bool surroundings_name(const struct memory_source *memory, uint64_t address,
		       const char *others, char *ret);

#endif
