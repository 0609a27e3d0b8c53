#include "symbol/dwarf/code_scopes.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"
#include "symbol/dwarf/walk.h"

enum {
	/* Deeper nesting than anybody writes. */
	DEPTH_MAX = 256,
};

#define NO_SCOPE UINT32_MAX

struct named_scope {
	uint64_t offset; /* of its entry */
	uint32_t parent;
};

/* Entries are written depth first: a parent is before its children. */
struct dwarf_scopes {
	struct named_scope *items; /* owned; ascending by offset */
	size_t n, cap;
};

void scopes_free(struct dwarf_scopes *scopes)
{
	if (!scopes)
		return;
	free(scopes->items);
	free(scopes);
}

static bool is_named_scope(uint16_t tag)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_subprogram:
		return true;
	default:
		return false;
	}
}

static bool is_transparent(uint16_t tag)
{
	switch (tag) {
	case DW_TAG_compile_unit:
	case DW_TAG_partial_unit:
	case DW_TAG_lexical_block:
		return true;
	default:
		return false;
	}
}

/* A dwarf_visit_fn: scopes are what a name is declared in. */
static struct hs_error *collect(void *arg, const struct dwarf_die *die,
				uint32_t depth, uint32_t *scope, bool *skip)
{
	struct dwarf_scopes *scopes = arg;
	size_t *left = &die->unit->file->scopes_left;

	(void)depth;
	if (!is_named_scope(die->abbrev->tag) || !*left) {
		*skip = !is_transparent(die->abbrev->tag);
		return NULL;
	}
	--*left;
	if (!ARRAY_GROW(scopes->items, scopes->cap, scopes->n + 1))
		return hs_error_nomem();
	scopes->items[scopes->n] = (struct named_scope){
		.offset = die->offset,
		.parent = *scope,
	};
	*scope = (uint32_t)scopes->n++;
	return NULL;
}

static struct hs_error *scopes_of(struct dwarf_unit *unit)
{
	if (unit->scopes)
		return NULL;
	unit->scopes = calloc(1, sizeof(*unit->scopes));
	if (!unit->scopes)
		return hs_error_nomem();
	return dwarf_walk_scopes(unit, NO_SCOPE, collect, unit->scopes);
}

/* The scope whose entry is at @offset, or NULL. */
static const struct named_scope *find_scope(const struct dwarf_scopes *scopes,
					    uint64_t offset)
{
	const size_t at =
		search_sorted(scopes->n, i, scopes->items[i].offset < offset);

	return at < scopes->n && scopes->items[at].offset == offset
		       ? &scopes->items[at]
		       : NULL;
}

static const char *entry_name(const struct dwarf_die *die)
{
	struct dwarf_value value;

	if (!dwarf_die_attr(die, DW_AT_name, &value))
		return NULL;
	return dwarf_value_string(die->unit, &value);
}

/* gcc and clang give the class of a lambda no name. */
static bool is_lambda(struct dwarf_unit *unit, uint64_t offset)
{
	struct dwarf_walk walk;
	struct dwarf_die die;
	uint32_t depth;

	dwarf_walk_init(&walk, unit);
	walk.c = cursor_at(slice_part(unit->file->sections[DWARF_INFO], 0,
				      unit->end),
			   offset);
	while (dwarf_walk_next(&walk, &die, &depth)) {
		const char *name = depth == 1 ? entry_name(&die) : NULL;

		if (name && !strncmp(name, "operator()", 10))
			return true;
		if (depth)
			dwarf_walk_skip_children(&walk);
		else if (!die.abbrev->children)
			return false;
	}
	return false;
}

/* NULL: not named. */
static const char *scope_name(struct dwarf_unit *unit, uint64_t offset)
{
	struct dwarf_die die;
	const char *name;

	if (!dwarf_die_at(unit, offset, &die) || !die.abbrev)
		return NULL;
	name = entry_name(&die);
	if (name)
		return name;
	if (die.abbrev->tag == DW_TAG_namespace)
		return "(anonymous namespace)";
	return is_lambda(unit, offset) ? "{lambda}" : NULL;
}

static void add_path(struct dwarf_unit *unit, uint32_t id, struct strbuf *sb)
{
	const struct named_scope *items = unit->scopes->items;
	const char *names[DEPTH_MAX];
	size_t n = 0;

	for (; id != NO_SCOPE && n < DEPTH_MAX; id = items[id].parent) {
		names[n] = scope_name(unit, items[id].offset);
		n += names[n] != NULL;
	}
	while (n--)
		strbuf_addf(sb, "%s::", names[n]);
}

struct hs_error *scopes_add_path(const struct dwarf_die *die, struct strbuf *sb)
{
	struct hs_error *err = scopes_of(die->unit);
	const struct named_scope *scope;

	if (err)
		return err;
	scope = find_scope(die->unit->scopes, die->offset);
	if (scope)
		add_path(die->unit, scope->parent, sb);
	return NULL;
}
