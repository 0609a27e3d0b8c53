#include "symbol/dwarf/unit.h"

#include "base/search.h"

struct dwarf_unit *dwarf_file_unit(const struct dwarf_file *file,
				   uint64_t offset)
{
	const size_t at =
		search_sorted(file->n_units, i, file->units[i].end <= offset);

	return at < file->n_units && file->units[at].offset <= offset
		       ? &file->units[at]
		       : NULL;
}

struct slice dwarf_unit_section(const struct dwarf_unit *unit,
				enum dwarf_section section)
{
	const struct dwarf_unit *skeleton = unit->skeleton;

	/* Addresses, and DWARF 4's range lists, are not split off: a linker has
	 * to put the addresses in. */
	if (skeleton && (section == DWARF_ADDR || section == DWARF_RANGES))
		return skeleton->file->sections[section];
	return unit->file->sections[section];
}
