/**
 * @file wrappers.h - finds the functions that programs allocate through:
 * zmalloc, g_malloc, std::vector's inner functions, a project's own.
 *
 * Such a function is at the leaf of many stacks and responsible for none. It is
 * one
 *  - by its name, when that is known (zmalloc, g_malloc, _PyMem_RawMalloc, what
 *    is in std::), or the user says so;
 *  - by a name like malloc's (xmalloc, my_calloc, pool_alloc), when two
 *    functions or more call it;
 *  - by its place, when four functions or more call it, its bytes come from two
 *    calls at most, and all that is allocated below it is allocated so.
 * A function with one caller is only found by a known name: it may be the leak
 * itself. heapsnap-numbers(7) says the same to users.
 */
#ifndef OUTPUT_WRAPPERS_H
#define OUTPUT_WRAPPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "output/rows.h"

enum { WRAPPER_CALLERS = 4, WRAPPER_SITES = 2 };

/** What stacks say of one function. */
struct wrapper_evidence {
	uint32_t callers[WRAPPER_CALLERS]; /* distinct ones, until there are
					      enough */
	uint64_t sites[WRAPPER_SITES + 1]; /* lines or offsets, distinct ones */
	uint8_t n_callers, n_sites;
	bool inside; /* allocates also by calling other functions, known when
			it is decided */
	bool wraps;
};

/** Zero-initialise. */
struct wrappers {
	struct wrapper_evidence *of; /* owned; by row_frame.symbol */
	size_t cap;
	bool *inside; /* owned; by frame: its function calls other functions
			 that allocate */
	size_t inside_cap;
	bool any; /* some frame is of a wrapper; known when it is decided */
};

void wrappers_release(struct wrappers *w);

/** Takes into account the stack rows.stack[first..first + n), leaf first, of
 *  which the allocator's frames are folded. */
struct hs_error *wrappers_count(struct wrappers *w, const struct rows *rows,
				size_t first, size_t n) hs_must_check;

/** Decides of all functions, when all stacks of @rows were counted. */
void wrappers_decide(struct wrappers *w, const struct rows *rows);

/** How many of the frames at the leaf of rows.stack[first..first + n) are
 *  wrappers, or without a name and called by a known one of the same module;
 *  less than @n, if that is not 0. */
uint32_t wrappers_at_leaf(const struct wrappers *w, const struct rows *rows,
			  size_t first, size_t n);

#endif
