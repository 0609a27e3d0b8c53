#include "symbol/dwarf/unit.h"

#include <dwarf.h>
#include <stdlib.h>

#include "base/array.h"
#include "symbol/dwarf/scope_names.h"
#include "symbol/dwarf/ranges.h"
#include "symbol/dwarf/walk.h"

void unit_release(struct unit *unit)
{
	free(unit->scopes);
	range_map_release(&unit->map);
	*unit = (struct unit){ 0 };
}

bool is_live_code(const struct elf_file *code, uint64_t start, uint64_t end)
{
	size_t i;

	for (i = 0; start && i < code->n_segments; i++) {
		const struct elf_segment *s = &code->segments[i];

		if (s->exec && start >= s->address &&
		    start - s->address < s->memory_size &&
		    end - s->address <= s->memory_size)
			return true;
	}
	return false;
}

/* What is around the entries of each depth. */
struct unit_walk {
	struct unit *unit;
	uint32_t *scopes; /* owned */
	size_t n, cap;
	uint32_t depth; /* of the scope whose ranges are being added */
	bool has_code;
};

static struct hs_error *add_range(uint64_t start, uint64_t end, void *arg)
{
	struct unit_walk *walk = arg;
	struct unit *unit = walk->unit;

	if (!is_live_code(unit->code, start, end))
		return NULL;
	walk->has_code = true;
	return range_map_add(&unit->map, start, end, walk->depth,
			     (uint32_t)unit->n_scopes);
}

static struct hs_error *add_scope(struct unit_walk *walk,
				  const struct dwarf_die *die, uint32_t depth,
				  uint32_t parent, uint32_t *ret)
{
	struct unit *unit = walk->unit;
	struct dwarf_pcs pcs;
	struct hs_error *err;

	*ret = UNIT_NO_SCOPE;
	if (unit->n_scopes >= UNIT_NO_SCOPE)
		return NULL;
	walk->depth = depth;
	walk->has_code = false;
	dwarf_pcs_read(die, &pcs);
	err = dwarf_pcs_each(die->unit, &pcs, add_range, walk);
	if (err || !walk->has_code)
		return err;
	if (!ARRAY_GROW(unit->scopes, unit->scopes_cap, unit->n_scopes + 1))
		return hs_error_nomem();
	*ret = (uint32_t)unit->n_scopes;
	unit->scopes[unit->n_scopes++] = (struct unit_scope){
		.offset = die->offset,
		.parent = parent,
	};
	return NULL;
}

/* *inside: what is around the children of @die; *skip: they hold no code. */
static struct hs_error *visit(struct unit_walk *walk,
			      const struct dwarf_die *die, uint32_t depth,
			      uint32_t *inside, bool *skip)
{
	uint32_t around = *inside;
	struct hs_error *err;

	*skip = false;
	switch (die->abbrev->tag) {
	case DW_TAG_subprogram:
		/* Without code of its own it may still hold some: gcc puts
		 * lambdas and local classes' methods into the abstract
		 * instance of the function around them. */
		return add_scope(walk, die, depth, UNIT_NO_SCOPE, inside);
	case DW_TAG_inlined_subroutine:
		err = add_scope(walk, die, depth, around, inside);
		*skip = *inside == UNIT_NO_SCOPE;
		return err;
	case DW_TAG_compile_unit:
	case DW_TAG_partial_unit:
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		return NULL;
	default:
		*skip = true;
		return NULL;
	}
}

static struct hs_error *walk_set(struct unit_walk *walk, uint32_t depth,
				 uint32_t scope)
{
	if (!ARRAY_GROW(walk->scopes, walk->cap, (size_t)depth + 1))
		return hs_error_nomem();
	walk->scopes[depth] = scope;
	return NULL;
}

static struct hs_error *read_scopes(struct unit_walk *walk)
{
	struct hs_error *err = walk_set(walk, 0, UNIT_NO_SCOPE);
	struct dwarf_walk entries;
	struct dwarf_die die;
	uint32_t depth;

	dwarf_walk_init(&entries, walk->unit->full);
	while (!err && dwarf_walk_next(&entries, &die, &depth)) {
		uint32_t scope = walk->scopes[depth];
		bool skip;

		err = visit(walk, &die, depth, &scope, &skip);
		if (skip || !die.abbrev->children)
			dwarf_walk_skip_children(&entries);
		else if (!err)
			err = walk_set(walk, depth + 1, scope);
	}
	return err;
}

/* The file numbers of call sites are those of the line table; a split unit may
 * have one of its own for them, without rows. */
static struct hs_error *load_lines(struct unit *unit)
{
	struct dwarf_unit *full = unit->full;
	struct hs_error *err = dwarf_unit_lines(unit->dwarf, &unit->lines);

	unit->call_lines = unit->lines;
	if (err || full == unit->dwarf)
		return err;
	if (full->file->sections[DWARF_LINE].size)
		full->line_offset = 0;
	err = dwarf_unit_lines(full, &unit->call_lines);
	if (!unit->call_lines)
		unit->call_lines = unit->lines;
	return err;
}

struct hs_error *unit_load(struct unit *unit, struct dwarf_unit *full)
{
	struct unit_walk walk = { .unit = unit };
	struct hs_error *err;

	unit->loaded = true;
	unit->full = full;
	err = load_lines(unit);
	if (!err && full->usable)
		err = read_scopes(&walk);
	free(walk.scopes);
	return err ? err : range_map_flatten(&unit->map);
}

uint32_t unit_find(const struct unit *unit, uint64_t address)
{
	const struct range *r = range_map_find(&unit->map, address);

	return r ? r->id : UNIT_NO_SCOPE;
}

static struct hs_error *name_call_site(const struct unit *unit,
				       struct intern *strings,
				       const struct dwarf_die *die,
				       struct unit_scope *scope)
{
	struct dwarf_value value;
	uint64_t n;

	if (dwarf_die_attr(die, DW_AT_call_line, &value) &&
	    dwarf_value_number(&value, &n) && n <= INT32_MAX)
		scope->call_line = (uint32_t)n;
	if (!unit->call_lines ||
	    !dwarf_die_attr(die, DW_AT_call_file, &value) ||
	    !dwarf_value_number(&value, &n))
		return NULL;
	return dwarf_lines_path(unit->call_lines, unit->full, n, strings,
				&scope->call_file);
}

struct hs_error *unit_name_scope(struct unit *unit, struct intern *strings,
				 uint32_t index, const struct unit_scope **ret)
{
	struct unit_scope *scope = &unit->scopes[index];
	struct dwarf_die die;
	struct hs_error *err;

	*ret = scope;
	if (scope->named || !dwarf_die_at(unit->full, scope->offset, &die) ||
	    !die.abbrev)
		return NULL;
	err = die_name(&die, strings, &scope->name);
	if (!err && scope->parent != UNIT_NO_SCOPE)
		err = name_call_site(unit, strings, &die, scope);
	if (!err)
		scope->named = true;
	return err;
}

struct hs_error *unit_find_line(struct unit *unit, struct intern *strings,
				uint64_t address, const char **file,
				uint32_t *line)
{
	const struct dwarf_row *row;

	*file = NULL;
	*line = 0;
	row = unit->lines ? dwarf_lines_find(unit->lines, address) : NULL;
	if (!row)
		return NULL;
	if (row->line <= INT32_MAX)
		*line = row->line;
	return dwarf_lines_path(unit->lines, unit->dwarf, row->file, strings,
				file);
}
