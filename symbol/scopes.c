#include "symbol/scopes.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "symbol/ranges.h"

enum {
	/* Deeper nesting than any compiler writes; both walks recurse. */
	DEPTH_MAX = 256,
};

#define NO_SCOPE UINT32_MAX

struct named_scope {
	Dwarf_Die die;
	uint32_t parent;
};

/* Entries are written depth first, so that a scope is a range of offsets. */
struct unit_scopes {
	Dwarf_CU *cu;
	struct named_scope *items; /* owned */
	size_t n, cap;
	struct range_map map; /* of offsets in the section; ids: of items */
	Dwarf_Off last;	      /* offset of the last entry seen so far */
};

void scopes_release(struct scopes *scopes)
{
	size_t i;

	for (i = 0; i < scopes->n; i++) {
		free(scopes->units[i].items);
		range_map_release(&scopes->units[i].map);
	}
	free(scopes->units);
	*scopes = (struct scopes){ 0 };
}

static struct hs_error *walk_children(struct unit_scopes *unit, Dwarf_Die *die,
				      uint32_t parent, uint32_t depth);

static struct hs_error *walk_scope(struct unit_scopes *unit, Dwarf_Die *die,
				   uint32_t parent, uint32_t depth)
{
	uint32_t id = (uint32_t)unit->n;
	struct hs_error *err;

	if (unit->n >= NO_SCOPE)
		return NULL;
	if (!ARRAY_GROW(unit->items, unit->cap, unit->n + 1))
		return hs_error_nomem();
	unit->items[unit->n++] = (struct named_scope){
		.die = *die,
		.parent = parent,
	};
	err = walk_children(unit, die, id, depth);
	return err ? err
		   : range_map_add(&unit->map, dwarf_dieoffset(die),
				   unit->last + 1, depth, id);
}

static struct hs_error *walk_die(struct unit_scopes *unit, Dwarf_Die *die,
				 uint32_t parent, uint32_t depth)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_namespace:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_subprogram:
		return walk_scope(unit, die, parent, depth);
	case DW_TAG_lexical_block:
		return walk_children(unit, die, parent, depth);
	default:
		return NULL;
	}
}

static struct hs_error *walk_children(struct unit_scopes *unit, Dwarf_Die *die,
				      uint32_t parent, uint32_t depth)
{
	Dwarf_Die child, next;

	if (depth > DEPTH_MAX || dwarf_child(die, &child) != 0)
		return NULL;
	for (;;) {
		struct hs_error *err;

		unit->last = dwarf_dieoffset(&child);
		err = walk_die(unit, &child, parent, depth + 1);
		if (err)
			return err;
		/* DW_AT_sibling of a damaged file may lead back. */
		if (dwarf_siblingof(&child, &next) != 0 ||
		    dwarf_dieoffset(&next) <= dwarf_dieoffset(&child))
			return NULL;
		child = next;
	}
}

static struct hs_error *unit_scopes_read(struct unit_scopes *unit,
					 Dwarf_Die *die)
{
	struct hs_error *err;
	Dwarf_Die unit_die;

	if (!dwarf_diecu(die, &unit_die, NULL, NULL))
		return NULL;
	err = walk_children(unit, &unit_die, NO_SCOPE, 0);
	return err ? err : range_map_flatten(&unit->map);
}

static struct hs_error *scopes_unit(struct scopes *scopes, Dwarf_Die *die,
				    struct unit_scopes **ret)
{
	size_t i;

	for (i = 0; i < scopes->n; i++) {
		*ret = &scopes->units[i];
		if ((*ret)->cu == die->cu)
			return NULL;
	}
	if (!ARRAY_GROW(scopes->units, scopes->cap, scopes->n + 1))
		return hs_error_nomem();
	*ret = &scopes->units[scopes->n++];
	**ret = (struct unit_scopes){ .cu = die->cu };
	return unit_scopes_read(*ret, die);
}

/* gcc and clang give the class of a lambda no name. */
static bool is_lambda(Dwarf_Die *class)
{
	Dwarf_Die child, next;

	if (dwarf_child(class, &child) != 0)
		return false;
	for (;;) {
		const char *name = dwarf_diename(&child);

		if (name && !strncmp(name, "operator()", 10))
			return true;
		if (dwarf_siblingof(&child, &next) != 0 ||
		    dwarf_dieoffset(&next) <= dwarf_dieoffset(&child))
			return false;
		child = next;
	}
}

/* NULL: not named. */
static const char *scope_name(Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	if (name)
		return name;
	if (dwarf_tag(die) == DW_TAG_namespace)
		return "(anonymous namespace)";
	return is_lambda(die) ? "{lambda}" : NULL;
}

static void add_path(struct unit_scopes *unit, uint32_t id, struct strbuf *sb)
{
	const char *names[DEPTH_MAX];
	size_t n = 0;

	for (; id != NO_SCOPE && n < DEPTH_MAX; id = unit->items[id].parent) {
		names[n] = scope_name(&unit->items[id].die);
		n += names[n] != NULL;
	}
	while (n--)
		strbuf_addf(sb, "%s::", names[n]);
}

struct hs_error *scopes_add_path(struct scopes *scopes, Dwarf_Die *die,
				 struct strbuf *sb)
{
	Dwarf_Off offset = dwarf_dieoffset(die);
	struct unit_scopes *unit = NULL;
	struct named_scope *scope;
	const struct range *range;
	struct hs_error *err = scopes_unit(scopes, die, &unit);

	if (err)
		return err;
	range = range_map_find(&unit->map, offset);
	if (!range)
		return NULL;
	scope = &unit->items[range->id];
	/* A function is a scope itself. */
	add_path(unit,
		 dwarf_dieoffset(&scope->die) == offset ? scope->parent
							: range->id,
		 sb);
	return NULL;
}
