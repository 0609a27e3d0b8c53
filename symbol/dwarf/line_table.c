#include "symbol/dwarf/line_table.h"

#include <stdlib.h>

#include "base/search.h"
#include "base/strbuf.h"

void dwarf_lines_free(struct dwarf_lines *lines)
{
	if (!lines)
		return;
	free(lines->folders);
	free(lines->files);
	free(lines->rows);
	free(lines->sequences);
	free(lines);
}

/* The last row at or before @address. */
static const struct dwarf_row *find_row(const struct dwarf_lines *lines,
					const struct dwarf_sequence *sequence,
					uint64_t address)
{
	const struct dwarf_row *rows = lines->rows + sequence->first;
	const size_t n =
		search_sorted(sequence->n, i, rows[i].address <= address);

	return n ? &rows[n - 1] : NULL;
}

const struct dwarf_row *dwarf_lines_find(const struct dwarf_lines *lines,
					 uint64_t address)
{
	const struct dwarf_sequence *list = lines->sequences;
	const size_t at =
		search_sorted(lines->n_sequences, i, list[i].end <= address);

	if (at == lines->n_sequences || list[at].start > address)
		return NULL;
	return find_row(lines, &list[at], address);
}

static const char *folder_of(const struct dwarf_lines *lines, uint64_t index)
{
	/* Before version 5 number 0 is the unit's directory and not listed. */
	if (lines->version < 5 && !index--)
		return NULL;
	return index < lines->n_folders ? lines->folders[index] : NULL;
}

static void add_part(struct strbuf *sb, const char *part)
{
	if (!part || !*part)
		return;
	if (sb->len && sb->buf[sb->len - 1] != '/')
		strbuf_addc(sb, '/');
	strbuf_adds(sb, part);
}

struct hs_error *dwarf_lines_path(struct dwarf_lines *lines,
				  const struct dwarf_unit *unit, uint64_t index,
				  struct intern *strings, const char **ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct dwarf_source *file;
	struct hs_error *err;
	const char *folder;

	*ret = NULL;
	if (lines->version < 5 && !index--)
		return NULL;
	if (index >= lines->n_files)
		return NULL;
	file = &lines->files[index];
	*ret = file->path;
	if (file->path)
		return NULL;
	folder = folder_of(lines, file->folder);
	if (file->name[0] != '/') {
		/* Folder 0 of version 5 is the unit's directory. */
		if (!folder ||
		    (folder[0] != '/' && (lines->version < 5 || file->folder)))
			add_part(&sb, unit->directory);
		add_part(&sb, folder);
	}
	add_part(&sb, file->name);
	err = strbuf_check(&sb);
	if (!err)
		err = intern_string(strings, strbuf_str(&sb), sb.len,
				    &file->path);
	*ret = file->path;
	return err;
}
