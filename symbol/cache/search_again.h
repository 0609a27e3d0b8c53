/**
 * @file search_again.h - whether a search for debug files would end where an
 * earlier one did, without reading any.
 */
#ifndef SYMBOL_CACHE_SEARCH_AGAIN_H
#define SYMBOL_CACHE_SEARCH_AGAIN_H

#include <stdbool.h>

#include "symbol/cache/search_trace.h"
#include "symbol/debug_paths.h"

/** Whether each step leads to what it led to. In a search without another root
 *  this machine's stands for it: if all of that is there, too, the search goes
 *  the same way. @name: for errors of servers. */
bool search_again(const struct search_trace *t,
		  const struct debug_paths *debug_paths, const char *name);

#endif
