#include "symbol/unit.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "symbol/die_name.h"

enum {
	/* Deeper nesting than any compiler writes; the walk recurses. */
	DEPTH_MAX = 256,
};

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

struct unit_walk {
	struct unit *unit;
	const struct elf_file *code;
};

static struct hs_error *unit_add_scope(struct unit_walk *walk, Dwarf_Die *die,
				       uint32_t parent, uint32_t depth,
				       uint32_t *ret)
{
	struct unit *unit = walk->unit;
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;
	uint32_t id = (uint32_t)unit->n_scopes;
	bool has_code = false;

	*ret = UNIT_NO_SCOPE;
	if (unit->n_scopes >= UNIT_NO_SCOPE)
		return NULL;
	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		struct hs_error *err;

		if (!is_live_code(walk->code, start, end))
			continue;
		err = range_map_add(&unit->map, start, end, depth, id);
		if (err)
			return err;
		has_code = true;
	}
	if (!has_code)
		return NULL;
	if (!ARRAY_GROW(unit->scopes, unit->scopes_cap, unit->n_scopes + 1))
		return hs_error_nomem();
	unit->scopes[unit->n_scopes++] = (struct unit_scope){
		.die = *die,
		.parent = parent,
	};
	*ret = id;
	return NULL;
}

static struct hs_error *walk_children(struct unit_walk *walk, Dwarf_Die *die,
				      uint32_t scope, uint32_t depth);

/* @scope: the one around @die. */
static struct hs_error *walk_die(struct unit_walk *walk, Dwarf_Die *die,
				 uint32_t scope, uint32_t depth)
{
	uint32_t added = scope;
	struct hs_error *err;

	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
		err = unit_add_scope(walk, die, UNIT_NO_SCOPE, depth, &added);
		if (err)
			return err;
		/* Without code of its own it may still hold some: gcc puts
		 * lambdas and local classes' methods into the abstract
		 * instance of the function around them. */
		break;
	case DW_TAG_inlined_subroutine:
		err = unit_add_scope(walk, die, scope, depth, &added);
		if (err || added == UNIT_NO_SCOPE)
			return err;
		break;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		break;
	default:
		return NULL;
	}
	return walk_children(walk, die, added, depth + 1);
}

static struct hs_error *walk_children(struct unit_walk *walk, Dwarf_Die *die,
				      uint32_t scope, uint32_t depth)
{
	Dwarf_Die child, next;

	if (depth > DEPTH_MAX || dwarf_child(die, &child) != 0)
		return NULL;
	for (;;) {
		struct hs_error *err = walk_die(walk, &child, scope, depth);

		if (err)
			return err;
		/* DW_AT_sibling of a damaged file may lead back. */
		if (dwarf_siblingof(&child, &next) != 0 ||
		    dwarf_dieoffset(&next) <= dwarf_dieoffset(&child))
			return NULL;
		child = next;
	}
}

struct hs_error *unit_load(struct unit *unit, const struct elf_file *code)
{
	struct unit_walk walk = { .unit = unit, .code = code };
	Dwarf_Attribute attr;
	Dwarf_Die split;
	struct hs_error *err;
	size_t n;

	if (unit->loaded)
		return NULL;
	unit->loaded = true;
	unit->die = unit->lines_die;
	if (!dwarf_cu_info(unit->cu, NULL, NULL, NULL, &split, NULL, NULL,
			   NULL) &&
	    split.cu)
		unit->die = split;
	unit->directory = dwarf_formstring(
		dwarf_attr(&unit->lines_die, DW_AT_comp_dir, &attr));
	/* Parts that are damaged or missing only make names rarer. */
	if (dwarf_getsrclines(&unit->lines_die, &unit->lines, &unit->n_lines))
		unit->n_lines = 0;
	if (dwarf_getsrcfiles(&unit->die, &unit->files, &n))
		unit->files = NULL;
	err = walk_children(&walk, &unit->die, UNIT_NO_SCOPE, 0);
	return err ? err : range_map_flatten(&unit->map);
}

uint32_t unit_find(const struct unit *unit, uint64_t address)
{
	const struct range *r = range_map_find(&unit->map, address);

	return r ? r->id : UNIT_NO_SCOPE;
}

/* Puts the unit's directory before a relative path. */
static struct hs_error *unit_file(const struct unit *unit,
				  struct intern *strings, const char *path,
				  const char **ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	*ret = path;
	if (!path || path[0] == '/' || !unit->directory)
		return NULL;
	strbuf_addf(&sb, "%s/%s", unit->directory, path);
	err = strbuf_check(&sb);
	return err ? err : intern_string(strings, sb.buf, sb.len, ret);
}

static struct hs_error *unit_name_call_site(const struct unit *unit,
					    struct intern *strings,
					    struct unit_scope *scope)
{
	Dwarf_Attribute attr;
	Dwarf_Word n;

	if (!dwarf_formudata(dwarf_attr(&scope->die, DW_AT_call_line, &attr),
			     &n) &&
	    n <= INT32_MAX)
		scope->call_line = (uint32_t)n;
	if (!unit->files ||
	    dwarf_formudata(dwarf_attr(&scope->die, DW_AT_call_file, &attr),
			    &n))
		return NULL;
	return unit_file(unit, strings,
			 dwarf_filesrc(unit->files, n, NULL, NULL),
			 &scope->call_file);
}

struct hs_error *unit_name_scope(struct unit *unit, struct scopes *scopes,
				 struct intern *strings, uint32_t index,
				 const struct unit_scope **ret)
{
	struct unit_scope *scope = &unit->scopes[index];
	struct hs_error *err;

	*ret = scope;
	if (scope->named)
		return NULL;
	err = die_name(&scope->die, scopes, strings, &scope->name);
	if (!err && scope->parent != UNIT_NO_SCOPE)
		err = unit_name_call_site(unit, strings, scope);
	if (!err)
		scope->named = true;
	return err;
}

/* The last row at or before @address, or NULL. libdw sorts the rows of all
 * sequences together: what ld leaves of a discarded function begins at 0, and
 * could only hide rows of code that begins below that function's size. */
static Dwarf_Line *unit_find_row(const struct unit *unit, uint64_t address)
{
	size_t low = 0, high = unit->n_lines;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		Dwarf_Addr have;

		if (dwarf_lineaddr(dwarf_onesrcline(unit->lines, middle),
				   &have))
			return NULL;
		if (have <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? dwarf_onesrcline(unit->lines, low - 1) : NULL;
}

struct hs_error *unit_find_line(struct unit *unit, struct intern *strings,
				uint64_t address, const char **file,
				uint32_t *line)
{
	Dwarf_Line *row = unit_find_row(unit, address);
	bool end;
	int n;

	*file = NULL;
	*line = 0;
	if (!row || dwarf_lineendsequence(row, &end) || end)
		return NULL;
	if (!dwarf_lineno(row, &n) && n > 0)
		*line = (uint32_t)n;
	return unit_file(unit, strings, dwarf_linesrc(row, NULL, NULL), file);
}
