/**
 * @file holders_name.h - what a graph says of a heap, in a report's words.
 */
#ifndef CONTENTS_HOLDERS_NAME_H
#define CONTENTS_HOLDERS_NAME_H

#include "base/demangle_style.h"
#include "base/error.h"
#include "contents/code_names.h"
#include "contents/graph_live.h"
#include "heap/contents.h"

/** Sets the reach of the classes of @c. */
void holders_count_reach(const struct leaks *leaks, struct heap_contents *c);

/** Makes the holders of @c: globals by their names, which @names has, other
 *  memory by what it is. */
struct hs_error *holders_name(const struct graph_live *live,
			      struct code_names *names,
			      enum demangle_style style,
			      struct heap_contents *c) hs_must_check;

#endif
