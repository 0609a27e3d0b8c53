#include "output/label.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"

void label_add(struct strbuf *sb, const struct row_frame *f)
{
	uint64_t address = f->offset;

	if (f->name) {
		strbuf_adds(sb, f->name);
	} else if (f->in_file) {
		strbuf_adds(sb, f->module_name);
		row_frame_elf_address(f, &address);
		strbuf_addf(sb, "+0x%" PRIx64, address);
	} else {
		strbuf_addf(sb, "0x%" PRIx64, f->address);
		if (f->module)
			strbuf_addf(sb, " %s", f->module_name);
	}
}

/* What a row of --by line stands for, in formats that have no place for it but
 * the label. */
static void add_line(struct strbuf *sb, const struct row_frame *f)
{
	if (!f->file)
		return;
	strbuf_addf(sb, " %s", str_base_name(f->file));
	if (f->line)
		strbuf_addf(sb, ":%" PRIu32, f->line);
}

void labels_release(struct labels *l)
{
	free(l->of_frame);
	intern_release(&l->strings);
	l->of_frame = NULL;
}

struct hs_error *labels_init(struct labels *l, const struct rows *rows,
			     bool with_lines)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err = NULL;
	size_t i;

	l->of_frame = calloc(rows->n_frames + 1, sizeof(*l->of_frame));
	if (!l->of_frame)
		return hs_error_nomem();
	for (i = 0; !err && i < rows->n_frames; i++) {
		strbuf_clear(&sb);
		label_add(&sb, &rows->frames[i]);
		if (with_lines && rows->group == ROWS_LINES)
			add_line(&sb, &rows->frames[i]);
		err = strbuf_check(&sb);
		if (!err)
			err = intern_number(&l->strings, strbuf_str(&sb),
					    sb.len, &l->of_frame[i]);
	}
	return err;
}
