/*
 * Names, then a dump (jeprof --raw, PrintSymbolizedProfile(); ClickHouse):
 *
 *   --- symbol
 *   binary=/srv/app/searchd
 *   0x00000000004010fe main--handle    an address as it is looked up: of a
 *                                      caller, less 1; its functions, the
 *                                      outermost first, the others inlined
 *   ---
 *   --- heap                           or "--- growth"; may be missing
 *   heap_v2/524288                     a dump in another dialect
 */
#include <string.h>

#include "heap/format/dialect.h"

/* The program's own name. */
static struct hs_error *raw_binary(struct heap_profile *p, const char *path,
				   size_t len)
{
	const char *slash = memrchr(path, '/', len);

	if (slash) {
		len -= (size_t)(slash + 1 - path);
		path = slash + 1;
	}
	if (!len || memchr(path, '\0', len))
		return NULL;
	return intern_string(&p->meta.strings, path, len, &p->meta.command);
}

static struct hs_error *raw_symbol(struct heap_text *t, struct heap_builder *b)
{
	const char *at = t->s, *start = t->s, *name;
	struct hs_error *err;
	uint64_t address;
	size_t len;

	heap_text_skip_blank(&at);
	if (heap_text_skip(&at, "binary=")) {
		len = heap_text_next_line(t) - (size_t)(at - start);
		return raw_binary(b->profile, at, len);
	}
	if (!heap_text_address(&at, &address) || (*at != ' ' && *at != '\n'))
		return heap_text_expected(t, "'0xADDRESS NAME' or '---'");
	name = at;
	heap_text_skip_blank(&name);
	at = memchr(name, '\n', (size_t)(t->end - name));
	len = (size_t)(at - name);
	if (memchr(name, '\0', len))
		return heap_text_expected(t, "'0xADDRESS NAME' or '---'");
	err = len ? heap_builder_add_symbol(b, address, name, len) : NULL;
	heap_text_end_line(t, at);
	return err;
}

/* All lines but the marker are between "--- symbol" and "---". */
static struct hs_error *raw_symbols(struct heap_text *t, struct heap_builder *b)
{
	struct hs_error *err = NULL;

	heap_text_next_line(t);
	while (!err && heap_text_data(t) && !heap_text_is_line(t, "---"))
		err = raw_symbol(t, b);
	if (err)
		return err;
	if (!heap_text_data(t))
		return heap_text_expected(t, "'---' behind the names");
	heap_text_next_line(t);
	return NULL;
}

struct hs_error *heap_read_raw(struct heap_text *t, struct heap_builder *b)
{
	heap_dialect *dialect;
	struct hs_error *err = NULL;

	if (!heap_text_more(t))
		return heap_text_expected(t, "'--- symbol'");
	if (heap_text_is_line(t, "--- symbol"))
		err = raw_symbols(t, b);
	if (err)
		return err;
	if (heap_text_data(t) && (heap_text_is_line(t, "--- heap") ||
				  heap_text_is_line(t, "--- growth")))
		heap_text_next_line(t);
	/* A binary file may have lines of any length. */
	if (!heap_text_data(t) && !t->len)
		return hs_error_hint(heap_text_expected(t, "a heap dump"),
				     "of a file jeprof --raw writes the names "
				     "alone: give the file itself");
	err = heap_dialect_find(t->s, t->len - (size_t)(t->s - t->buf), t->name,
				t->line, &dialect);
	if (err)
		return err;
	if (dialect == heap_read_raw)
		return heap_text_expected(t, "a heap dump");
	return dialect(t, b);
}
