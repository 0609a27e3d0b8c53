#include "symbol/debuginfo.h"

#include <dwarf.h>
#include <stdlib.h>

#include "base/array.h"
#include "symbol/dwarf/die.h"
#include "symbol/dwarf/file.h"
#include "symbol/dwarf/prepare.h"
#include "symbol/dwarf/range_index.h"
#include "symbol/dwarf/ranges.h"
#include "symbol/dwarf/split.h"
#include "symbol/dwarf/unit_code.h"

struct debuginfo {
	struct dwarf_file *dwarf;    /* owned */
	const struct elf_file *code; /* borrowed */
	struct intern *strings;	     /* borrowed */
	struct unit_code *units;     /* owned */
	size_t n_units, units_cap;
	struct range_map map; /* ids: indices of units */
	struct split_files splits;
};

/* Several units have the same inline function, and GNU ld points all of them to
 * the copy that it keeps when their copies have the same size (binutils,
 * bfd/elflink.c, _bfd_elf_check_kept_section()). It keeps the first: of equal
 * ranges that of the first unit is the innermost. */
static struct hs_error *add_range(uint64_t start, uint64_t end, void *arg)
{
	struct debuginfo *info = arg;
	uint32_t id = (uint32_t)info->n_units;

	if (!is_live_code(info->code, start, end))
		return NULL;
	return range_map_add(&info->map, start, end, UINT32_MAX - id, id);
}

static struct hs_error *add_unit(struct debuginfo *info,
				 struct dwarf_unit *unit)
{
	struct dwarf_pcs pcs = { 0 };
	size_t before = info->map.n;
	struct dwarf_die root;
	struct hs_error *err;

	if (!dwarf_die_at(unit, unit->root, &root) || !root.abbrev)
		return NULL;
	dwarf_pcs_read(&root, &pcs);
	err = dwarf_pcs_each(unit, &pcs, add_range, info);
	if (err || info->map.n == before)
		return err;
	if (!ARRAY_GROW(info->units, info->units_cap, info->n_units + 1))
		return hs_error_nomem();
	info->units[info->n_units++] = (struct unit_code){
		.unit = unit,
		.elf = info->code,
	};
	return NULL;
}

/* .debug_aranges would be quicker, but clang writes it with -gdwarf-aranges
 * only, so that some units may be in it and some not. */
static struct hs_error *index_units(struct debuginfo *info)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < info->dwarf->n_units && !err; i++) {
		struct dwarf_unit *unit = &info->dwarf->units[i];

		if (info->n_units == UINT32_MAX)
			break;
		err = dwarf_unit_prepare(unit);
		if (!err && unit->usable)
			err = add_unit(info, unit);
	}
	return err ? err : range_map_flatten(&info->map);
}

struct hs_error *
debuginfo_open(const struct elf_file *file, const struct elf_file *code,
	       struct elf_file *alternate, struct intern *strings,
	       const struct debug_paths *debug_paths, struct debuginfo **ret)
{
	struct debuginfo *info = calloc(1, sizeof(*info));
	struct hs_error *err;

	if (!info) {
		elf_file_close(alternate);
		return hs_error_nomem();
	}
	info->code = code;
	info->strings = strings;
	info->splits.path = code->name;
	info->splits.debug_paths = debug_paths;
	info->splits.root = debug_paths_root_of(debug_paths, file);
	err = dwarf_file_open(file, false, debug_paths->budget, &info->dwarf);
	if (err)
		elf_file_close(alternate);
	else
		err = dwarf_file_set_alternate(info->dwarf, alternate,
					       debug_paths->budget);
	if (!err)
		err = index_units(info);
	if (err) {
		debuginfo_close(info);
		return err;
	}
	*ret = info;
	return NULL;
}

bool debuginfo_is_changed(const struct debuginfo *info)
{
	const struct dwarf_file *alternate = info->dwarf->alternate;

	return (alternate && elf_file_is_changed(alternate->elf)) ||
	       split_files_are_changed(&info->splits);
}

void debuginfo_close(struct debuginfo *info)
{
	size_t i;

	if (!info)
		return;
	for (i = 0; i < info->n_units; i++)
		unit_code_release(&info->units[i]);
	free(info->units);
	range_map_release(&info->map);
	split_files_release(&info->splits);
	dwarf_file_close(info->dwarf);
	free(info);
}

static struct hs_error *load_unit(struct debuginfo *info,
				  struct unit_code *code)
{
	struct dwarf_unit *full = NULL;
	struct hs_error *err = NULL;

	if (code->loaded)
		return NULL;
	if (code->unit->dwo_name)
		err = split_find(&info->splits, code->unit, &full);
	return err ? err : unit_code_load(code, full ? full : code->unit);
}

static struct hs_error *add_scopes(struct debuginfo *info,
				   struct unit_code *code, uint64_t address,
				   struct frame_list *list)
{
	uint32_t index = unit_code_find(code, address);
	struct symbol_frame frame = { 0 };
	struct hs_error *err;

	err = unit_code_find_line(code, info->strings, address, &frame.file,
				  &frame.line);
	while (!err && index != UNIT_NO_SCOPE) {
		const struct unit_scope *scope;

		err = unit_code_name_scope(code, info->strings, index, &scope);
		if (err)
			break;
		index = scope->parent;
		frame.function = scope->name;
		frame.inlined = index != UNIT_NO_SCOPE;
		err = frame_list_add(list, frame);
		frame.file = scope->call_file;
		frame.line = scope->call_line;
	}
	/* Lines without a function: assembly. */
	if (!err && !list->n && frame.file)
		err = frame_list_add(list, frame);
	return err;
}

struct hs_error *debuginfo_lookup(struct debuginfo *info, uint64_t address,
				  struct frame_list *list)
{
	const struct range *r = range_map_find(&info->map, address);
	struct hs_error *err;

	if (!r)
		return NULL;
	err = load_unit(info, &info->units[r->id]);
	if (err)
		return err;
	return add_scopes(info, &info->units[r->id], address, list);
}
