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

/** A frame of this kind can be left out on its own account. */
static inline bool fold_is_allocator(enum fold_kind kind)
{
	return kind != FOLD_KEEP && kind != FOLD_NAMELESS;
}

/** The kind of function @name (linkage name, NULL: unknown) of the module at
 *  @path (NULL: unknown). @demangled is @name in full for people. */
enum fold_kind fold_classify(const char *name, const char *demangled,
			     const char *path);

/** The function @name (demangled, without template arguments and parameters) is
 *  an inner one of the C++ library, libstdc++ or libc++: a method of an
 *  allocator, or a name that is reserved to the library, like
 *  std::_Rb_tree::_M_create_node, which no program can have called. */
bool fold_is_std(const char *name);

/** What was seen of a stack, from its leaf on. Zero-initialise. */
struct fold {
	size_t n;   /* frames that may be the allocator's */
	size_t end; /* so many of them are: leave them out, unless that is the
		       whole stack */
	bool entered;
};

/** Looks at the next frame. @bridge: it is in the allocator's module, so a
 *  nameless or prefixed one may be the allocator's. False: neither it nor any
 *  after it is. */
bool fold_next(struct fold *fold, enum fold_kind kind, bool bridge);

#endif
