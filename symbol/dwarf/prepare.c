#include "symbol/dwarf/prepare.h"

#include <dwarf.h>
#include <string.h>

#include "base/array.h"

static struct hs_error *find_abbrevs(struct dwarf_unit *unit)
{
	struct dwarf_file *file = unit->file;
	struct dwarf_widths widths = { unit->version, unit->address_size,
				       unit->offset_size };
	struct dwarf_abbrevs *table;
	struct hs_error *err;
	size_t i;

	/* Units are in the order of their tables: the place is at the end. */
	for (i = file->n_abbrevs; i > 0; i--) {
		table = file->abbrevs[i - 1];
		if (table->offset < unit->abbrev_offset)
			break;
		if (table->offset != unit->abbrev_offset ||
		    memcmp(&table->widths, &widths, sizeof(widths)) != 0)
			continue;
		unit->abbrevs = table;
		return NULL;
	}
	if (!ARRAY_GROW(file->abbrevs, file->abbrevs_cap, file->n_abbrevs + 1))
		return hs_error_nomem();
	err = dwarf_abbrevs_read(file->sections[DWARF_ABBREV],
				 unit->abbrev_offset, widths, &file->attrs_left,
				 &table);
	if (err)
		return err;
	memmove(&file->abbrevs[i + 1], &file->abbrevs[i],
		(file->n_abbrevs - i) * sizeof(*file->abbrevs));
	file->abbrevs[i] = table;
	file->n_abbrevs++;
	unit->abbrevs = table;
	return NULL;
}

/* The bases by which other values of the unit are found. */
static void read_base(struct dwarf_unit *unit, uint16_t name,
		      const struct dwarf_value *value)
{
	switch (name) {
	case DW_AT_str_offsets_base:
		unit->str_offsets_base = value->number;
		break;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		unit->addr_base = value->number;
		break;
	case DW_AT_rnglists_base:
		unit->rnglists_base = value->number;
		break;
	case DW_AT_GNU_ranges_base:
		unit->ranges_base = value->number;
		break;
	case DW_AT_GNU_dwo_id:
		unit->dwo_id = value->number;
		break;
	case DW_AT_stmt_list:
		unit->line_offset = value->number;
		break;
	case DW_AT_language:
		unit->language = (uint16_t)value->number;
		break;
	default:
		break;
	}
}

static void read_root_value(struct dwarf_unit *unit, uint16_t name,
			    const struct dwarf_value *value)
{
	switch (name) {
	case DW_AT_comp_dir:
		unit->directory = dwarf_value_string(unit, value);
		break;
	case DW_AT_dwo_name:
	case DW_AT_GNU_dwo_name:
		unit->dwo_name = dwarf_value_string(unit, value);
		break;
	case DW_AT_low_pc:
		dwarf_value_address(unit, value, &unit->low_pc);
		break;
	default:
		break;
	}
}

static void read_root(struct dwarf_unit *unit, const struct dwarf_die *root)
{
	const struct dwarf_attr *attrs = dwarf_unit_attrs(unit, root->abbrev);
	struct dwarf_value value;
	struct cursor c;
	uint32_t pass, i;

	for (pass = 0; pass < 2; pass++) {
		c = root->values;
		for (i = 0; i < root->abbrev->n && !c.failed; i++) {
			dwarf_value_read(unit->abbrevs->widths, &attrs[i], &c,
					 &value);
			if (pass)
				read_root_value(unit, attrs[i].name, &value);
			else
				read_base(unit, attrs[i].name, &value);
		}
	}
}

/* Split units have no bases: their tables begin behind the header of the
 * section (DWARF 5, 7.27 and 7.28), or at its start before DWARF 5. */
static void set_default_bases(struct dwarf_unit *unit)
{
	bool wide = unit->offset_size == 8;
	const struct dwarf_unit *skeleton = unit->skeleton;

	unit->line_offset = UINT64_MAX;
	if (unit->version >= 5) {
		unit->str_offsets_base = wide ? 16 : 8;
		unit->rnglists_base = wide ? 20 : 12;
	}
	if (!skeleton)
		return;
	unit->addr_base = skeleton->addr_base;
	unit->low_pc = skeleton->low_pc;
	unit->directory = skeleton->directory;
}

struct hs_error *dwarf_unit_prepare(struct dwarf_unit *unit)
{
	struct dwarf_die root;
	struct hs_error *err;

	if (unit->prepared)
		return NULL;
	unit->prepared = true;
	err = find_abbrevs(unit);
	if (err)
		return err;
	set_default_bases(unit);
	if (!dwarf_die_at(unit, unit->root, &root) || !root.abbrev)
		return NULL;
	read_root(unit, &root);
	unit->usable = true;
	return NULL;
}

/* The file and the offset in its .debug_info; NULL: no reference. */
static struct dwarf_file *target(const struct dwarf_unit *unit,
				 const struct dwarf_value *value,
				 uint64_t *offset)
{
	switch (value->form) {
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
		if (value->number >= unit->end - unit->offset)
			return NULL;
		*offset = unit->offset + value->number;
		return unit->file;
	case DW_FORM_ref_addr:
		*offset = value->number;
		return unit->file;
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
		*offset = value->number;
		return unit->file->alternate;
	default:
		return NULL;
	}
}

struct hs_error *dwarf_value_entry(const struct dwarf_unit *unit,
				   const struct dwarf_value *value,
				   struct dwarf_die *ret, bool *found)
{
	struct dwarf_unit *other;
	struct dwarf_file *file;
	struct hs_error *err;
	uint64_t offset;

	*found = false;
	file = target(unit, value, &offset);
	other = file ? dwarf_file_unit(file, offset) : NULL;
	if (!other)
		return NULL;
	err = dwarf_unit_prepare(other);
	if (err || !other->usable)
		return err;
	*found = dwarf_die_at(other, offset, ret) && ret->abbrev;
	return NULL;
}
