/**
 * @file unsafe_names.h - the names of functions in which a thread must not be
 * borrowed.
 *
 * Names come without the suffix that compilers add behind a dot (".cold",
 * ".constprop.0"); @len is their length.
 */
#ifndef TARGET_UNSAFE_NAMES_H
#define TARGET_UNSAFE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/code_map.h"

/** A function of the C library, of an allocator or of the unwinder. */
struct code_name {
	const char *name;
	enum code_unsafe_when unsafe_when;
	const char *what; /* static: what a thread is doing there */
};

/** Length of @name up to the first dot that is not its first character. */
size_t code_name_length(const char *name);

/** The row for @name, or NULL. */
const struct code_name *code_name_find(const char *name, size_t len);

/** @row is for a function of the C library's allocator. */
bool code_name_is_allocator(const struct code_name *row);

/** A function of C's allocation: "malloc", "posix_memalign". */
bool code_name_is_malloc(const char *name, size_t len);

/** A function of jemalloc's interface, without prefix: "malloc", "mallctl",
 *  "sdallocx"; of all versions. */
bool code_name_is_api(const char *name, size_t len);

/** A mangled name of C++'s operators new and delete. */
bool code_name_is_cxx_operator(const char *name, size_t len);

/** When @name looks like an inner function of jemalloc's: length of the prefix
 *  before its name in the source, 3 ("je_") for "je_arena_boot", 9 for
 *  "_rjem_je_ctl_bymib"; else 0. */
size_t code_name_private_prefix(const char *name, size_t len);

/** @path, or its last component, is a source file of jemalloc ("arena.c"), any
 *  version, or its object file ("arena.pic.o": ld writes that when the object
 *  was stripped). Many programs have files of the same names. */
bool code_name_is_source(const char *path);

#endif
