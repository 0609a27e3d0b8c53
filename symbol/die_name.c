#include "symbol/die_name.h"

#include <dwarf.h>
#include <stdbool.h>

#include "base/strbuf.h"

enum {
	/* Two are normal: inlined call -> abstract function -> declaration. */
	REFERENCES_MAX = 16,
};

static bool is_cxx(Dwarf_Die *die)
{
	Dwarf_Die unit;

	if (!dwarf_diecu(die, &unit, NULL, NULL))
		return false;
	switch (dwarf_srclang(&unit)) {
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

/* The declaration, which is where the scopes are: what the origins and
 * specifications end at. */
static Dwarf_Die die_declaration(Dwarf_Die die)
{
	Dwarf_Attribute attr;
	Dwarf_Die next;
	int i;

	for (i = 0; i < REFERENCES_MAX; i++) {
		if (!dwarf_attr(&die, DW_AT_abstract_origin, &attr) &&
		    !dwarf_attr(&die, DW_AT_specification, &attr))
			break;
		if (!dwarf_formref_die(&attr, &next))
			break;
		die = next;
	}
	return die;
}

static struct hs_error *name_with_scopes(Dwarf_Die *die, const char *name,
					 struct scopes *scopes,
					 struct intern *strings,
					 const char **ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	Dwarf_Die declaration = die_declaration(*die);
	struct hs_error *err = scopes_add_path(scopes, &declaration, &sb);

	if (err)
		return err;
	strbuf_adds(&sb, name);
	err = strbuf_check(&sb);
	return err ? err : intern_string(strings, sb.buf, sb.len, ret);
}

struct hs_error *die_name(Dwarf_Die *die, struct scopes *scopes,
			  struct intern *strings, const char **ret)
{
	static const unsigned int linkage[] = { DW_AT_linkage_name,
						DW_AT_MIPS_linkage_name };
	Dwarf_Attribute attr;
	size_t i;

	for (i = 0; i < 2; i++) {
		*ret = dwarf_formstring(
			dwarf_attr_integrate(die, linkage[i], &attr));
		if (*ret)
			return NULL;
	}
	*ret = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attr));
	if (!*ret || !is_cxx(die))
		return NULL;
	return name_with_scopes(die, *ret, scopes, strings, ret);
}
