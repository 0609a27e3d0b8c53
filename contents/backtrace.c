#include "contents/backtrace.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"

enum {
	WORD = 8,
	GCTX_WORDS = 16, /* the least size class of one */
	FIRST_WORD = 4,	 /* behind its lock and its trees */
};

void backtraces_release(struct backtraces *b)
{
	free(b->items);
	free(b->pcs);
	free(b->of);
	hash_index_release(&b->by_at);
	hash_index_release(&b->by_tctx);
	*b = (struct backtraces){ .memory = b->memory, .gctx = b->gctx };
}

static bool read_words(const struct backtraces *b, uint64_t at, uint64_t *to,
		       size_t n)
{
	return at && at % WORD == 0 &&
	       b->memory.read(b->memory.arg, at, to, n * WORD);
}

/* The number of addresses of the stack @at; 0: it is none. *ret: where they
 * are. */
static uint32_t find_vector(const struct backtraces *b, uint64_t at,
			    uint64_t *ret)
{
	uint64_t words[GCTX_WORDS];
	size_t i;

	if (!read_words(b, at, words, GCTX_WORDS))
		return 0;
	for (i = FIRST_WORD; i + 1 < GCTX_WORDS; i++) {
		/* The padding behind the number may have any value. */
		const uint32_t n = (uint32_t)words[i + 1];

		*ret = at + (i + 2) * WORD;
		if (words[i] == *ret && n && n <= BACKTRACE_DEPTH_MAX)
			return n;
	}
	return 0;
}

static struct hs_error *add_trace(struct backtraces *b, uint64_t at,
				  uint64_t hash, uint32_t *ret)
{
	uint64_t vector;
	const uint32_t n = find_vector(b, at, &vector);

	if (!n || n > BACKTRACE_PCS_MAX - b->n_pcs)
		return NULL;
	if (!ARRAY_GROW(b->pcs, b->pcs_cap, b->n_pcs + n) ||
	    !ARRAY_GROW(b->items, b->cap, b->n + 1))
		return hs_error_nomem();
	if (!read_words(b, vector, b->pcs + b->n_pcs, n))
		return NULL;
	b->items[b->n] = (struct backtrace){ at, (uint32_t)b->n_pcs, n };
	b->n_pcs += n;
	*ret = (uint32_t)b->n++;
	return hash_index_add(&b->by_at, hash, *ret);
}

static struct hs_error *trace_at(struct backtraces *b, uint64_t at,
				 uint32_t *ret)
{
	const uint64_t hash = hash_mix(hash_index_begin(&b->by_at), at).value;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&b->by_at, hash, &walk)) {
		if (b->items[walk.value].at == at) {
			*ret = walk.value;
			return NULL;
		}
	}
	return add_trace(b, at, hash, ret);
}

struct hs_error *backtraces_find(struct backtraces *b, uint64_t tctx,
				 uint32_t *ret)
{
	const uint64_t hash =
		hash_mix(hash_index_begin(&b->by_tctx), tctx).value;
	struct hash_index_walk walk = { 0 };
	struct hs_error *err = NULL;
	uint64_t at;

	*ret = BACKTRACE_NONE;
	while (hash_index_next(&b->by_tctx, hash, &walk)) {
		if (b->of[walk.value].tctx == tctx) {
			*ret = b->of[walk.value].trace;
			return NULL;
		}
	}
	if (!ARRAY_GROW(b->of, b->of_cap, b->n_of + 1))
		return hs_error_nomem();
	if (read_words(b, tctx + (uint64_t)b->gctx * WORD, &at, 1))
		err = trace_at(b, at, ret);
	if (err)
		return err;
	b->of[b->n_of] = (struct backtrace_of){ tctx, *ret };
	return hash_index_add(&b->by_tctx, hash, (uint32_t)b->n_of++);
}
