/**
 * @file unsafe_allocator.h - allocators other than jemalloc: what a file has
 * of malloc() and its like, and the allocator of the C library.
 */
#ifndef TARGET_UNSAFE_ALLOCATOR_H
#define TARGET_UNSAFE_ALLOCATOR_H

#include "base/error.h"
#include "target/jemalloc.h"
#include "target/unsafe_jemalloc.h"

/**
 * The functions of C's allocation that @file, which is no C library, puts
 * before those of the C library: malloc(), calloc(), free() and the like. Empty
 * where the C library is in @file and they are its own.
 * text_ranges_release().
 */
struct hs_error *unsafe_allocator(const struct loaded_file *file,
				  struct text_ranges *ret) hs_must_check;

/**
 * Where the allocator of @libc is, a shared C library. The names of its inner
 * functions are stripped away as a rule: all that lies between its exported
 * functions and the nearest ones of another kind counts.
 * text_ranges_release().
 */
struct hs_error *unsafe_libc_allocator(const struct loaded_file *libc,
				       struct text_ranges *ret) hs_must_check;

#endif
