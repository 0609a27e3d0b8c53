#include "symbol/dwarf/range_index.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/search.h"

void range_map_release(struct range_map *map)
{
	free(map->items);
	*map = (struct range_map){ 0 };
}

static struct hs_error *range_map_push(struct range_map *map, struct range r)
{
	if (r.start >= r.end)
		return NULL;
	if (!ARRAY_GROW(map->items, map->cap, map->n + 1))
		return hs_error_nomem();
	map->items[map->n++] = r;
	return NULL;
}

struct hs_error *range_map_add(struct range_map *map, uint64_t start,
			       uint64_t end, uint32_t depth, uint32_t id)
{
	return range_map_push(map, (struct range){ .start = start,
						   .end = end,
						   .depth = depth,
						   .id = id });
}

/* Outer before inner. */
static int range_compare(const void *pa, const void *pb)
{
	const struct range *a = pa, *b = pb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* What the open ranges cover from *at up to @until goes to @flat, the
 * innermost (last opened) first; those that end there are closed. */
static struct hs_error *close_ranges(struct range_map *flat,
				     struct range_map *open, uint64_t *at,
				     uint64_t until)
{
	while (open->n && *at < until) {
		struct range piece = open->items[open->n - 1];
		struct hs_error *err;

		if (piece.end <= *at) {
			open->n--;
			continue;
		}
		piece.start = *at;
		if (piece.end > until)
			piece.end = until;
		err = range_map_push(flat, piece);
		if (err)
			return err;
		*at = piece.end;
	}
	*at = until;
	return NULL;
}

struct hs_error *range_map_flatten(struct range_map *map)
{
	hs_cleanup(range_map_release) struct range_map flat = { 0 };
	hs_cleanup(range_map_release) struct range_map open = { 0 };
	struct hs_error *err;
	uint64_t at = 0;
	size_t i;

	if (map->n)
		qsort(map->items, map->n, sizeof(*map->items), range_compare);
	for (i = 0; i < map->n; i++) {
		err = close_ranges(&flat, &open, &at, map->items[i].start);
		if (!err)
			err = range_map_push(&open, map->items[i]);
		if (err)
			return err;
	}
	err = close_ranges(&flat, &open, &at, UINT64_MAX);
	if (err)
		return err;
	range_map_release(map);
	*map = flat;
	flat = (struct range_map){ 0 };
	return NULL;
}

const struct range *range_map_find(const struct range_map *map,
				   uint64_t address)
{
	const size_t at =
		search_sorted(map->n, i, map->items[i].end <= address);

	return at < map->n && map->items[at].start <= address ? &map->items[at]
							      : NULL;
}
