#include "symbol/dwarf/split.h"

#include <dwarf.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "symbol/dwarf/file.h"
#include "symbol/dwarf/prepare.h"
#include "symbol/dwarf/sections.h"

void split_files_release(struct split_files *files)
{
	size_t i;

	for (i = 0; i < files->n; i++)
		dwarf_file_close(files->items[i]);
	free(files->items);
	dwarf_file_close(files->package);
	elf_file_close(files->package_elf);
	*files = (struct split_files){ 0 };
}

bool split_files_are_changed(const struct split_files *files)
{
	bool changed = files->package_elf &&
		       elf_file_is_changed(files->package_elf);
	size_t i;

	/* What is in a package has no file of its own. */
	for (i = 0; i < files->n && !changed; i++)
		changed = files->items[i]->elf &&
			  elf_file_is_changed(files->items[i]->elf);
	return changed;
}

/* Takes @file over when it has the unit that was split off @skeleton. */
static struct hs_error *take_file(struct split_files *files,
				  struct dwarf_file *file,
				  struct dwarf_unit *skeleton,
				  struct dwarf_unit **ret)
{
	size_t i;

	file->ranges_left += skeleton->file->sections[DWARF_RANGES].size;
	for (i = 0; i < file->n_units; i++) {
		struct dwarf_unit *unit = &file->units[i];
		struct hs_error *err;

		unit->skeleton = skeleton;
		err = dwarf_unit_prepare(unit);
		if (!err && (!unit->usable || unit->dwo_id != skeleton->dwo_id))
			continue;
		if (!err && !ARRAY_GROW(files->items, files->cap, files->n + 1))
			err = hs_error_nomem();
		if (err) {
			dwarf_file_close(file);
			return err;
		}
		files->items[files->n++] = file;
		*ret = unit;
		return NULL;
	}
	dwarf_file_close(file);
	return NULL;
}

static struct hs_error *try_root(struct split_files *files,
				 struct dwarf_unit *skeleton,
				 enum debug_root root, const char *path,
				 struct dwarf_unit **ret)
{
	struct elf_file *elf = NULL;
	struct dwarf_file *file;
	struct hs_error *err =
		debug_paths_open(files->debug_paths, root, path, &elf);

	if (err || !elf)
		return err;
	err = dwarf_file_open(elf, true, files->debug_paths->budget, &file);
	if (err) {
		elf_file_close(elf);
		return err;
	}
	file->elf = elf;
	return take_file(files, file, skeleton, ret);
}

static struct hs_error *try_path(struct split_files *files,
				 struct dwarf_unit *skeleton,
				 const struct strbuf *path,
				 struct dwarf_unit **ret)
{
	struct hs_error *err = strbuf_check(path);
	unsigned root;

	for (root = 0; root < DEBUG_ROOTS && !err && !*ret; root++)
		err = try_root(files, skeleton, root, strbuf_str(path), ret);
	return err;
}

static struct hs_error *try_named(struct split_files *files,
				  struct dwarf_unit *skeleton,
				  struct dwarf_unit **ret)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err;

	if (skeleton->dwo_name[0] != '/' && skeleton->directory)
		strbuf_addf(&path, "%s/", skeleton->directory);
	strbuf_adds(&path, skeleton->dwo_name);
	err = strbuf_check(&path);
	return err ? err
		   : try_root(files, skeleton, files->root, strbuf_str(&path),
			      ret);
}

/* Programs are moved together with what is next to them. */
static struct hs_error *try_beside(struct split_files *files,
				   struct dwarf_unit *skeleton,
				   struct dwarf_unit **ret)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	const char *slash = strrchr(files->path, '/');

	if (slash)
		strbuf_add(&path, files->path,
			   (size_t)(slash - files->path) + 1);
	strbuf_adds(&path, str_base_name(skeleton->dwo_name));
	return try_path(files, skeleton, &path, ret);
}

/* --- packages ----------------------------------------------------------------
 */

static struct hs_error *open_package(struct split_files *files)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err;
	unsigned root;

	if (files->looked_for_package)
		return NULL;
	files->looked_for_package = true;
	strbuf_addf(&path, "%s.dwp", files->path);
	err = strbuf_check(&path);
	for (root = 0; root < DEBUG_ROOTS && !err && !files->package_elf;
	     root++)
		err = debug_paths_open(files->debug_paths, root,
				       strbuf_str(&path), &files->package_elf);
	if (err || !files->package_elf)
		return err;
	files->package = calloc(1, sizeof(*files->package));
	if (!files->package)
		return hs_error_nomem();
	return dwarf_sections_read(files->package_elf, true,
				   files->debug_paths->budget,
				   files->package->sections,
				   files->package->unpacked);
}

/* .debug_cu_index: a hash table of ids, and for each unit where its part of
 * each section is (DWARF 5, 7.3.5.3; version 2 is that of gcc and binutils
 * before). */
struct package_index {
	struct slice section;
	uint32_t version, columns, units, slots;
	uint64_t rows, offsets, sizes; /* where these tables begin */
};

static bool index_read(struct slice section, struct package_index *ret)
{
	struct cursor c = cursor_at(section, 0);

	*ret = (struct package_index){ .section = section };
	ret->version = cursor_u32(&c) & 0xffff;
	ret->columns = cursor_u32(&c);
	ret->units = cursor_u32(&c);
	ret->slots = cursor_u32(&c);
	ret->rows = 16 + (uint64_t)ret->slots * 8;
	ret->offsets = ret->rows + (uint64_t)ret->slots * 4 +
		       (uint64_t)ret->columns * 4;
	ret->sizes = ret->offsets + (uint64_t)ret->units * ret->columns * 4;
	return !c.failed && (ret->version == 2 || ret->version == 5) &&
	       ret->columns <= 16 && ret->sizes <= section.size;
}

static uint64_t index_word(const struct package_index *index, uint64_t at,
			   size_t width)
{
	struct cursor c = cursor_at(index->section, at);

	return cursor_uint(&c, width);
}

/* The row of the unit @id, counted from 1; 0: none. A scan of all slots, since
 * probing a damaged table may go in a circle. */
static uint32_t index_find(const struct package_index *index, uint64_t id)
{
	uint32_t i;

	for (i = 0; i < index->slots; i++)
		if (index_word(index, 16 + (uint64_t)i * 8, 8) == id)
			return (uint32_t)index_word(
				index, index->rows + (uint64_t)i * 4, 4);
	return 0;
}

/* Table 7.1 of DWARF 5. 5 and 8 are other sections in GNU's packages for
 * DWARF 4. (dwarf.h has names for them only since elfutils 0.184.) */
enum {
	COLUMN_INFO = 1,
	COLUMN_ABBREV = 3,
	COLUMN_LINE = 4,
	COLUMN_STR_OFFSETS = 6,
	COLUMN_RNGLISTS = 8,
};

/* DWARF_SECTIONS: not ours. */
static enum dwarf_section section_of_column(uint32_t version, uint64_t id)
{
	switch (id) {
	case COLUMN_INFO:
		return DWARF_INFO;
	case COLUMN_ABBREV:
		return DWARF_ABBREV;
	case COLUMN_LINE:
		return DWARF_LINE;
	case COLUMN_STR_OFFSETS:
		return DWARF_STR_OFFSETS;
	case COLUMN_RNGLISTS:
		return version == 5 ? DWARF_RNGLISTS : DWARF_SECTIONS;
	default:
		return DWARF_SECTIONS;
	}
}

/* Cuts the parts of unit number @row out of the package. */
static void cut_sections(const struct package_index *index, uint32_t row,
			 const struct slice *whole, struct slice *ret)
{
	uint64_t ids = index->rows + (uint64_t)index->slots * 4;
	uint64_t at = ((uint64_t)row - 1) * index->columns * 4;
	uint32_t i;

	ret[DWARF_STR] = whole[DWARF_STR];
	for (i = 0; i < index->columns; i++, at += 4) {
		enum dwarf_section section = section_of_column(
			index->version, index_word(index, ids + i * 4, 4));

		if (section != DWARF_SECTIONS)
			ret[section] = slice_part(
				whole[section],
				index_word(index, index->offsets + at, 4),
				index_word(index, index->sizes + at, 4));
	}
}

static struct hs_error *try_package(struct split_files *files,
				    struct dwarf_unit *skeleton,
				    struct dwarf_unit **ret)
{
	struct hs_error *err = open_package(files);
	struct package_index index;
	struct dwarf_file *file;
	uint32_t row;

	if (err || !files->package)
		return err;
	if (!index_read(files->package->sections[DWARF_CU_INDEX], &index))
		return NULL;
	row = index_find(&index, skeleton->dwo_id);
	if (!row || row > index.units)
		return NULL;
	file = calloc(1, sizeof(*file));
	if (!file)
		return hs_error_nomem();
	cut_sections(&index, row, files->package->sections, file->sections);
	err = dwarf_file_read_units(file);
	if (err) {
		dwarf_file_close(file);
		return err;
	}
	return take_file(files, file, skeleton, ret);
}

struct hs_error *split_find(struct split_files *files, struct dwarf_unit *unit,
			    struct dwarf_unit **ret)
{
	struct hs_error *err;

	*ret = NULL;
	err = try_package(files, unit, ret);
	if (!err && !*ret)
		err = try_named(files, unit, ret);
	if (!err && !*ret)
		err = try_beside(files, unit, ret);
	return err;
}
