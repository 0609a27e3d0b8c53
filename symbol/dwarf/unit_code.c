#include "symbol/dwarf/unit_code.h"

#include <dwarf.h>
#include <stdlib.h>

#include "base/array.h"
#include "symbol/dwarf/lines.h"
#include "symbol/dwarf/ranges.h"
#include "symbol/dwarf/scope_names.h"
#include "symbol/dwarf/walk.h"

void unit_code_release(struct unit_code *code)
{
	free(code->scopes);
	range_map_release(&code->map);
	*code = (struct unit_code){ 0 };
}

bool is_live_code(const struct elf_file *elf, uint64_t start, uint64_t end)
{
	size_t i;

	for (i = 0; start && i < elf->n_segments; i++) {
		const struct elf_segment *s = &elf->segments[i];

		if (s->exec && start >= s->address &&
		    start - s->address < s->memory_size &&
		    end - s->address <= s->memory_size)
			return true;
	}
	return false;
}

/* The scopes of a unit's code, as they are found. */
struct collector {
	struct unit_code *code;
	uint32_t depth; /* of the scope whose ranges are being added */
	bool has_code;
};

static struct hs_error *add_range(uint64_t start, uint64_t end, void *arg)
{
	struct collector *c = arg;

	if (!is_live_code(c->code->elf, start, end))
		return NULL;
	c->has_code = true;
	return range_map_add(&c->code->map, start, end, c->depth,
			     (uint32_t)c->code->n_scopes);
}

static struct hs_error *add_scope(struct collector *c,
				  const struct dwarf_die *die, uint32_t depth,
				  uint32_t parent, uint32_t *ret)
{
	struct unit_code *code = c->code;
	struct dwarf_pcs pcs;
	struct hs_error *err;

	*ret = UNIT_NO_SCOPE;
	if (code->n_scopes >= UNIT_NO_SCOPE)
		return NULL;
	c->depth = depth;
	c->has_code = false;
	dwarf_pcs_read(die, &pcs);
	err = dwarf_pcs_each(die->unit, &pcs, add_range, c);
	if (err || !c->has_code)
		return err;
	if (!ARRAY_GROW(code->scopes, code->scopes_cap, code->n_scopes + 1))
		return hs_error_nomem();
	*ret = (uint32_t)code->n_scopes;
	code->scopes[code->n_scopes++] = (struct unit_scope){
		.offset = die->offset,
		.parent = parent,
	};
	return NULL;
}

/* A dwarf_visit_fn: scopes are functions and inlined calls. */
static struct hs_error *collect(void *arg, const struct dwarf_die *die,
				uint32_t depth, uint32_t *scope, bool *skip)
{
	uint32_t around = *scope;
	struct hs_error *err;

	switch (die->abbrev->tag) {
	case DW_TAG_subprogram:
		/* Without code of its own it may still hold some: gcc puts
		 * lambdas and local classes' methods into the abstract
		 * instance of the function around them. */
		return add_scope(arg, die, depth, UNIT_NO_SCOPE, scope);
	case DW_TAG_inlined_subroutine:
		err = add_scope(arg, die, depth, around, scope);
		*skip = *scope == UNIT_NO_SCOPE;
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

/* The file numbers of call sites are those of the line table; a split unit may
 * have one of its own for them, without rows. */
static struct hs_error *load_lines(struct unit_code *code)
{
	struct dwarf_unit *full = code->full;
	struct hs_error *err = dwarf_unit_lines(code->unit, &code->lines);

	code->call_lines = code->lines;
	if (err || full == code->unit)
		return err;
	if (full->file->sections[DWARF_LINE].size)
		full->line_offset = 0;
	err = dwarf_unit_lines(full, &code->call_lines);
	if (!code->call_lines)
		code->call_lines = code->lines;
	return err;
}

struct hs_error *unit_code_load(struct unit_code *code, struct dwarf_unit *full)
{
	struct collector collector = { .code = code };
	struct hs_error *err;

	code->loaded = true;
	code->full = full;
	err = load_lines(code);
	if (!err && full->usable)
		err = dwarf_walk_scopes(full, UNIT_NO_SCOPE, collect,
					&collector);
	return err ? err : range_map_flatten(&code->map);
}

uint32_t unit_code_find(const struct unit_code *code, uint64_t address)
{
	const struct range *r = range_map_find(&code->map, address);

	return r ? r->id : UNIT_NO_SCOPE;
}

static struct hs_error *name_call_site(const struct unit_code *code,
				       struct intern *strings,
				       const struct dwarf_die *die,
				       struct unit_scope *scope)
{
	struct dwarf_value value;
	uint64_t n;

	if (dwarf_die_attr(die, DW_AT_call_line, &value) &&
	    dwarf_value_number(&value, &n) && n <= INT32_MAX)
		scope->call_line = (uint32_t)n;
	if (!code->call_lines ||
	    !dwarf_die_attr(die, DW_AT_call_file, &value) ||
	    !dwarf_value_number(&value, &n))
		return NULL;
	return dwarf_lines_path(code->call_lines, code->full, n, strings,
				&scope->call_file);
}

struct hs_error *unit_code_name_scope(struct unit_code *code,
				      struct intern *strings, uint32_t index,
				      const struct unit_scope **ret)
{
	struct unit_scope *scope = &code->scopes[index];
	struct dwarf_die die;
	struct hs_error *err;

	*ret = scope;
	if (scope->named || !dwarf_die_at(code->full, scope->offset, &die) ||
	    !die.abbrev)
		return NULL;
	err = die_name(&die, strings, &scope->name);
	if (!err && scope->parent != UNIT_NO_SCOPE)
		err = name_call_site(code, strings, &die, scope);
	if (!err)
		scope->named = true;
	return err;
}

struct hs_error *unit_code_find_line(struct unit_code *code,
				     struct intern *strings, uint64_t address,
				     const char **file, uint32_t *line)
{
	const struct dwarf_row *row;

	*file = NULL;
	*line = 0;
	row = code->lines ? dwarf_lines_find(code->lines, address) : NULL;
	if (!row)
		return NULL;
	if (row->line <= INT32_MAX)
		*line = row->line;
	return dwarf_lines_path(code->lines, code->unit, row->file, strings,
				file);
}
