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

/* Of a diff before and after, as difffolded.pl has them and flamegraph.pl reads
 * them. Its numbers have no sign. */
static void add_numbers(struct strbuf *sb, const struct rows *rows,
			struct measure m, const struct format_options *o)
{
	if (rows->before && !o->folded_signed)
		strbuf_addf(sb, " %" PRId64 " %" PRId64 "\n", m.before,
			    m.after);
	else
		strbuf_addf(sb, " %" PRId64 "\n", measure_change(m));
}

struct hs_error *folded_write(FILE *f, const struct rows *rows,
			      const struct format_options *o)
{
	_cleanup_labels_ struct labels labels = { 0 };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t i, end = formats_rows(rows, o->top);
	const struct row *row;
	struct hs_error *err;
	struct measure m;
	uint32_t k;

	err = labels_init(&labels, rows, true);
	for (i = 0; !err && i < end; i++) {
		row = &rows->items[i];
		m = measure_of(rows, row, o->sort);
		if (!measure_change(m) && (o->folded_signed || !m.after))
			continue;
		if (!row->depth)
			strbuf_adds(&sb, "[no stack]");
		for (k = row->depth; k--;) {
			add_name(&sb,
				 label_text(&labels,
					    label_of(&labels, rows, row, k),
					    &sb));
			if (k)
				strbuf_addc(&sb, ';');
		}
		add_numbers(&sb, rows, m, o);
		err = write_flush(&sb, f);
	}
	return err;
}
