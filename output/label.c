#include "output/label.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void label_add(struct strbuf *sb, const struct row_frame *f,
	       enum demangle_style style)
{
	if (f->function) {
		demangle(sb, f->function, style);
	} else if (f->module) {
		strbuf_adds(sb, base_name(f->module));
		strbuf_addf(sb, "+0x%" PRIx64,
			    f->has_elf_address ? f->elf_address : f->offset);
	} else {
		strbuf_addf(sb, "0x%" PRIx64, f->address);
	}
}

void labels_release(struct labels *l)
{
	free(l->of_frame);
	free((void *)l->texts);
	free(l->slots);
	intern_release(&l->strings);
	*l = (struct labels){ 0 };
}

/* Equal texts are one pointer. */
static size_t slot_of(const struct labels *l, const char *text)
{
	size_t at = hash_mix(0, (uintptr_t)text);

	while (l->slots[at &= l->n_slots - 1] &&
	       l->texts[l->slots[at] - 1] != text)
		at++;
	return at;
}

static struct hs_error *grow_slots(struct labels *l)
{
	size_t want = l->n_slots ? l->n_slots * 2 : 1024, i;
	uint32_t *slots = calloc(want, sizeof(*slots));

	if (!slots)
		return hs_error_nomem();
	free(l->slots);
	l->slots = slots;
	l->n_slots = want;
	for (i = 0; i < l->n; i++)
		l->slots[slot_of(l, l->texts[i])] = (uint32_t)i + 1;
	return NULL;
}

static struct hs_error *add_text(struct labels *l, const struct strbuf *sb,
				 uint32_t *ret)
{
	struct hs_error *err = NULL;
	const char *text = NULL;
	size_t at;

	if (l->n >= l->n_slots / 2)
		err = grow_slots(l);
	if (!err)
		err = intern_string(&l->strings, strbuf_str(sb), sb->len,
				    &text);
	if (err)
		return err;
	at = slot_of(l, text);
	if (!l->slots[at]) {
		if (!ARRAY_GROW(l->texts, l->cap, l->n + 1))
			return hs_error_nomem();
		l->texts[l->n++] = text;
		l->slots[at] = (uint32_t)l->n;
	}
	*ret = l->slots[at] - 1;
	return NULL;
}

struct hs_error *labels_init(struct labels *l, const struct rows *rows,
			     enum demangle_style style)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err = NULL;
	size_t i;

	l->of_frame = calloc(rows->n_frames + 1, sizeof(*l->of_frame));
	if (!l->of_frame)
		return hs_error_nomem();
	for (i = 0; !err && i < rows->n_frames; i++) {
		strbuf_clear(&sb);
		label_add(&sb, &rows->frames[i], style);
		err = strbuf_check(&sb);
		if (!err)
			err = add_text(l, &sb, &l->of_frame[i]);
	}
	return err;
}
