#include "output/diagnosis_json.h"

#include <string.h>

#include "base/escape.h"
#include "base/strbuf.h"
#include "heap/hints.h"
#include "output/hint_text.h"
#include "output/breakdown_text.h"

static const char *const hint_names[] = {
	[HEAP_HINT_NONE] = NULL,
	[HEAP_HINT_DENSE] = "dense",
	[HEAP_HINT_UNSEEN] = "unseen",
	[HEAP_HINT_COARSE] = "coarse",
};

/* Lines are broken for people. */
static json_t *sentence_json(struct strbuf *lines)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	size_t i;

	while (lines->len && lines->buf[lines->len - 1] == '\n')
		lines->len--;
	for (i = 0; i < lines->len; i++) {
		if (lines->buf[i] == '\n')
			lines->buf[i] = ' ';
	}
	if (lines->len)
		escape_utf8(&text, lines->buf, lines->len);
	if (lines->failed || text.failed)
		return NULL;
	return lines->len ? json_string(strbuf_str(&text)) : json_null();
}

json_t *diagnosis_json(const struct heap_origin *before,
		       const struct heap_origin *after)
{
	const struct ledger_text ledger = {
		.before = before,
		.after = after,
		.units = UNITS_IEC,
	};
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	ledger_text_diagnosis(&sb, &ledger);
	return sentence_json(&sb);
}

static json_t *hint_json(const struct heap_hint *hint,
			 const struct heap_profile *p)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	bool coarse = hint->kind == HEAP_HINT_COARSE;

	hint_text_add(&sb, hint, p, UNITS_IEC);
	return json_pack("{s:s, s:o, s:I, s:I, s:o}", "kind",
			 hint_names[hint->kind], "text", sentence_json(&sb),
			 "missing_bytes", (json_int_t)hint->bytes, "samples",
			 (json_int_t)hint->samples, "lg_prof_sample",
			 coarse ? json_integer(hint->lg_sample) : json_null());
}

json_t *hints_json(const struct heap_profile *p)
{
	struct heap_hint hints[HEAP_HINTS_MAX];
	unsigned n = heap_hints(p, hints), i;
	json_t *j = json_array();

	for (i = 0; j && i < n; i++) {
		if (json_array_append_new(j, hint_json(&hints[i], p)) < 0) {
			json_decref(j);
			return NULL;
		}
	}
	return j;
}
