#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "output/formats.h"
#include "output/label.h"

/* jeprof takes the functions of an address apart at "--". */
static void add_name(struct strbuf *sb, const char *name)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	const char *p;

	escape_terminal(&text, name, strlen(name));
	for (p = strbuf_str(&text); *p; p++) {
		strbuf_addc(sb, *p);
		if (p[0] == '-' && p[1] == '-')
			strbuf_addc(sb, ' ');
	}
	sb->failed |= text.failed;
}

static void add_binary(struct strbuf *sb, const struct rows *rows)
{
	const struct heap_origin *o = &rows->after->origin;
	const char *path = o->command ? o->command : "unknown";
	size_t i;

	/* The program itself is mapped lowest, as a rule. */
	for (i = 0; i < rows->after->n_modules; i++)
		if (rows->after->modules[i].path[0] == '/') {
			path = rows->after->modules[i].path;
			break;
		}
	strbuf_adds(sb, "--- symbol\nbinary=");
	escape_terminal(sb, path, strlen(path));
	strbuf_addc(sb, '\n');
}

/* One line an address: its functions, outermost first. The frames of an
 * address follow each other in rows->frames, innermost first. */
static struct hs_error *write_symbols(FILE *f, const struct rows *rows,
				      const struct labels *labels)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const struct row_frame *frames = rows->frames;
	struct hs_error *err = NULL;
	size_t first, last, i;

	add_binary(&sb, rows);
	for (first = 0; !err && first < rows->n_frames; first = last + 1) {
		last = first;
		while (frames[last].inlined && last + 1 < rows->n_frames &&
		       frames[last + 1].address == frames[first].address)
			last++;
		strbuf_addf(&sb, "0x%016" PRIx64 " ", frames[first].address);
		for (i = last + 1; i-- > first;) {
			add_name(&sb, labels->texts.items[labels->of_frame[i]]);
			if (i > first)
				strbuf_adds(&sb, "--");
		}
		strbuf_addc(&sb, '\n');
		err = formats_flush(&sb, f);
	}
	strbuf_adds(&sb, "---\n");
	return err ? err : formats_flush(&sb, f);
}

static void add_counts(struct strbuf *sb, int64_t objects, int64_t bytes)
{
	strbuf_addf(sb, "%" PRId64 ": %" PRId64 " [0: 0] @", objects, bytes);
}

/* jeprof takes 1 from all addresses but the first, to come from where a call
 * returns to to the call itself; ours have that behind them. */
static void add_addresses(struct strbuf *sb, const struct rows *rows,
			  const struct row *row)
{
	const struct row_frame *f;
	bool inner = false;
	uint32_t i, n = 0;

	for (i = 0; i < row->depth; i++) {
		f = row_frame(rows, row, i);
		if (!inner)
			strbuf_addf(sb, " 0x%016" PRIx64,
				    f->address + (n++ > 0));
		inner = f->inlined;
	}
	strbuf_addc(sb, '\n');
}

/*
 * The header's type "heapprofile" says that the numbers are the heap's own,
 * with nothing to be undone. (jeprof, ReadHeapProfile) MAPPED_LIBRARIES are left
 * out: jeprof would look at these files, which may not be here or be others.
 */
struct hs_error *jeprof_write(FILE *f, const struct rows *rows,
			      const struct format_options *o)
{
	_cleanup_labels_ struct labels labels = { 0 };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t i, end = formats_rows(rows, o->top);
	int64_t bytes = 0, objects = 0;
	struct hs_error *err;

	for (i = 0; i < end; i++) {
		bytes += rows->items[i].bytes;
		objects += rows->items[i].objects;
	}
	err = labels_init(&labels, rows, o->demangle);
	if (!err)
		err = write_symbols(f, rows, &labels);
	strbuf_adds(&sb, "--- heap\nheap profile: ");
	add_counts(&sb, objects, bytes);
	strbuf_adds(&sb, " heapprofile\n");
	for (i = 0; !err && i < end; i++) {
		add_counts(&sb, rows->items[i].objects, rows->items[i].bytes);
		add_addresses(&sb, rows, &rows->items[i]);
		err = formats_flush(&sb, f);
	}
	return err ? err : formats_flush(&sb, f);
}
