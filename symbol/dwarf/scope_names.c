#include "symbol/dwarf/scope_names.h"

#include <dwarf.h>
#include <stdbool.h>

#include "base/strbuf.h"
#include "symbol/dwarf/code_scopes.h"
#include "symbol/dwarf/prepare.h"

enum {
	/* Two are normal: inlined call -> abstract function -> declaration. */
	REFERENCES_MAX = 16,
};

static bool is_cxx(const struct dwarf_unit *unit)
{
	switch (unit->language) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_ObjC_plus_plus:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: /* C++17 and C++20 of dwarfstd.org's list for */
	case 0x2c: /* DWARF 6; elfutils 0.188 has no names for them */
		return true;
	default:
		return false;
	}
}

/* The names an entry may have itself, and the entries that may have more. */
struct entry_names {
	struct dwarf_value linkage, plain, meta;
};

static void read_names(const struct dwarf_die *die, struct entry_names *ret)
{
	const struct dwarf_attr *attrs =
		dwarf_unit_attrs(die->unit, die->abbrev);
	struct cursor c = die->values;
	uint32_t i;

	*ret = (struct entry_names){ 0 };
	for (i = 0; i < die->abbrev->n && !c.failed; i++) {
		struct dwarf_value *to = NULL;

		switch (attrs[i].name) {
		case DW_AT_linkage_name:
		case DW_AT_MIPS_linkage_name:
			to = &ret->linkage;
			break;
		case DW_AT_name:
			to = &ret->plain;
			break;
		case DW_AT_abstract_origin:
			to = &ret->meta;
			break;
		case DW_AT_specification:
			to = ret->meta.form ? NULL : &ret->meta;
			break;
		default:
			break;
		}
		dwarf_value_read(die->unit->abbrevs->widths, &attrs[i], &c, to);
	}
}

struct found_names {
	const char *linkage, *plain;
	struct dwarf_die declaration; /* what the references end at */
};

static struct hs_error *follow(struct dwarf_die die, struct found_names *ret)
{
	struct hs_error *err = NULL;
	bool found = true;
	int i;

	*ret = (struct found_names){ 0 };
	for (i = 0; i < REFERENCES_MAX && found && !err; i++) {
		struct entry_names names;

		read_names(&die, &names);
		if (!ret->linkage)
			ret->linkage =
				dwarf_value_string(die.unit, &names.linkage);
		if (!ret->plain)
			ret->plain = dwarf_value_string(die.unit, &names.plain);
		ret->declaration = die;
		if (ret->linkage)
			break;
		err = dwarf_value_entry(die.unit, &names.meta, &die, &found);
	}
	return err;
}

struct hs_error *die_name(const struct dwarf_die *die, struct intern *strings,
			  const char **ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct found_names names;
	struct hs_error *err = follow(*die, &names);

	*ret = names.linkage ? names.linkage : names.plain;
	if (err || names.linkage || !names.plain || !is_cxx(die->unit))
		return err;
	err = scopes_add_path(&names.declaration, &sb);
	if (err)
		return err;
	strbuf_adds(&sb, names.plain);
	err = strbuf_check(&sb);
	return err ? err : intern_string(strings, sb.buf, sb.len, ret);
}
