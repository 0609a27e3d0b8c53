#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/intern.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/write.h"

/* jeprof splits the functions of an address at "--". */
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
	const struct heap_meta *o = &rows->after->meta;
	const char *path = o->command ? o->command : "unknown";
	size_t i;

	/* The program itself usually has the lowest mapping. */
	for (i = 0; i < rows->after->n_modules; i++)
		if (rows->after->modules[i].path[0] == '/') {
			path = rows->after->modules[i].path;
			break;
		}
	strbuf_adds(sb, "--- symbol\nbinary=");
	escape_terminal(sb, path, strlen(path));
	strbuf_addc(sb, '\n');
}

/* The frames [i, *) of @row, innermost first, are of one address. */
static uint32_t address_end(const struct rows *rows, const struct row *row,
			    uint32_t i)
{
	const struct row_frame *f = row_frame(rows, row, i);

	while (f->look->inlined && i + 1 < row->depth &&
	       row_frame(rows, row, i + 1)->address == f->address)
		f = row_frame(rows, row, ++i);
	return i + 1;
}

/* Rows of functions, files and the like have no address of their own: they get
 * multiples of 16 from here on, which no program has mapped. */
static uint64_t address_of(const struct rows *rows, const struct row *row,
			   uint32_t i)
{
	if (rows->group == ROWS_STACKS)
		return row_frame(rows, row, i)->address;
	return 16 * (uint64_t)(1 + rows->stack[row->first + i]);
}

/* The section of symbols during writing. */
struct symbols {
	struct strbuf sb;
	const struct rows *rows;
	struct labels *labels; /* borrowed */
	struct intern done;    /* the addresses that have a line */
};

/* Adds the line of an address: its functions, outermost first. Skips an address
 * that has a line already. */
static struct hs_error *add_symbol(struct symbols *s, const struct row *row,
				   uint32_t first, uint32_t end)
{
	uint64_t address = address_of(s->rows, row, first);
	size_t known = s->done.n;
	struct hs_error *err;
	char key[32];
	uint32_t i;
	int len;

	len = snprintf(key, sizeof(key), "%" PRIx64, address);
	err = intern_number(&s->done, key, (size_t)len, &i);
	if (err || i < known)
		return err;
	strbuf_addf(&s->sb, "0x%016" PRIx64 " ", address);
	for (i = end; i-- > first;) {
		add_name(&s->sb,
			 label_text(s->labels,
				    label_of(s->labels, s->rows, row, i),
				    &s->sb));
		if (i > first)
			strbuf_adds(&s->sb, "--");
	}
	strbuf_addc(&s->sb, '\n');
	return NULL;
}

static void symbols_release(struct symbols *s)
{
	strbuf_release(&s->sb);
	intern_release(&s->done);
}

static struct hs_error *write_symbols(FILE *f, const struct rows *rows,
				      size_t n, struct labels *labels)
{
	hs_cleanup(symbols_release) struct symbols s = { .rows = rows,
							 .labels = labels };
	struct hs_error *err = NULL;
	const struct row *row;
	uint32_t k, end;
	size_t i;

	add_binary(&s.sb, rows);
	for (i = 0; !err && i < n; i++) {
		row = &rows->items[i];
		for (k = 0; !err && k < row->depth; k = end) {
			end = address_end(rows, row, k);
			err = add_symbol(&s, row, k, end);
		}
		if (!err)
			err = write_flush(&s.sb, f);
	}
	strbuf_adds(&s.sb, "---\n");
	return err ? err : write_flush(&s.sb, f);
}

static void add_counts(struct strbuf *sb, int64_t objects, int64_t bytes)
{
	strbuf_addf(sb, "%" PRId64 ": %" PRId64 " [0: 0] @", objects, bytes);
}

/* jeprof subtracts 1 from all addresses but the first, to get from a return
 * address to the call; ours are those of the calls already, so add it. */
static void add_addresses(struct strbuf *sb, const struct rows *rows,
			  const struct row *row)
{
	uint32_t i;

	for (i = 0; i < row->depth; i = address_end(rows, row, i))
		strbuf_addf(sb, " 0x%016" PRIx64,
			    address_of(rows, row, i) + (i > 0));
	strbuf_addc(sb, '\n');
}

/*
 * The header's type "heapprofile" means that the numbers are the heap's own and
 * need no correction. (jeprof, ReadHeapProfile) There are no MAPPED_LIBRARIES:
 * jeprof would open these files, which may be missing or different here.
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
	err = labels_init(&labels, rows, false);
	if (!err)
		err = write_symbols(f, rows, end, &labels);
	strbuf_adds(&sb, "--- heap\nheap profile: ");
	add_counts(&sb, objects, bytes);
	strbuf_adds(&sb, " heapprofile\n");
	for (i = 0; !err && i < end; i++) {
		add_counts(&sb, rows->items[i].objects, rows->items[i].bytes);
		add_addresses(&sb, rows, &rows->items[i]);
		err = write_flush(&sb, f);
	}
	return err ? err : write_flush(&sb, f);
}
