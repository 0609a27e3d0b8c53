#include "symbol/dwarf/walk.h"

#include <stdlib.h>

#include "base/array.h"

#define SKIP_NOTHING UINT32_MAX

enum {
	/* Deeper than any program's. A walk remembers the entries around. */
	DEPTH_MAX = 1 << 16,
};

void dwarf_walk_init(struct dwarf_walk *walk, struct dwarf_unit *unit)
{
	struct slice info = unit->file->sections[DWARF_INFO];

	*walk = (struct dwarf_walk){
		.unit = unit,
		.c = cursor_at(slice_part(info, 0, unit->end), unit->root),
		.skip = SKIP_NOTHING,
	};
}

/* Jumps over the children of @die, when it says where they end. */
static bool jump(struct dwarf_walk *walk, const struct dwarf_die *die)
{
	const struct dwarf_unit *unit = walk->unit;
	const uint8_t *start = unit->file->sections[DWARF_INFO].data;
	struct cursor c = die->values;
	uint64_t to;

	if (die->abbrev->sibling < 0)
		return false;
	cursor_skip(&c, (uint64_t)die->abbrev->sibling);
	to = unit->offset + cursor_u32(&c);
	/* Only forwards: a damaged file may lead in a circle. */
	if (c.failed || to <= (uint64_t)(walk->c.at - start) || to > unit->end)
		return false;
	walk->c.at = start + to;
	return true;
}

static bool pass_values(struct dwarf_walk *walk, const struct dwarf_die *die)
{
	const struct dwarf_abbrev *abbrev = die->abbrev;
	const struct dwarf_attr *attrs;
	uint32_t i;

	if (abbrev->size >= 0) {
		cursor_skip(&walk->c, (uint64_t)abbrev->size);
		return !walk->c.failed;
	}
	attrs = dwarf_unit_attrs(walk->unit, abbrev);
	for (i = 0; i < abbrev->n && !walk->c.failed; i++)
		dwarf_value_read(walk->unit->abbrevs->widths, &attrs[i],
				 &walk->c, NULL);
	return !walk->c.failed;
}

/* Goes on to what follows the entry that was read last. */
static bool leave(struct dwarf_walk *walk)
{
	const struct dwarf_die *die = &walk->last;

	if (!die->abbrev)
		return true;
	if (!pass_values(walk, die))
		return false;
	if (!die->abbrev->children ||
	    (walk->depth >= walk->skip && jump(walk, die)))
		return true;
	return ++walk->depth < DEPTH_MAX;
}

bool dwarf_walk_next(struct dwarf_walk *walk, struct dwarf_die *ret,
		     uint32_t *depth)
{
	const uint8_t *start = walk->unit->file->sections[DWARF_INFO].data;

	while (leave(walk)) {
		struct dwarf_die *die = &walk->last;
		uint64_t code;

		*die = (struct dwarf_die){
			.unit = walk->unit,
			.offset = (uint64_t)(walk->c.at - start),
		};
		if (!cursor_left(&walk->c))
			return false;
		code = cursor_uleb(&walk->c);
		if (walk->depth <= walk->skip)
			walk->skip = SKIP_NOTHING;
		if (!code) {
			if (walk->depth <= 1)
				return false;
			walk->depth--;
			continue;
		}
		die->abbrev = dwarf_abbrevs_find(walk->unit->abbrevs, code);
		if (!die->abbrev || walk->c.failed)
			return false;
		die->values = walk->c;
		if (walk->depth > walk->skip)
			continue;
		*ret = *die;
		*depth = walk->depth;
		return true;
	}
	return false;
}

void dwarf_walk_skip_children(struct dwarf_walk *walk)
{
	walk->skip = walk->depth;
}

/* What is around the entries of each depth. */
struct parents {
	uint32_t *items; /* owned */
	size_t cap;
};

static struct hs_error *parents_set(struct parents *parents, uint32_t depth,
				    uint32_t scope)
{
	if (!ARRAY_GROW(parents->items, parents->cap, (size_t)depth + 1))
		return hs_error_nomem();
	parents->items[depth] = scope;
	return NULL;
}

struct hs_error *dwarf_walk_scopes(struct dwarf_unit *unit, uint32_t scope,
				   dwarf_visit_fn *visit, void *arg)
{
	struct parents parents = { 0 };
	struct hs_error *err = parents_set(&parents, 0, scope);
	struct dwarf_walk walk;
	struct dwarf_die die;
	uint32_t depth;

	dwarf_walk_init(&walk, unit);
	while (!err && dwarf_walk_next(&walk, &die, &depth)) {
		bool skip = false;

		scope = parents.items[depth];
		err = visit(arg, &die, depth, &scope, &skip);
		if (skip || !die.abbrev->children)
			dwarf_walk_skip_children(&walk);
		else if (!err)
			err = parents_set(&parents, depth + 1, scope);
	}
	free(parents.items);
	return err;
}
