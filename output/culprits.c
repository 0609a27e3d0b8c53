#include "output/culprits.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/str.h"
#include "base/units.h"
#include "output/label.h"
#include "output/style.h"

static int compare_culprits(const void *x, const void *y)
{
	const struct culprit *a = x, *b = y;
	uint64_t m = magnitude(a->bytes), n = magnitude(b->bytes);

	if (m != n)
		return m > n ? -1 : 1;
	return a->frame < b->frame ? -1 : a->frame > b->frame;
}

static bool is_sure(const struct rows *rows, const struct row *row)
{
	return !rows->before || !row_is_noise(row);
}

/* Something grew, and no row did so for sure. */
static bool takes_noise(const struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->n; i++)
		if (rows->items[i].bytes > 0 && is_sure(rows, &rows->items[i]))
			return false;
	return rows->live.grew || rows_net_grew(rows);
}

static void add_row(struct culprits *c, const struct rows *rows,
		    const struct row *row, uint32_t *places)
{
	size_t at = rows_place(rows, row->first + row->wrappers,
			       row->first + row->depth);
	const struct row_frame *f = &rows->frames[rows->stack[at]];
	uint32_t *place = &places[f->key];

	if (!*place) {
		c->items[c->n].frame = f;
		*place = (uint32_t)++c->n;
	}
	c->items[*place - 1].bytes += row->bytes;
}

/* What shares in the rest of the report are of, too. */
static int64_t whole_of(const struct rows *rows, enum culprits_of of)
{
	if (of == CULPRITS_SHRANK)
		return rows->shrunk.bytes;
	return rows->before ? rows->grown.bytes : rows->net.bytes;
}

/* Leaves as few as make up 90%. */
static void keep_most(struct culprits *c)
{
	struct culprit *items;
	int64_t sum = 0;
	size_t n = 0;

	qsort(c->items, c->n, sizeof(*c->items), compare_culprits);
	while (n < c->n && (double)sum / (double)c->whole < 0.9)
		sum += c->items[n++].bytes;
	c->more = n > CULPRITS_MOST ? n - CULPRITS_MOST : 0;
	c->n = n - c->more;
	/* Few of what may be millions. */
	items = realloc(c->items, c->n * sizeof(*c->items));
	if (items)
		c->items = items;
}

struct hs_error *culprits_find(const struct rows *rows, enum culprits_of of,
			       struct culprits *ret)
{
	const bool noise = of == CULPRITS_GREW && takes_noise(rows);
	_cleanup_free_ uint32_t *places = NULL;
	const struct row *row;
	size_t i;

	*ret = (struct culprits){ .whole = whole_of(rows, of) };
	/* Keys are numbers below that of frames. */
	places = calloc(rows->n_frames + 1, sizeof(*places));
	ret->items = calloc(rows->n + 1, sizeof(*ret->items));
	if (!places || !ret->items) {
		culprits_release(ret);
		return hs_error_nomem();
	}
	for (i = 0; i < rows->n; i++) {
		row = &rows->items[i];
		if (row->depth && (is_sure(rows, row) || noise) &&
		    (of == CULPRITS_GREW ? row->bytes > 0 : row->bytes < 0))
			add_row(ret, rows, row, places);
	}
	if (ret->n)
		keep_most(ret);
	return NULL;
}

void culprits_release(struct culprits *c)
{
	free(c->items);
	*c = (struct culprits){ 0 };
}

double culprits_share(const struct culprits *c, const struct culprit *one)
{
	return c->whole ? 100 * (double)one->bytes / (double)c->whole : 0;
}

void culprit_add(struct strbuf *sb, const struct culprit *c, size_t width,
		 bool utf8)
{
	_cleanup_strbuf_ struct strbuf name = { 0 }, shown = { 0 };
	const struct row_frame *f = c->frame;
	const char *place = NULL;

	label_add(&name, f);
	escape_terminal(&shown, strbuf_str(&name), name.len);
	if (width)
		style_cut(sb, strbuf_str(&shown), width, utf8);
	else
		strbuf_adds(sb, strbuf_str(&shown));
	sb->failed |= name.failed || shown.failed;
	if (f->look->file && f->look->file != f->look->function)
		place = str_base_name(f->look->file);
	else if (f->look->name && f->look->module &&
		 f->look->module != f->look->function)
		place = f->look->module_name;
	if (!place)
		return;
	strbuf_adds(sb, " (");
	escape_terminal(sb, place, strlen(place));
	if (f->look->file && f->look->line)
		strbuf_addf(sb, ":%" PRIu32, f->look->line);
	strbuf_addc(sb, ')');
}
