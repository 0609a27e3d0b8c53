#include "output/sentence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/str.h"
#include "base/units.h"
#include "output/formats.h"

/* So much of a name says which function it is; all of it is in the lines that
 * follow. */
enum { NAME_WIDTH = 48 };

enum section section_of(const struct rows *rows, const struct row *row,
			enum rows_sort sort)
{
	int64_t change = sort == ROWS_BY_OBJECTS ? row->objects : row->bytes;

	if (!row_changed(row))
		return SECTION_NONE;
	if (rows->before && row_is_noise(row))
		return SECTION_NOISE;
	if (row->moves_on && row_trend(rows, row)->verdict == HEAP_CYCLES)
		return SECTION_CYCLES;
	return change > 0 ? SECTION_GROWN : SECTION_SHRUNK;
}

enum section section_first(const struct rows *rows, enum rows_sort sort)
{
	enum section first = SECTION_NONE, s;
	size_t i;

	for (i = 0; i < rows->n && first != SECTION_GROWN; i++) {
		s = section_of(rows, &rows->items[i], sort);
		if (s < first)
			first = s;
	}
	return first;
}

bool sentence_live_grew(const struct rows *rows)
{
	return rows->live.grew && !rows->n_unfocused && !rows->suppressed.rows;
}

static void add_escaped(struct strbuf *sb, const char *s)
{
	escape_terminal(sb, s ? s : "?", s ? strlen(s) : 1);
}

static bool same_process(const struct heap_meta *a, const struct heap_meta *b)
{
	return a->pid == b->pid && a->start_time == b->start_time &&
	       str_equal(a->command, b->command) &&
	       str_equal(a->hostname, b->hostname);
}

static void add_process(struct strbuf *sb, const struct heap_meta *o)
{
	add_escaped(sb, o->command ? o->command : o->file);
	if (o->pid >= 0)
		strbuf_addf(sb, " (pid %" PRId64 ")", o->pid);
	if (o->hostname) {
		strbuf_adds(sb, " on ");
		add_escaped(sb, o->hostname);
	}
}

static void add_title(struct strbuf *sb, const struct rows *rows)
{
	const struct heap_profile *before = rows->before, *after = rows->after;

	strbuf_adds(sb, formats_subject(rows));
	if (before && !before->meta.command && !after->meta.command) {
		strbuf_adds(sb, " from ");
		add_process(sb, &before->meta);
		strbuf_adds(sb, " to ");
		add_process(sb, &after->meta);
	} else {
		strbuf_adds(sb, " of ");
		add_process(sb, &after->meta);
		if (before && !same_process(&before->meta, &after->meta)) {
			strbuf_adds(sb, ", compared with ");
			add_process(sb, &before->meta);
		}
	}
	if (rows_is_trend(rows))
		strbuf_addf(sb, ", %zu snapshots", rows->series.n);
	if (rows_elapsed(rows) > 0) {
		strbuf_adds(sb, " in ");
		units_add_duration(sb, rows_elapsed(rows));
	}
}

static void add_size(struct strbuf *sb, const struct rows *rows,
		     const struct text_options *o)
{
	const int64_t us = rows->before ? rows_elapsed(rows) : -1;
	const struct rows_sum *net = &rows->net;
	const bool none = section_first(rows, o->sort) == SECTION_NONE;

	strbuf_adds(sb, ": ");
	units_add_bytes(sb, net->bytes, rows->before, o->units);
	if (net->variance > 0 && !none) {
		strbuf_adds(sb, o->utf8 ? " ± " : " +- ");
		units_add_error(sb, llround(sqrt(net->variance)), net->bytes,
				o->units);
	}
	if (us > 0 && net->bytes) {
		strbuf_adds(sb, ", ");
		units_add_bytes(sb,
				llround((double)net->bytes * 1e6 / (double)us),
				true, o->units);
		strbuf_adds(sb, "/s");
	}
}

static void add_place(struct strbuf *sb, const struct rows *rows,
		      const struct culprits *grew, const struct text_options *o)
{
	const struct culprit *most = grew->items;
	const double share = culprits_share(grew, most);
	const char *whole = rows->before ? "the growth" : "it";

	if (str_equal(most->frame->look->function, ROWS_NO_STACK)) {
		strbuf_addf(sb, "; of %.0f%% of %s " ROWS_NO_STACK, share,
			    whole);
		return;
	}
	if (section_first(rows, o->sort) == SECTION_NOISE)
		strbuf_adds(sb, "; likeliest from ");
	else
		strbuf_addf(sb, "; %.0f%% of %s from ", share, whole);
	culprit_add(sb, most, NAME_WIDTH, o->utf8);
}

/* One cache drains while another one fills. */
static void add_move(struct strbuf *sb, const struct rows *rows,
		     const struct culprits *grew, const struct culprits *shrank,
		     const struct text_options *o)
{
	const int64_t gone = -rows->shrunk.bytes, came = rows->grown.bytes;

	if (!shrank->n || gone < came / 2)
		return;
	strbuf_adds(sb, grew->n && gone < 2 * came ? "; memory moved: " : "; ");
	culprit_add(sb, shrank->items, NAME_WIDTH, o->utf8);
	strbuf_adds(sb, " gave back ");
	units_add_bytes(sb, -shrank->items->bytes, false, o->units);
}

void sentence_add(struct strbuf *sb, const struct rows *rows,
		  const struct culprits *grew, const struct culprits *shrank,
		  const struct text_options *o)
{
	add_title(sb, rows);
	add_size(sb, rows, o);
	if (grew->n)
		add_place(sb, rows, grew, o);
	if (rows->before)
		add_move(sb, rows, grew, shrank, o);
}

static void add_live_growth(struct strbuf *sb, const struct rows *rows,
			    const struct text_options *o, const char *some)
{
	const double seconds = rows->seconds_until_sure;

	strbuf_adds(sb, "Live allocations grew by ");
	units_add_bytes(sb, llround(rows->live.bytes), false, o->units);
	strbuf_addf(sb, ", and no single stack%s for sure", some);
	if (seconds > 0) {
		strbuf_adds(sb, ": that may be after about ");
		units_add_about(sb, ceil(seconds));
		strbuf_adds(sb, " more");
	}
	strbuf_addf(sb, ". The likeliest %ss come first.", rows_noun(rows));
}

static void add_unsure(struct strbuf *sb, const struct rows *rows,
		       const struct text_options *o, const char *some)
{
	if (sentence_live_grew(rows))
		add_live_growth(sb, rows, o, some);
	else if (rows_net_grew(rows))
		strbuf_addf(sb,
			    "No single stack%s grew for sure, but all of them "
			    "together did.",
			    some);
	else
		strbuf_addf(sb,
			    "Nothing grew for sure: all changes%s are within "
			    "the sampling noise.",
			    some);
}

void sentence_add_verdict(struct strbuf *sb, const struct rows *rows,
			  const struct text_options *o)
{
	const char *some = rows->n_unfocused ? " of those looked at" : "";
	const enum section first = section_first(rows, o->sort);

	if (!rows->before) {
		if (first == SECTION_NONE)
			strbuf_addf(sb, "No live allocation%s was sampled.",
				    some);
		return;
	}
	switch (first) {
	case SECTION_GROWN:
		break;
	case SECTION_CYCLES:
		strbuf_addf(sb, "Nothing grew for good: stacks%s come and go.",
			    some);
		break;
	case SECTION_SHRUNK:
		strbuf_addf(sb, "Nothing grew: the stacks%s only shrank.",
			    some);
		break;
	case SECTION_NOISE:
		add_unsure(sb, rows, o, some);
		break;
	case SECTION_NONE:
		strbuf_addf(sb,
			    "Nothing grew: no stack%s holds more or less than "
			    "before.",
			    some);
		break;
	}
}
