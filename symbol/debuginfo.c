#include "symbol/debuginfo.h"

#include <dwarf.h>
#include <stdlib.h>
#include <elfutils/libdw.h>

#include "base/array.h"
#include "symbol/ranges.h"
#include "symbol/scopes.h"
#include "symbol/unit.h"

struct debuginfo {
	Dwarf *dwarf;		     /* owned; NULL: unreadable */
	const struct elf_file *code; /* borrowed */
	struct intern *strings;	     /* borrowed */
	struct unit *units;	     /* owned */
	size_t n_units, units_cap;
	struct range_map map; /* ids: indices of units */
	struct scopes scopes;
};

void frame_list_release(struct frame_list *list)
{
	free(list->items);
	*list = (struct frame_list){ 0 };
}

struct hs_error *frame_list_add(struct frame_list *list,
				struct symbol_frame frame)
{
	if (!ARRAY_GROW(list->items, list->cap, list->n + 1))
		return hs_error_nomem();
	list->items[list->n++] = frame;
	return NULL;
}

static struct hs_error *debuginfo_add_unit(struct debuginfo *info, Dwarf_CU *cu,
					   Dwarf_Die *die)
{
	uint32_t id = (uint32_t)info->n_units;
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;
	bool has_code = false;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		struct hs_error *err;

		if (!is_live_code(info->code, start, end))
			continue;
		err = range_map_add(&info->map, start, end, 0, id);
		if (err)
			return err;
		has_code = true;
	}
	if (!has_code)
		return NULL;
	if (!ARRAY_GROW(info->units, info->units_cap, info->n_units + 1))
		return hs_error_nomem();
	info->units[info->n_units++] = (struct unit){
		.cu = cu,
		.lines_die = *die,
	};
	return NULL;
}

/* .debug_aranges would be quicker, but clang leaves it out unless told
 * otherwise (-gdwarf-aranges), so that some units may be in it and some not. */
static struct hs_error *debuginfo_index(struct debuginfo *info)
{
	Dwarf_CU *cu = NULL;
	struct hs_error *err = NULL;
	uint8_t type;
	Dwarf_Die die;

	while (!err && info->n_units < UINT32_MAX &&
	       !dwarf_get_units(info->dwarf, cu, &cu, NULL, &type, &die, NULL))
		if (type == DW_UT_compile || type == DW_UT_skeleton)
			err = debuginfo_add_unit(info, cu, &die);
	return err ? err : range_map_flatten(&info->map);
}

struct hs_error *debuginfo_open(const struct elf_file *file,
				const struct elf_file *code,
				struct intern *strings, struct debuginfo **ret)
{
	struct debuginfo *info = calloc(1, sizeof(*info));
	struct hs_error *err = NULL;

	if (!info)
		return hs_error_nomem();
	info->code = code;
	info->strings = strings;
	info->dwarf = dwarf_begin_elf(file->elf, DWARF_C_READ, NULL);
	if (info->dwarf)
		err = debuginfo_index(info);
	if (err) {
		debuginfo_close(info);
		return err;
	}
	*ret = info;
	return NULL;
}

void debuginfo_close(struct debuginfo *info)
{
	size_t i;

	if (!info)
		return;
	for (i = 0; i < info->n_units; i++)
		unit_release(&info->units[i]);
	free(info->units);
	range_map_release(&info->map);
	scopes_release(&info->scopes);
	dwarf_end(info->dwarf);
	free(info);
}

static struct hs_error *add_scopes(struct debuginfo *info, struct unit *unit,
				   uint64_t address, struct frame_list *list)
{
	uint32_t index = unit_find(unit, address);
	struct symbol_frame frame = { 0 };
	struct hs_error *err;

	err = unit_find_line(unit, info->strings, address, &frame.file,
			     &frame.line);
	while (!err && index != UNIT_NO_SCOPE) {
		const struct unit_scope *scope;

		err = unit_name_scope(unit, &info->scopes, info->strings, index,
				      &scope);
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
	err = unit_load(&info->units[r->id], info->code);
	if (err)
		return err;
	return add_scopes(info, &info->units[r->id], address, list);
}
