#include "output/diagnosis_json.h"

#include "base/strbuf.h"
#include "heap/hints.h"
#include "output/breakdown_text.h"
#include "output/hint_text.h"

static const char *const hint_names[] = {
	[HEAP_HINT_NONE] = NULL,       [HEAP_HINT_DENSE] = "dense",
	[HEAP_HINT_UNSEEN] = "unseen", [HEAP_HINT_MORE] = "more",
	[HEAP_HINT_COARSE] = "coarse", [HEAP_HINT_RUNTIME] = "runtime",
};

/* Joins the lines, which are broken for people. */
static json_t *sentence_json(struct json_build *b, struct strbuf *lines)
{
	size_t i;

	while (lines->len && lines->buf[lines->len - 1] == '\n')
		lines->buf[--lines->len] = '\0';
	for (i = 0; i < lines->len; i++) {
		if (lines->buf[i] == '\n')
			lines->buf[i] = ' ';
	}
	if (lines->failed)
		return NULL;
	return json_text(b, lines->len ? lines->buf : NULL);
}

json_t *diagnosis_json(struct json_build *b, const struct heap_meta *before,
		       const struct heap_meta *after, int64_t live_fell)
{
	const struct breakdown_view breakdown = {
		.before = before,
		.after = after,
		.live_fell = live_fell,
		.units = UNITS_IEC,
	};
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	breakdown_text_diagnosis(&sb, &breakdown);
	return sentence_json(b, &sb);
}

static json_t *hint_json(struct json_build *b, const struct heap_hint *hint,
			 const struct heap_profile *p)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	json_t *j = json_object();

	hint_text_add(&sb, hint, p, UNITS_IEC);
	json_set_text(b, j, "kind", hint_names[hint->kind]);
	json_set(b, j, "text", sentence_json(b, &sb));
	json_set_integer(b, j, "missing_bytes", (int64_t)hint->bytes);
	json_set_integer(b, j, "samples", (int64_t)hint->samples);
	json_set(b, j, "lg_prof_sample",
		 hint->kind == HEAP_HINT_COARSE ? json_integer(hint->lg_sample)
						: json_null());
	return j;
}

json_t *hints_json(struct json_build *b, const struct rows *rows)
{
	json_t *j = json_array();
	unsigned i;

	for (i = 0; i < rows->n_hints; i++)
		json_add(b, j, hint_json(b, &rows->hints[i], rows->after));
	return j;
}
