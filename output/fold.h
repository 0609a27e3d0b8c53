/**
 * @file fold.h - decides which frames belong to the allocator.
 *
 * The leaf of every stack is inside jemalloc, then come malloc() or operator
 * new. They are the same on each stack, so they only hide the frames that
 * matter.
 */
#ifndef OUTPUT_FOLD_H
#define OUTPUT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

enum fold_kind {
	FOLD_KEEP,     /* a frame like any other */
	FOLD_NAMELESS, /* unknown function: allocator if between such frames */
	FOLD_INNER,    /* inside the allocator */
	FOLD_ENTRY,    /* called by programs: malloc, operator new, ... */
	/* "<something>malloc": an entry when only inner functions are below it,
	 * since jemalloc can be built with any prefix. */
	FOLD_PREFIXED,
};

/** The kind of function @name (linkage name, NULL: unknown) of the module at
 *  @path (NULL: unknown). @demangled is @name in full for people. */
enum fold_kind fold_classify(const char *name, const char *demangled,
			     const char *path);

/** The function @name (demangled, without template arguments and parameters) is
 *  an inner one of the C++ library, libstdc++ or libc++: a method of an
 *  allocator, or a name that is reserved to the library, like
 *  std::_Rb_tree::_M_create_node, which no program can have called. */
bool fold_is_std(const char *name);

/** How many of @kinds[0..n), leaf first, to leave out. @bridge[i]: the frame is
 *  in the allocator's module, so a nameless or prefixed one may be the
 *  allocator's. 0 when no frame would be left. */
size_t fold_count(const enum fold_kind *kinds, const bool *bridge, size_t n);

#endif
