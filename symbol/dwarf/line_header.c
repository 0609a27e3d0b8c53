#include "symbol/dwarf/line_header.h"

#include <dwarf.h>

#include "base/array.h"
#include "symbol/dwarf/die.h"

/* Each name counts against the bytes of the section, as each row does: else a
 * table could claim any number of them, in forms that take no bytes or in bytes
 * that other tables claim, too. */
static bool may_add_name(const struct dwarf_unit *unit, struct cursor *c)
{
	size_t *left = &unit->file->rows_left;

	if (*left)
		--*left;
	else
		cursor_fail(c);
	return !c->failed;
}

static struct hs_error *add_folder(struct dwarf_lines *lines, const char *name)
{
	if (!ARRAY_GROW(lines->folders, lines->folders_cap,
			lines->n_folders + 1))
		return hs_error_nomem();
	lines->folders[lines->n_folders++] = name;
	return NULL;
}

struct hs_error *line_add_file(struct dwarf_lines *lines, const char *name,
			       uint64_t folder)
{
	if (!ARRAY_GROW(lines->files, lines->files_cap, lines->n_files + 1))
		return hs_error_nomem();
	lines->files[lines->n_files++] = (struct dwarf_source){
		.name = name,
		.folder = folder,
	};
	return NULL;
}

/* Versions 2 to 4: strings, each list ended by an empty one. */
static struct hs_error *read_old_names(const struct dwarf_unit *unit,
				       struct dwarf_lines *lines,
				       struct cursor *c)
{
	struct hs_error *err = NULL;

	while (!err) {
		const char *name = cursor_string(c);

		if (!*name || !may_add_name(unit, c))
			break;
		err = add_folder(lines, name);
	}
	while (!err) {
		const char *name = cursor_string(c);
		uint64_t folder;

		if (!*name || !may_add_name(unit, c))
			break;
		folder = cursor_uleb(c);
		cursor_uleb(c); /* time */
		cursor_uleb(c); /* size */
		err = line_add_file(lines, name, folder);
	}
	return err;
}

enum {
	COLUMNS_MAX = 255, /* their number is one byte */
};

/* Version 5 lists the columns of its entries first. */
struct columns {
	struct dwarf_attr items[COLUMNS_MAX]; /* names are DW_LNCT_* */
	size_t n;
};

static void read_columns(struct cursor *c, struct columns *columns)
{
	size_t i;

	columns->n = cursor_u8(c);
	for (i = 0; i < columns->n; i++)
		columns->items[i] = (struct dwarf_attr){
			.name = (uint16_t)cursor_uleb(c),
			.form = (uint16_t)cursor_uleb(c),
		};
}

static struct hs_error *read_list(const struct dwarf_unit *unit,
				  struct dwarf_widths widths,
				  struct dwarf_lines *lines, struct cursor *c,
				  bool files)
{
	struct hs_error *err = NULL;
	struct columns columns;
	uint64_t n;

	read_columns(c, &columns);
	n = cursor_uleb(c);
	for (; n && !err && columns.n; n--) {
		const char *name = NULL;
		uint64_t folder = 0;
		size_t i;

		for (i = 0; i < columns.n; i++) {
			struct dwarf_value value;

			dwarf_value_read(widths, &columns.items[i], c, &value);
			if (columns.items[i].name == DW_LNCT_path)
				name = dwarf_value_string(unit, &value);
			else if (columns.items[i].name ==
				 DW_LNCT_directory_index)
				folder = value.number;
		}
		if (c->failed || !may_add_name(unit, c))
			break;
		err = files ? line_add_file(lines, name ? name : "", folder)
			    : add_folder(lines, name ? name : "");
	}
	return err;
}

static struct hs_error *read_names(const struct dwarf_unit *unit,
				   struct dwarf_widths widths,
				   struct dwarf_lines *lines, struct cursor *c)
{
	struct hs_error *err;

	if (lines->version < 5)
		return read_old_names(unit, lines, c);
	err = read_list(unit, widths, lines, c, false);
	return err ? err : read_list(unit, widths, lines, c, true);
}

/* Ends @c where the table ends. */
static void read_length(struct cursor *c, struct line_header *header)
{
	uint64_t length = cursor_u32(c);

	header->widths.offset_size = 4;
	if (length == UINT32_MAX) {
		header->widths.offset_size = 8;
		length = cursor_u64(c);
	}
	if (length > cursor_left(c))
		cursor_fail(c);
	else
		c->end = c->at + length;
}

static bool read_fixed(struct cursor *c, struct line_header *header)
{
	uint16_t version;
	uint64_t length;

	read_length(c, header);
	version = cursor_u16(c);
	if (version < 2 || version > 5)
		return false;
	header->widths.version = (uint8_t)version;
	if (version >= 5) {
		header->widths.address_size = cursor_u8(c);
		cursor_skip(c, 1); /* size of segment selectors */
	}
	length = cursor_uint(c, header->widths.offset_size);
	if (c->failed || length > cursor_left(c))
		return false;
	header->program = *c;
	cursor_skip(&header->program, length);
	c->end = header->program.at;
	header->min_instruction = cursor_u8(c);
	if (version >= 4)
		cursor_skip(c, 1); /* operations an instruction */
	cursor_skip(c, 1);	   /* is_stmt at first */
	header->line_base = (int8_t)cursor_u8(c);
	header->line_range = cursor_u8(c);
	header->opcode_base = cursor_u8(c);
	if (header->opcode_base) {
		header->operands =
			(struct slice){ c->at,
					(size_t)header->opcode_base - 1 };
		cursor_skip(c, header->operands.size);
	}
	return !c->failed;
}

struct hs_error *line_header_read(const struct dwarf_unit *unit,
				  struct dwarf_lines *lines,
				  struct line_header *ret, bool *ok)
{
	struct cursor c = cursor_at(dwarf_unit_section(unit, DWARF_LINE),
				    unit->line_offset);

	*ret = (struct line_header){ .widths.address_size =
					     unit->address_size };
	*ok = read_fixed(&c, ret);
	if (!*ok)
		return NULL;
	lines->version = ret->widths.version;
	return read_names(unit, ret->widths, lines, &c);
}
