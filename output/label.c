#include "output/label.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash_index.h"
#include "base/str.h"

void label_add(struct strbuf *sb, const struct row_frame *f)
{
	uint64_t address = f->offset;

	if (f->look->name) {
		strbuf_adds(sb, f->look->name);
	} else if (f->look->in_file) {
		strbuf_adds(sb, f->look->module_name);
		row_frame_elf_address(f, &address);
		strbuf_addf(sb, "+0x%" PRIx64, address);
	} else {
		strbuf_addf(sb, "0x%" PRIx64, f->address);
		if (f->look->module)
			strbuf_addf(sb, " %s", f->look->module_name);
	}
}

/* What a row of --by line stands for, in formats that have no place for it but
 * the label. */
static void add_line(struct strbuf *sb, const struct row_frame *f)
{
	if (!f->look->file)
		return;
	strbuf_addf(sb, " %s", str_base_name(f->look->file));
	if (f->look->line)
		strbuf_addf(sb, ":%" PRIu32, f->look->line);
}

void labels_release(struct labels *l)
{
	free(l->of_frame);
	free(l->frames);
	strbuf_release(&l->text);
	*l = (struct labels){ 0 };
}

/* The label of frame @i, in @sb. */
static struct hs_error *make(const struct labels *l, struct strbuf *sb,
			     size_t i)
{
	const struct row_frame *f = &l->rows->frames[i];

	strbuf_clear(sb);
	label_add(sb, f);
	if (l->with_lines && l->rows->group == ROWS_LINES)
		add_line(sb, f);
	return strbuf_check(sb);
}

const char *label_text(struct labels *l, uint32_t number, struct strbuf *out)
{
	struct hs_error *err = make(l, &l->text, l->frames[number]);

	out->failed |= err != NULL;
	hs_error_free(err);
	return strbuf_str(&l->text);
}

/* Finds or adds the label of frame @i. The texts are not kept: there may be one
 * for each of millions of addresses. */
static struct hs_error *find(struct labels *l, struct hash_index *index,
			     struct strbuf *text, uint32_t i)
{
	struct hs_error *err = make(l, text, i);
	struct hash_index_walk walk = { 0 };
	uint64_t hash;

	if (err)
		return err;
	hash = hash_bytes(hash_index_begin(index), strbuf_str(text), text->len)
		       .value;
	while (hash_index_next(index, hash, &walk)) {
		err = make(l, &l->text, l->frames[walk.value]);
		if (err)
			return err;
		l->of_frame[i] = walk.value;
		if (!strcmp(strbuf_str(&l->text), strbuf_str(text)))
			return NULL;
	}
	if (!ARRAY_GROW(l->frames, l->cap, l->n + 1))
		return hs_error_nomem();
	l->of_frame[i] = (uint32_t)l->n;
	l->frames[l->n] = i;
	return hash_index_add(index, hash, (uint32_t)l->n++);
}

struct hs_error *labels_init(struct labels *l, const struct rows *rows,
			     bool with_lines)
{
	_cleanup_hash_index_ struct hash_index index = { 0 };
	_cleanup_strbuf_ struct strbuf text = { 0 };
	struct hs_error *err = NULL;
	uint32_t i;

	l->rows = rows;
	l->with_lines = with_lines;
	l->of_frame = calloc(rows->n_frames + 1, sizeof(*l->of_frame));
	if (!l->of_frame)
		return hs_error_nomem();
	for (i = 0; !err && i < rows->n_frames; i++)
		err = find(l, &index, &text, i);
	return err;
}
