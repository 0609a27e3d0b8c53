#include "symbol/dwarf/file.h"

#include <dwarf.h>
#include <elf.h>
#include <stdlib.h>

#include "base/array.h"
#include "symbol/dwarf/code_scopes.h"
#include "symbol/dwarf/line_table.h"

enum {
	/* The largest programs have some 50,000 units; and of rows and ranges
	 * only those of the units that are asked are read. */
	UNITS_MAX = 1 << 20,
	ITEMS_MAX = 1 << 24,
};

static size_t at_most_items(size_t n)
{
	return n < ITEMS_MAX ? n : ITEMS_MAX;
}

static bool is_little_endian(const struct elf_file *elf)
{
	return elf->data == ELFDATA2LSB;
}

struct hs_error *dwarf_file_open(const struct elf_file *elf, bool split,
				 struct unpack_budget *budget,
				 struct dwarf_file **ret)
{
	struct dwarf_file *file = calloc(1, sizeof(*file));
	struct hs_error *err = NULL;

	if (!file)
		return hs_error_nomem();
	if (is_little_endian(elf))
		err = dwarf_sections_read(elf, split, budget, file->sections,
					  file->unpacked);
	if (!err)
		err = dwarf_file_read_units(file);
	if (err) {
		dwarf_file_close(file);
		return err;
	}
	*ret = file;
	return NULL;
}

struct hs_error *dwarf_file_set_alternate(struct dwarf_file *file,
					  struct elf_file *elf,
					  struct unpack_budget *budget)
{
	struct hs_error *err;

	if (!elf)
		return NULL;
	err = dwarf_file_open(elf, false, budget, &file->alternate);
	if (err)
		elf_file_close(elf);
	else
		file->alternate->elf = elf;
	return err;
}

void dwarf_file_close(struct dwarf_file *file)
{
	size_t i;

	if (!file)
		return;
	for (i = 0; i < file->n_units; i++)
		scopes_free(file->units[i].scopes);
	for (i = 0; i < file->n_abbrevs; i++)
		dwarf_abbrevs_free(file->abbrevs[i]);
	for (i = 0; i < file->n_lines; i++)
		dwarf_lines_free(file->lines[i]);
	for (i = 0; i < DWARF_SECTIONS; i++)
		free(file->unpacked[i]);
	free(file->units);
	free(file->abbrevs);
	free(file->lines);
	dwarf_file_close(file->alternate);
	elf_file_close(file->elf);
	free(file);
}

/* Reads the header at @c. false: nothing more can be read. */
static bool read_header(struct cursor *c, struct dwarf_unit *unit)
{
	const uint8_t *start = c->at;
	uint64_t length = cursor_u32(c);

	unit->offset_size = 4;
	if (length == UINT32_MAX) {
		unit->offset_size = 8;
		length = cursor_u64(c);
	}
	if (c->failed || length > cursor_left(c))
		return false;
	unit->end = unit->offset + (uint64_t)(c->at - start) + length;
	unit->version = (uint8_t)cursor_u16(c);
	unit->type = DW_UT_compile;
	if (unit->version >= 5) {
		unit->type = cursor_u8(c);
		unit->address_size = cursor_u8(c);
		unit->abbrev_offset = cursor_uint(c, unit->offset_size);
	} else {
		unit->abbrev_offset = cursor_uint(c, unit->offset_size);
		unit->address_size = cursor_u8(c);
	}
	if (unit->type == DW_UT_skeleton || unit->type == DW_UT_split_compile)
		unit->dwo_id = cursor_u64(c);
	unit->root = unit->offset + (uint64_t)(c->at - start);
	return !c->failed;
}

static bool is_known_unit(const struct dwarf_unit *unit)
{
	if (unit->version < 2 || unit->version > 5 || unit->root >= unit->end ||
	    (unit->address_size != 4 && unit->address_size != 8))
		return false;
	return unit->type == DW_UT_compile || unit->type == DW_UT_partial ||
	       unit->type == DW_UT_skeleton ||
	       unit->type == DW_UT_split_compile;
}

/* In all files but those made to do harm, everything that is read has bytes of
 * its own; and the largest files have far more of it than is ever asked for. */
static void set_limits(struct dwarf_file *file)
{
	const struct slice *sections = file->sections;
	size_t info = sections[DWARF_INFO].size;

	file->rows_left = at_most_items(sections[DWARF_LINE].size);
	file->ranges_left = at_most_items(info + sections[DWARF_RANGES].size +
					  sections[DWARF_RNGLISTS].size);
	file->scopes_left = at_most_items(info);
	/* A table is read again for units of other widths. */
	file->attrs_left = at_most_items(4 * sections[DWARF_ABBREV].size);
}

struct hs_error *dwarf_file_read_units(struct dwarf_file *file)
{
	struct slice info = file->sections[DWARF_INFO];
	uint64_t offset = 0;

	set_limits(file);
	while (offset < info.size && file->n_units < UNITS_MAX) {
		struct dwarf_unit unit = { .file = file, .offset = offset };
		struct cursor c = cursor_at(info, offset);

		if (!read_header(&c, &unit))
			break;
		offset = unit.end;
		if (!is_known_unit(&unit))
			continue;
		if (!ARRAY_GROW(file->units, file->units_cap,
				file->n_units + 1))
			return hs_error_nomem();
		file->units[file->n_units++] = unit;
	}
	return NULL;
}
