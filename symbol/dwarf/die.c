#include "symbol/dwarf/die.h"

#include <dwarf.h>

bool dwarf_die_at(struct dwarf_unit *unit, uint64_t offset,
		  struct dwarf_die *ret)
{
	struct slice info = unit->file->sections[DWARF_INFO];
	struct cursor c;
	uint64_t code;

	if (offset < unit->root || offset >= unit->end)
		return false;
	c = cursor_at(slice_part(info, 0, unit->end), offset);
	code = cursor_uleb(&c);
	if (c.failed)
		return false;
	*ret = (struct dwarf_die){
		.unit = unit,
		.offset = offset,
		.values = c,
	};
	if (!code)
		return true;
	ret->abbrev = dwarf_abbrevs_find(unit->abbrevs, code);
	return ret->abbrev;
}

const struct dwarf_attr *dwarf_unit_attrs(const struct dwarf_unit *unit,
					  const struct dwarf_abbrev *abbrev)
{
	return abbrev->n ? unit->abbrevs->attrs + abbrev->first : NULL;
}

static uint64_t read_block_size(uint16_t form, struct cursor *c)
{
	switch (form) {
	case DW_FORM_block1:
		return cursor_u8(c);
	case DW_FORM_block2:
		return cursor_u16(c);
	case DW_FORM_block4:
		return cursor_u32(c);
	default:
		return cursor_uleb(c);
	}
}

static void read_varying(uint16_t form, struct cursor *c,
			 struct dwarf_value *ret)
{
	switch (form) {
	case DW_FORM_udata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
	case DW_FORM_GNU_addr_index:
	case DW_FORM_GNU_str_index:
		ret->number = cursor_uleb(c);
		break;
	case DW_FORM_sdata:
		ret->number = (uint64_t)cursor_sleb(c);
		break;
	case DW_FORM_string:
		ret->string = cursor_string(c);
		break;
	case DW_FORM_block1:
	case DW_FORM_block2:
	case DW_FORM_block4:
	case DW_FORM_block:
	case DW_FORM_exprloc:
		cursor_skip(c, read_block_size(form, c));
		break;
	default:
		cursor_fail(c);
		break;
	}
}

void dwarf_value_read(struct dwarf_widths widths, const struct dwarf_attr *attr,
		      struct cursor *c, struct dwarf_value *ret)
{
	struct dwarf_value skipped;
	uint16_t form = attr->form;
	int size;

	if (form == DW_FORM_indirect)
		form = (uint16_t)cursor_uleb(c);
	if (!ret)
		ret = &skipped;
	*ret = (struct dwarf_value){ .form = form };
	size = dwarf_form_size(widths, form);
	if (size < 0)
		read_varying(form, c, ret);
	else if (size > 8)
		cursor_skip(c, (uint64_t)size);
	else if (size)
		ret->number = cursor_uint(c, (size_t)size);
	else
		ret->number = form == DW_FORM_implicit_const
				      ? (uint64_t)attr->value
				      : 1;
	if (c->failed)
		ret->form = 0;
}

bool dwarf_die_attr(const struct dwarf_die *die, uint16_t name,
		    struct dwarf_value *ret)
{
	const struct dwarf_attr *attrs;
	struct cursor c = die->values;
	uint32_t i;

	if (!die->abbrev)
		return false;
	attrs = dwarf_unit_attrs(die->unit, die->abbrev);
	for (i = 0; i < die->abbrev->n && !c.failed; i++) {
		bool wanted = attrs[i].name == name;

		dwarf_value_read(die->unit->abbrevs->widths, &attrs[i], &c,
				 wanted ? ret : NULL);
		if (wanted)
			return ret->form;
	}
	return false;
}

/* Number @index of the table at @base, whose entries have @width bytes. */
static bool table_entry(struct slice section, uint64_t base, uint64_t index,
			size_t width, uint64_t *ret)
{
	struct cursor c;
	uint64_t at;

	if (__builtin_mul_overflow(index, width, &at) ||
	    __builtin_add_overflow(at, base, &at))
		return false;
	c = cursor_at(section, at);
	*ret = cursor_uint(&c, width);
	return !c.failed;
}

static const char *indexed_string(const struct dwarf_unit *unit, uint64_t index)
{
	uint64_t offset;

	if (!table_entry(dwarf_unit_section(unit, DWARF_STR_OFFSETS),
			 unit->str_offsets_base, index, unit->offset_size,
			 &offset))
		return NULL;
	return slice_string(dwarf_unit_section(unit, DWARF_STR), offset);
}

const char *dwarf_value_string(const struct dwarf_unit *unit,
			       const struct dwarf_value *value)
{
	const struct dwarf_file *alternate = unit->file->alternate;

	switch (value->form) {
	case DW_FORM_string:
		return value->string;
	case DW_FORM_strp:
		return slice_string(dwarf_unit_section(unit, DWARF_STR),
				    value->number);
	case DW_FORM_line_strp:
		return slice_string(dwarf_unit_section(unit, DWARF_LINE_STR),
				    value->number);
	case DW_FORM_strp_sup:
	case DW_FORM_GNU_strp_alt:
		return alternate ? slice_string(alternate->sections[DWARF_STR],
						value->number)
				 : NULL;
	case DW_FORM_strx:
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
	case DW_FORM_GNU_str_index:
		return indexed_string(unit, value->number);
	default:
		return NULL;
	}
}

bool dwarf_value_address(const struct dwarf_unit *unit,
			 const struct dwarf_value *value, uint64_t *ret)
{
	switch (value->form) {
	case DW_FORM_addr:
		*ret = value->number;
		return true;
	case DW_FORM_addrx:
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
	case DW_FORM_GNU_addr_index:
		return table_entry(dwarf_unit_section(unit, DWARF_ADDR),
				   unit->addr_base, value->number,
				   unit->address_size, ret);
	default:
		return false;
	}
}

bool dwarf_value_number(const struct dwarf_value *value, uint64_t *ret)
{
	switch (value->form) {
	case DW_FORM_sdata:
	case DW_FORM_implicit_const:
		if ((int64_t)value->number < 0)
			return false;
		*ret = value->number;
		return true;
	case DW_FORM_data1:
	case DW_FORM_data2:
	case DW_FORM_data4:
	case DW_FORM_data8:
	case DW_FORM_udata:
	/* What has its place in another section, before DWARF 4 data4, data8 */
	case DW_FORM_sec_offset:
		*ret = value->number;
		return true;
	default:
		return false;
	}
}
