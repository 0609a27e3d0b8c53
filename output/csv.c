#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/write.h"

/* Appends @s as a field. Spreadsheets run a string that begins like a formula;
 * an apostrophe makes it plain text. */
static void add_field(struct strbuf *sb, const char *s)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	size_t i;

	escape_terminal(&text, s, strlen(s));
	strbuf_addc(sb, '"');
	if (text.len && strchr("=+-@", text.buf[0]))
		strbuf_addc(sb, '\'');
	for (i = 0; i < text.len; i++) {
		if (text.buf[i] == '"')
			strbuf_addc(sb, '"');
		strbuf_addc(sb, text.buf[i]);
	}
	strbuf_addc(sb, '"');
	sb->failed |= text.failed;
}

/* Nothing where it is not known. */
static void add_objects(struct strbuf *sb, int64_t n, bool known)
{
	strbuf_addc(sb, ',');
	if (known)
		strbuf_addf(sb, "%" PRId64, n);
}

static void add_numbers(struct strbuf *sb, const struct rows *rows,
			const struct row *row)
{
	struct measure bytes = measure_of(rows, row, ROWS_BY_BYTES);
	struct measure objects = measure_of(rows, row, ROWS_BY_OBJECTS);
	const bool known = rows_count_objects(rows);

	strbuf_addf(sb, "%" PRId64, row->bytes);
	add_objects(sb, row->objects, known);
	strbuf_addf(sb, ",%.0f", row->error);
	if (!rows->before)
		return;
	strbuf_addf(sb, ",%d,%" PRId64, row_significant(row), bytes.before);
	add_objects(sb, objects.before, known);
	strbuf_addf(sb, ",%" PRId64, bytes.after);
	add_objects(sb, objects.after, known);
}

static uint64_t known_address(const struct row_frame *f)
{
	return heap_address_is_invented(f->address) ? 0 : f->address;
}

/* Writes the columns of the innermost frame, and of the whole stack. */
static void add_addresses(struct strbuf *sb, const struct rows *rows,
			  const struct row *row)
{
	const struct row_frame *f = row_frame(rows, row, 0);
	uint64_t address;
	uint32_t i;

	if (row_frame_has_file_offset(f))
		strbuf_addf(sb, ",0x%" PRIx64, f->offset);
	else
		strbuf_addc(sb, ',');
	if (row_frame_elf_address(f, &address))
		strbuf_addf(sb, ",0x%" PRIx64, address);
	else
		strbuf_addc(sb, ',');
	for (i = row->depth; i--;)
		strbuf_addf(sb, "%c0x%" PRIx64, i + 1 == row->depth ? ',' : ';',
			    known_address(row_frame(rows, row, i)));
}

/* The innermost frame, and the whole stack from the outermost on. */
static void add_stack(struct strbuf *sb, const struct rows *rows,
		      const struct row *row, struct labels *labels,
		      bool addresses)
{
	_cleanup_strbuf_ struct strbuf stack = { 0 };
	const struct row_frame *f;
	uint32_t i;

	if (!row->depth) {
		strbuf_adds(sb, addresses ? ",,,,,,,," : ",,,,,");
		return;
	}
	f = row_frame(rows, row, 0);
	strbuf_addc(sb, ',');
	add_field(sb, label_text(labels, label_of(labels, rows, row, 0), sb));
	strbuf_addc(sb, ',');
	add_field(sb, f->look->file ? f->look->file : "");
	strbuf_addc(sb, ',');
	if (f->look->line)
		strbuf_addf(sb, "%" PRIu32, f->look->line);
	strbuf_addc(sb, ',');
	add_field(sb, f->look->module ? f->look->module : "");
	for (i = row->depth; i--;) {
		strbuf_adds(&stack,
			    label_text(labels, label_of(labels, rows, row, i),
				       sb));
		if (i)
			strbuf_addc(&stack, ';');
	}
	strbuf_addc(sb, ',');
	add_field(sb, strbuf_str(&stack));
	sb->failed |= stack.failed;
	if (addresses)
		add_addresses(sb, rows, row);
}

struct hs_error *csv_write(FILE *f, const struct rows *rows,
			   const struct format_options *o)
{
	_cleanup_labels_ struct labels labels = { 0 };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t i, end = formats_rows(rows, o->top);
	struct hs_error *err;

	err = labels_init(&labels, rows, false);
	strbuf_adds(&sb, "bytes,objects,bytes_se");
	if (rows->before)
		strbuf_adds(&sb, ",significant,before_bytes,before_objects,"
				 "after_bytes,after_objects");
	strbuf_adds(&sb, ",function,file,line,module,stack");
	if (o->addresses)
		strbuf_adds(&sb, ",file_offset,offset,addresses");
	strbuf_addc(&sb, '\n');
	for (i = 0; !err && i < end; i++) {
		if (!row_changed(&rows->items[i]))
			continue;
		add_numbers(&sb, rows, &rows->items[i]);
		add_stack(&sb, rows, &rows->items[i], &labels, o->addresses);
		strbuf_addc(&sb, '\n');
		err = write_flush(&sb, f);
	}
	return err ? err : write_flush(&sb, f);
}
