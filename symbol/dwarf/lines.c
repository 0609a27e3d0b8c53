#include "symbol/dwarf/lines.h"

#include <stdlib.h>

#include "base/array.h"
#include "symbol/dwarf/line_header.h"
#include "symbol/dwarf/line_program.h"

static int compare_ends(const void *pa, const void *pb)
{
	const struct dwarf_sequence *a = pa, *b = pb;

	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

static struct hs_error *lines_read(const struct dwarf_unit *unit,
				   struct dwarf_lines *lines)
{
	struct line_header header;
	struct hs_error *err;
	bool ok;

	err = line_header_read(unit, lines, &header, &ok);
	if (!err && ok)
		err = line_program_run(&header, lines, &unit->file->rows_left);
	if (!err && lines->n_sequences)
		qsort(lines->sequences, lines->n_sequences,
		      sizeof(*lines->sequences), compare_ends);
	return err;
}

struct hs_error *dwarf_unit_lines(const struct dwarf_unit *unit,
				  struct dwarf_lines **ret)
{
	struct dwarf_file *file = unit->file;
	struct dwarf_lines *lines;
	struct hs_error *err;
	size_t i;

	*ret = NULL;
	if (unit->line_offset == UINT64_MAX)
		return NULL;
	for (i = file->n_lines; i-- > 0;)
		if (file->lines[i]->offset == unit->line_offset) {
			*ret = file->lines[i];
			return NULL;
		}
	if (!ARRAY_GROW(file->lines, file->lines_cap, file->n_lines + 1))
		return hs_error_nomem();
	lines = calloc(1, sizeof(*lines));
	if (!lines)
		return hs_error_nomem();
	lines->offset = unit->line_offset;
	err = lines_read(unit, lines);
	if (err) {
		dwarf_lines_free(lines);
		return err;
	}
	file->lines[file->n_lines++] = lines;
	*ret = lines;
	return NULL;
}
