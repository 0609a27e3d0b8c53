/**
 * @file unsafe_allocator.h - finds the code of allocators other than jemalloc:
 * a file's own malloc(), and the allocator of the C library.
 */
#ifndef TARGET_UNSAFE_ALLOCATOR_H
#define TARGET_UNSAFE_ALLOCATOR_H

#include "base/error.h"
#include "target/jemalloc.h"
#include "target/unsafe_jemalloc.h"

/**
 * The functions of C's allocation by which @file, which is no C library,
 * overrides those of the C library: malloc(), calloc(), free() and the like.
 * Empty when @file contains the C library and they belong to it.
 * text_ranges_release().
 */
struct hs_error *unsafe_allocator(const struct loaded_file *file,
				  struct text_ranges *ret) hs_must_check;

/**
 * The code of the allocator of @libc, a shared C library. Usually its inner
 * functions have no names: all code between the allocator's exported functions
 * and the nearest exported ones of another kind counts. text_ranges_release().
 */
struct hs_error *unsafe_libc_allocator(const struct loaded_file *libc,
				       struct text_ranges *ret) hs_must_check;

#endif
