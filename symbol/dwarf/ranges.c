#include "symbol/dwarf/ranges.h"

#include <dwarf.h>
#include <stdbool.h>

void dwarf_pcs_read(const struct dwarf_die *die, struct dwarf_pcs *ret)
{
	const struct dwarf_attr *attrs =
		dwarf_unit_attrs(die->unit, die->abbrev);
	struct cursor c = die->values;
	uint32_t i;

	*ret = (struct dwarf_pcs){ 0 };
	for (i = 0; i < die->abbrev->n && !c.failed; i++) {
		struct dwarf_value *to = NULL;

		if (attrs[i].name == DW_AT_low_pc)
			to = &ret->low;
		else if (attrs[i].name == DW_AT_high_pc)
			to = &ret->high;
		else if (attrs[i].name == DW_AT_ranges)
			to = &ret->ranges;
		dwarf_value_read(die->unit->abbrevs->widths, &attrs[i], &c, to);
	}
}

struct range_walk {
	const struct dwarf_unit *unit;
	dwarf_range_fn *fn;
	void *arg;
	uint64_t base;
	struct cursor c;
};

static struct hs_error *found_range(const struct range_walk *walk,
				    uint64_t start, uint64_t end)
{
	return start < end ? walk->fn(start, end, walk->arg) : NULL;
}

/* Every range has bytes of its own, but a damaged file may name one list a
 * million times. */
static bool may_go_on(const struct range_walk *walk)
{
	struct dwarf_file *file = walk->unit->file;

	if (!file->ranges_left)
		return false;
	file->ranges_left--;
	return true;
}

/* .debug_ranges: pairs, up to one of zeros. */
static struct hs_error *walk_pairs(struct range_walk *walk)
{
	size_t width = walk->unit->address_size;
	uint64_t highest = width == 4 ? UINT32_MAX : UINT64_MAX;
	struct cursor *c = &walk->c;

	while (may_go_on(walk)) {
		uint64_t start = cursor_uint(c, width);
		uint64_t end = cursor_uint(c, width);
		struct hs_error *err;

		if (c->failed || (!start && !end))
			break;
		if (start == highest) {
			walk->base = end;
			continue;
		}
		err = found_range(walk, walk->base + start, walk->base + end);
		if (err)
			return err;
	}
	return NULL;
}

static uint64_t indexed_address(const struct range_walk *walk, uint64_t index)
{
	struct dwarf_value value = { .form = DW_FORM_addrx, .number = index };
	uint64_t address = 0;

	return dwarf_value_address(walk->unit, &value, &address) ? address : 0;
}

/* One entry of .debug_rnglists; false: it ends the list. */
static bool read_entry(struct range_walk *walk, uint64_t *start, uint64_t *end)
{
	size_t width = walk->unit->address_size;
	struct cursor *c = &walk->c;

	*start = *end = 0;
	switch (cursor_u8(c)) {
	case DW_RLE_base_addressx:
		walk->base = indexed_address(walk, cursor_uleb(c));
		break;
	case DW_RLE_startx_endx:
		*start = indexed_address(walk, cursor_uleb(c));
		*end = indexed_address(walk, cursor_uleb(c));
		break;
	case DW_RLE_startx_length:
		*start = indexed_address(walk, cursor_uleb(c));
		*end = *start + cursor_uleb(c);
		break;
	case DW_RLE_offset_pair:
		*start = walk->base + cursor_uleb(c);
		*end = walk->base + cursor_uleb(c);
		break;
	case DW_RLE_base_address:
		walk->base = cursor_uint(c, width);
		break;
	case DW_RLE_start_end:
		*start = cursor_uint(c, width);
		*end = cursor_uint(c, width);
		break;
	case DW_RLE_start_length:
		*start = cursor_uint(c, width);
		*end = *start + cursor_uleb(c);
		break;
	default: /* DW_RLE_end_of_list */
		return false;
	}
	return !c->failed;
}

static struct hs_error *walk_entries(struct range_walk *walk)
{
	uint64_t start, end;

	while (may_go_on(walk) && read_entry(walk, &start, &end)) {
		struct hs_error *err = found_range(walk, start, end);

		if (err)
			return err;
	}
	return NULL;
}

/* Where the list begins that number @index of the unit's table is. */
static bool indexed_list(const struct dwarf_unit *unit, uint64_t index,
			 uint64_t *ret)
{
	struct slice lists = dwarf_unit_section(unit, DWARF_RNGLISTS);
	struct cursor c;
	uint64_t at;

	if (__builtin_mul_overflow(index, unit->offset_size, &at) ||
	    __builtin_add_overflow(at, unit->rnglists_base, &at))
		return false;
	c = cursor_at(lists, at);
	*ret = cursor_uint(&c, unit->offset_size);
	return !c.failed &&
	       !__builtin_add_overflow(*ret, unit->rnglists_base, ret);
}

static struct hs_error *walk_list(struct range_walk *walk,
				  const struct dwarf_value *value)
{
	const struct dwarf_unit *unit = walk->unit;
	uint64_t offset = value->number;

	if (unit->version < 5) {
		/* In the skeleton's part of .debug_ranges, in its file. */
		if (unit->skeleton)
			offset += unit->skeleton->ranges_base;
		walk->c = cursor_at(dwarf_unit_section(unit, DWARF_RANGES),
				    offset);
		return walk_pairs(walk);
	}
	if (value->form == DW_FORM_rnglistx &&
	    !indexed_list(unit, value->number, &offset))
		return NULL;
	walk->c = cursor_at(dwarf_unit_section(unit, DWARF_RNGLISTS), offset);
	return walk_entries(walk);
}

struct hs_error *dwarf_pcs_each(const struct dwarf_unit *unit,
				const struct dwarf_pcs *pcs, dwarf_range_fn *fn,
				void *arg)
{
	struct range_walk walk = { .unit = unit, .fn = fn, .arg = arg };
	uint64_t low, high;

	walk.base = unit->low_pc;
	if (pcs->ranges.form)
		return walk_list(&walk, &pcs->ranges);
	if (!pcs->low.form || !pcs->high.form ||
	    !dwarf_value_address(unit, &pcs->low, &low))
		return NULL;
	/* An address, or since DWARF 4 a number of bytes. */
	if (!dwarf_value_address(unit, &pcs->high, &high)) {
		if (!dwarf_value_number(&pcs->high, &high) ||
		    __builtin_add_overflow(low, high, &high))
			return NULL;
	}
	return may_go_on(&walk) ? found_range(&walk, low, high) : NULL;
}
