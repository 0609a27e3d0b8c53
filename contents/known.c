#include "contents/known.h"

#include <stdlib.h>

#include "base/array.h"

enum {
	WORDS_MAX = 1 << 16,  /* that are remembered */
	NAME_MAX_BYTES = 512, /* what is longer is cut */
};

struct known_word {
	uint64_t word;
	enum contents_kind kind;
	const char *name; /* NULL: none */
};

void known_release(struct known *k)
{
	free(k->items);
	hash_index_release(&k->index);
	intern_release(&k->names);
	*k = (struct known){ .around = k->around };
}

static const struct known_word *look_up(const struct known *k, uint64_t hash,
					enum contents_kind kind, uint64_t word)
{
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&k->index, hash, &walk)) {
		const struct known_word *item = &k->items[walk.value];

		if (item->word == word && item->kind == kind)
			return item;
	}
	return NULL;
}

static struct hs_error *remember(struct known *k, uint64_t hash,
				 const struct known_word *item)
{
	if (!ARRAY_GROW(k->items, k->cap, k->n + 1))
		return hs_error_nomem();
	k->items[k->n] = *item;
	return hash_index_add(&k->index, hash, (uint32_t)k->n++);
}

static struct hs_error *find_out(struct known *k, uint64_t hash,
				 known_find_fn *find, struct known_word *item)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };
	struct hs_error *err = NULL;

	if (find(k->around, item->word, &name)) {
		err = strbuf_check(&name);
		if (!err)
			err = intern_string(&k->names, strbuf_str(&name),
					    name.len < NAME_MAX_BYTES
						    ? name.len
						    : NAME_MAX_BYTES,
					    &item->name);
	}
	if (!err && k->n < WORDS_MAX)
		err = remember(k, hash, item);
	return err;
}

bool known_name(struct known *k, enum contents_kind kind, uint64_t word,
		known_find_fn *find, struct strbuf *name)
{
	const uint64_t hash =
		hash_mix(hash_mix(hash_index_begin(&k->index), word), kind)
			.value;
	const struct known_word *known = look_up(k, hash, kind, word);
	struct known_word item = { .word = word, .kind = kind };
	struct hs_error *err = NULL;

	if (!known) {
		err = find_out(k, hash, find, &item);
		known = &item;
	}
	k->failed |= err != NULL;
	hs_error_free(err);
	if (err || !known->name)
		return false;
	strbuf_adds(name, known->name);
	return true;
}
