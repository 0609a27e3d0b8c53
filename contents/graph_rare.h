/**
 * @file graph_rare.h - marks links of a graph that are of a rare kind. One
 * stale word, in what an array has not used yet or in a region that was used
 * for something else before, may point into the middle of a long list, and
 * would have all of it held by who does not know it. Such a link is of a kind
 * that hardly any other is of.
 *
 * A kind is a size class, a word in its regions, and the size class it points
 * to; it is rare when less than a thousandth of the class's regions have it. In
 * a large region with a thousand links or more a kind is the size class they
 * point to; it is rare below a twentieth of them.
 *
 * Internal to the graph.
 */
#ifndef CONTENTS_GRAPH_RARE_H
#define CONTENTS_GRAPH_RARE_H

#include <stdint.h>

#include "base/error.h"
#include "contents/graph_edges.h"
#include "contents/graph_index.h"

/** What an edge from word @word of a region of size class @class is added
 *  with. */
uint8_t graph_rare_word(unsigned class, uint64_t word);

/** Sets GRAPH_EDGE_RARE in @edges, of which those of each region of @index
 * begin at @first, and end where the next one's do. HS_ERROR_NOMEM. */
struct hs_error *graph_rare_mark(const struct graph_index *index,
				 const uint32_t *first,
				 struct graph_edges *edges) hs_must_check;

#endif
