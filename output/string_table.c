#include "output/string_table.h"

#include <stdlib.h>

#include "base/array.h"

void texts_release(struct texts *t)
{
	free((void *)t->items);
	free(t->slots);
	intern_release(&t->strings);
	*t = (struct texts){ 0 };
}

/* Equal texts are one pointer. */
static size_t slot_of(const struct texts *t, const char *text)
{
	size_t at = hash_mix(0, (uintptr_t)text);

	while (t->slots[at &= t->n_slots - 1] &&
	       t->items[t->slots[at] - 1] != text)
		at++;
	return at;
}

static struct hs_error *grow_slots(struct texts *t)
{
	size_t want = t->n_slots ? t->n_slots * 2 : 1024, i;
	uint32_t *slots = calloc(want, sizeof(*slots));

	if (!slots)
		return hs_error_nomem();
	free(t->slots);
	t->slots = slots;
	t->n_slots = want;
	for (i = 0; i < t->n; i++)
		t->slots[slot_of(t, t->items[i])] = (uint32_t)i + 1;
	return NULL;
}

struct hs_error *texts_add(struct texts *t, const char *s, size_t len,
			   uint32_t *ret)
{
	struct hs_error *err = NULL;
	const char *text = NULL;
	size_t at;

	if (t->n >= t->n_slots / 2)
		err = grow_slots(t);
	if (!err)
		err = intern_string(&t->strings, s, len, &text);
	if (err)
		return err;
	at = slot_of(t, text);
	if (!t->slots[at]) {
		if (!ARRAY_GROW(t->items, t->cap, t->n + 1) ||
		    t->n >= UINT32_MAX)
			return hs_error_nomem();
		t->items[t->n++] = text;
		t->slots[at] = (uint32_t)t->n;
	}
	*ret = t->slots[at] - 1;
	return NULL;
}
