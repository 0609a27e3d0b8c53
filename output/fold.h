/**
 * @file fold.h - which frames belong to the allocator.
 *
 * The leaf of every stack is inside jemalloc, then come malloc() or operator
 * new: the same on each stack, so they tell nothing and hide what does.
 */
#ifndef OUTPUT_FOLD_H
#define OUTPUT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

enum fold_kind {
	FOLD_KEEP,     /* a frame like any other */
	FOLD_NAMELESS, /* unknown function: allocator if between such frames */
	FOLD_INNER,    /* inside the allocator */
	FOLD_ENTRY,    /* what programs call: malloc, operator new, ... */
	/* "<something>malloc": an entry when nothing but inner functions are
	 * below it, since jemalloc can be built with any prefix. */
	FOLD_PREFIXED,
};

/** What the function @name (linkage name, NULL: unknown) of the module at
 *  @path (NULL: unknown) is. @demangled is @name in full for people. */
enum fold_kind fold_classify(const char *name, const char *demangled,
			     const char *path);

/** The function @name (demangled, without template arguments and parameters) is
 *  an inner one of the C++ library, libstdc++ or libc++: one of an allocator,
 * or one with a name that programs may not use, as
 * std::_Rb_tree::_M_create_node, so that none can have called it. */
bool fold_is_std(const char *name);

/** How many of @kinds[0..n), leaf first, are to be left out. @bridge[i]: the
 *  frame lies in the allocator's module, so that a nameless or prefixed one may
 *  be of the allocator. 0 when nothing would be left. */
size_t fold_count(const enum fold_kind *kinds, const bool *bridge, size_t n);

#endif
