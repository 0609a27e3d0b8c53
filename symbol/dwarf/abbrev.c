#include "symbol/dwarf/abbrev.h"

#include <dwarf.h>
#include <stdlib.h>

#include "base/array.h"

int dwarf_form_size(struct dwarf_widths widths, uint16_t form)
{
	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		return 0;
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		return 1;
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		return 2;
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		return 3;
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_ref_sup4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
		return 4;
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		return 8;
	case DW_FORM_data16:
		return 16;
	case DW_FORM_addr:
		return widths.address_size;
	case DW_FORM_ref_addr:
		/* DWARF 2 had addresses there. */
		return widths.version <= 2 ? widths.address_size
					   : widths.offset_size;
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_strp_sup:
	case DW_FORM_sec_offset:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return widths.offset_size;
	default:
		return -1;
	}
}

/* Marks @c as failed when there may be no more. */
static void count_down(struct cursor *c, size_t *left)
{
	if (*left)
		--*left;
	else
		cursor_fail(c);
}

static struct hs_error *read_attrs(struct dwarf_abbrevs *table,
				   struct dwarf_abbrev *abbrev,
				   struct cursor *c, size_t *attrs_left)
{
	abbrev->first = (uint32_t)table->n_attrs;
	abbrev->sibling = -1;
	for (;;) {
		struct dwarf_attr attr = { 0 };
		int size;

		attr.name = (uint16_t)cursor_uleb(c);
		attr.form = (uint16_t)cursor_uleb(c);
		if (attr.form == DW_FORM_implicit_const)
			attr.value = cursor_sleb(c);
		count_down(c, attrs_left);
		if (c->failed || (!attr.name && !attr.form))
			return NULL;
		if (!ARRAY_GROW(table->attrs, table->attrs_cap,
				table->n_attrs + 1))
			return hs_error_nomem();
		table->attrs[table->n_attrs++] = attr;
		abbrev->n++;
		if (attr.name == DW_AT_sibling && attr.form == DW_FORM_ref4)
			abbrev->sibling = abbrev->size;
		size = dwarf_form_size(table->widths, attr.form);
		if (size < 0 || abbrev->size > INT16_MAX)
			abbrev->size = -1;
		else if (abbrev->size >= 0)
			abbrev->size += size;
	}
}

static int compare_codes(const void *pa, const void *pb)
{
	const struct dwarf_abbrev *a = pa, *b = pb;

	return (a->code > b->code) - (a->code < b->code);
}

static struct hs_error *read_table(struct dwarf_abbrevs *table,
				   struct cursor *c, size_t *attrs_left)
{
	bool sorted = true;

	while (!c->failed) {
		struct dwarf_abbrev abbrev = { .code = cursor_uleb(c) };
		struct hs_error *err;

		if (!abbrev.code)
			break;
		abbrev.tag = (uint16_t)cursor_uleb(c);
		abbrev.children = cursor_u8(c) == DW_CHILDREN_yes;
		err = read_attrs(table, &abbrev, c, attrs_left);
		if (err)
			return err;
		if (c->failed)
			break;
		if (!ARRAY_GROW(table->items, table->items_cap, table->n + 1))
			return hs_error_nomem();
		sorted &= !table->n ||
			  table->items[table->n - 1].code < abbrev.code;
		table->items[table->n++] = abbrev;
	}
	if (!sorted)
		qsort(table->items, table->n, sizeof(*table->items),
		      compare_codes);
	return NULL;
}

struct hs_error *dwarf_abbrevs_read(struct slice section, uint64_t offset,
				    struct dwarf_widths widths,
				    size_t *attrs_left,
				    struct dwarf_abbrevs **ret)
{
	struct dwarf_abbrevs *table = calloc(1, sizeof(*table));
	struct cursor c = cursor_at(section, offset);
	struct hs_error *err;

	if (!table)
		return hs_error_nomem();
	table->offset = offset;
	table->widths = widths;
	err = read_table(table, &c, attrs_left);
	if (err) {
		dwarf_abbrevs_free(table);
		return err;
	}
	*ret = table;
	return NULL;
}

void dwarf_abbrevs_free(struct dwarf_abbrevs *table)
{
	if (!table)
		return;
	free(table->items);
	free(table->attrs);
	free(table);
}

const struct dwarf_abbrev *dwarf_abbrevs_find(const struct dwarf_abbrevs *table,
					      uint64_t code)
{
	struct dwarf_abbrev key = { .code = code };

	/* All compilers count from 1. */
	if (code - 1 < table->n && table->items[code - 1].code == code)
		return &table->items[code - 1];
	if (!table->n)
		return NULL;
	return bsearch(&key, table->items, table->n, sizeof(*table->items),
		       compare_codes);
}
