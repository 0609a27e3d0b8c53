#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/write.h"

/* A frame's name: a semicolon would end it, and tools have no way to escape
 * one; flamegraph.pl's own collapsers write a colon. */
static void add_name(struct strbuf *sb, const char *name)
{
	size_t start = sb->len, i;

	escape_terminal(sb, name, strlen(name));
	for (i = start; i < sb->len; i++)
		if (sb->buf[i] == ';')
			sb->buf[i] = ':';
}

struct hs_error *folded_write(FILE *f, const struct rows *rows,
			      const struct format_options *o)
{
	_cleanup_labels_ struct labels labels = { 0 };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t i, end = formats_rows(rows, o->top);
	const struct row *row;
	struct hs_error *err;
	int64_t n;
	uint32_t k;

	err = labels_init(&labels, rows);
	for (i = 0; !err && i < end; i++) {
		row = &rows->items[i];
		n = measure_change(measure_of(row, o->sort));
		if (!n)
			continue;
		if (!row->depth)
			strbuf_adds(&sb, "[no stack]");
		for (k = row->depth; k--;) {
			add_name(&sb, label_text(&labels, rows, row, k));
			if (k)
				strbuf_addc(&sb, ';');
		}
		strbuf_addf(&sb, " %" PRId64 "\n", n);
		err = write_flush(&sb, f);
	}
	return err;
}
