#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/words.h"
#include "output/label.h"
#include "output/text_parts.h"

enum {
	INDENT = 2,
	SHARE = 6, /* "100%  " */
	BYTES = 10,
};

/* The source line, without the blanks around it. */
static void add_source(struct text *t, const struct row_frame *f)
{
	const struct source_reader *reader = t->options->source;
	_cleanup_free_ char *line = NULL;
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct word w;
	size_t width = text_width(t) - INDENT - SHARE;

	if (!reader || !f->look->file || !f->look->line)
		return;
	line = reader->line(reader->arg, f->look->file, f->look->line,
			    t->rows->after->meta.taken_at_us);
	if (!line)
		return;
	w = (struct word){ line, strlen(line) };
	words_skip_blanks(&w);
	escape_terminal(&sb, w.s, w.len);
	t->out.failed |= sb.failed;
	if (!sb.len)
		return;
	style_pad(&t->out, INDENT + SHARE);
	if (t->options->width)
		style_cut(&t->out, strbuf_str(&sb), width, t->options->utf8);
	else
		strbuf_adds(&t->out, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
}

static void add_culprit(struct text *t, const struct culprits *all,
			const struct culprit *c)
{
	_cleanup_strbuf_ struct strbuf bytes = { 0 };

	units_add_bytes(&bytes, c->bytes, t->rows->before, t->options->units);
	strbuf_addf(&t->out, "%*.0f%%  %*s", INDENT + SHARE - 3,
		    culprits_share(all, c), BYTES, strbuf_str(&bytes));
	text_place(t, c->frame, INDENT + SHARE + BYTES);
	add_source(t, c->frame);
	t->out.failed |= bytes.failed;
}

void text_culprits(struct text *t, const struct culprits *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		add_culprit(t, c, &c->items[i]);
	if (c->more) {
		style_pad(&t->out, INDENT);
		strbuf_addf(&t->out, "%s ", t->options->utf8 ? "…" : "...");
		units_add_counted(&t->out, (int64_t)c->more, "more line",
				  false);
		strbuf_adds(&t->out, " up to 90%\n");
	}
}

void text_most(struct text *t, const struct culprits *c)
{
	enum { PLACE = 28 }; /* columns of most files' names and lines */
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (!c->n)
		return;
	strbuf_addf(&sb, "%.0f%% of %s: ", culprits_share(c, c->items),
		    t->rows->before ? "the growth" : "it");
	culprit_add(&sb, c->items, text_width(t) - sb.len - PLACE,
		    t->options->utf8);
	strbuf_addc(&t->out, '\n');
	text_add(t, STYLE_STRONG, strbuf_str(&sb));
	strbuf_addc(&t->out, '\n');
	t->out.failed |= sb.failed;
}
