#include "target/thread_caches.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/search.h"
#include "target/thread_cache_layout.h"

enum {
	PIECE = 64 << 10, /* bytes read at once */
	WORD = 8,
	BIN = CACHE_BIN_WORDS * WORD,
	/* Bins one after the other that make an array: of 36 small classes and
	 * those of 16 to 32 KiB. Some may be switched off (5.3.1). */
	BINS_MIN = 12,
	BINS_MAX = 128,
	HELD_MAX = 8192, /* pointers of a bin */
};

struct finder {
	const struct heap_tree *tree;
	cache_bin_fn *decode;
	struct heap_regions *regions;
	struct thread_caches *found;
	uint64_t *held;	 /* owned; HELD_MAX items */
	uint64_t *piece; /* owned; PIECE bytes */
	struct hs_error *err;
};

void thread_caches_release(struct thread_caches *caches)
{
	free(caches->stacks);
	*caches = (struct thread_caches){ 0 };
}

/* How many bins from @words on follow one another, at most @n. */
static size_t count_bins(const struct finder *f, const uint64_t *words,
			 size_t n)
{
	struct cache_bin bin, last = { 0 };
	size_t i;

	for (i = 0; i < n && i < BINS_MAX; i++, last = bin) {
		if (!f->decode(words + i * CACHE_BIN_WORDS, &bin) ||
		    (i && !cache_bin_follows(&last, &bin)))
			break;
	}
	return i;
}

static bool read_memory(const struct finder *f, uint64_t at, void *to,
			size_t len)
{
	return f->tree->memory.read(f->tree->memory.arg, at, to, len);
}

static void take_bin(struct finder *f, const struct cache_bin *bin)
{
	const size_t n = (size_t)(bin->end - bin->first) / WORD;
	size_t i;

	if (n > HELD_MAX || !read_memory(f, bin->first, f->held, n * WORD))
		return;
	for (i = 0; i < n; i++) {
		struct heap_region region;

		if (!heap_regions_find(f->regions, f->held[i], false,
				       &region) ||
		    !heap_region_live(f->regions, &region)) {
			f->found->stale++;
			continue;
		}
		heap_regions_take_cached(f->regions, &region);
		f->found->regions++;
	}
}

/* The stacks are a region themselves, all of them one, or in memory that is
 * jemalloc's own. */
static void keep_stacks(struct finder *f, const struct cache_bin *bin)
{
	struct thread_caches *to = f->found;
	struct heap_region region, last;

	if (f->err ||
	    !heap_regions_find(f->regions, bin->high - WORD, true, &region))
		return;
	if (to->n_stacks &&
	    heap_regions_find(f->regions, to->stacks[to->n_stacks - 1], true,
			      &last) &&
	    last.slab == region.slab && last.i == region.i)
		return;
	if (ARRAY_GROW(to->stacks, to->cap, to->n_stacks + 1))
		to->stacks[to->n_stacks++] = bin->high - WORD;
	else
		f->err = hs_error_nomem();
}

static void take_bins(struct finder *f, const uint64_t *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct cache_bin bin;

		if (!f->decode(words + i * CACHE_BIN_WORDS, &bin))
			continue;
		keep_stacks(f, &bin);
		take_bin(f, &bin);
	}
}

/* Until 5.2 the bins of large classes are an array of their own, a little behind
 * the first. Returns the words from @words, an array of @bins, to its end. */
static size_t take_array(struct finder *f, const uint64_t *words, size_t n,
			 size_t bins)
{
	enum { BETWEEN_MAX = 32 }; /* words */
	struct cache_bin last, bin;
	size_t at = bins * CACHE_BIN_WORDS, i;

	f->found->found++;
	take_bins(f, words, bins);
	if (!f->decode(words + at - CACHE_BIN_WORDS, &last))
		return at;
	for (i = at + 1; i <= at + BETWEEN_MAX && i + CACHE_BIN_WORDS <= n;
	     i++) {
		if (!f->decode(words + i, &bin) ||
		    !cache_bin_follows(&last, &bin))
			continue;
		bins = count_bins(f, words + i, (n - i) / CACHE_BIN_WORDS);
		take_bins(f, words + i, bins);
		return i + bins * CACHE_BIN_WORDS;
	}
	return at;
}

/* Looks at @words[0..n) for arrays; one that may go on behind them is left to
 * the next piece. Returns how many words are done with. */
static size_t look(struct finder *f, const uint64_t *words, size_t n, bool last)
{
	const size_t need = last ? CACHE_BIN_WORDS
				 : 2 * BINS_MAX * CACHE_BIN_WORDS;
	size_t i = 0;

	while (i + need <= n) {
		size_t bins =
			count_bins(f, words + i, (n - i) / CACHE_BIN_WORDS);

		i += bins < BINS_MIN ? 1
				     : take_array(f, words + i, n - i, bins);
	}
	return last ? n : i;
}

/* Most of what is searched was never touched. */
static bool is_zeros(const uint64_t *words, size_t n)
{
	return !words[0] && !memcmp(words, words + 1, (n - 1) * WORD);
}

static void look_between(struct finder *f, uint64_t at, uint64_t end)
{
	while (at < end) {
		const size_t now = end - at < PIECE ? (size_t)(end - at)
						    : PIECE;
		size_t done = now / WORD;

		if (done && read_memory(f, at, f->piece, now) &&
		    !is_zeros(f->piece, done))
			done = look(f, f->piece, now / WORD, now == end - at);
		if (!done)
			return;
		at += done * WORD;
	}
}

/* What is in use by the program is left out: copies of a cache may be there,
 * and it is most of the memory. */
static void look_in(struct finder *f, const struct heap_range *range)
{
	const struct heap_regions *r = f->regions;
	uint64_t at = range->start;
	size_t i;

	i = search_sorted(r->n, k, r->slabs[k].address < at);
	for (i -= i > 0; i < r->n && r->slabs[i].address < range->end; i++) {
		const struct heap_slab *slab = &r->slabs[i];
		const uint64_t end = slab->address + slab->n * slab->size;

		if (end <= at)
			continue;
		look_between(f, at, slab->address);
		at = end + (WORD - end % WORD) % WORD;
	}
	look_between(f, at, range->end);
}

struct hs_error *thread_caches_take(const struct heap_tree *tree,
				    const struct heap_ranges *where,
				    struct heap_regions *regions,
				    struct thread_caches *ret)
{
	_cleanup_free_ uint64_t *piece = malloc(PIECE);
	_cleanup_free_ uint64_t *held = malloc(HELD_MAX * WORD);
	struct finder f = {
		.tree = tree,
		.decode = tree->layout->cache_bin,
		.regions = regions,
		.found = ret,
		.held = held,
		.piece = piece,
	};
	size_t i;

	*ret = (struct thread_caches){ 0 };
	if (!piece || !held)
		return hs_error_nomem();
	for (i = 0; i < where->n; i++)
		look_in(&f, &where->items[i]);
	return f.err;
}
