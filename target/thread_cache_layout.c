#include "target/thread_cache_layout.h"

enum {
	WORD = 8,
	/* A stack that is larger is none of a thread: opt.lg_tcache_nslots_mul
	 * and the like allow 8191 pointers, whose ends 16 bits can tell. */
	SLOTS_MAX = 8191,
	SLOTS_MAX_5_1 = 1 << 12, /* 200 unless they were configured */
};

bool cache_bin_5_3(const uint64_t *words, struct cache_bin *ret)
{
	const uint64_t head = words[0];
	const uint16_t low_water = (uint16_t)words[2];
	const uint16_t full = (uint16_t)(words[2] >> 16);
	const uint16_t empty = (uint16_t)(words[2] >> 32);
	const uint16_t held = (uint16_t)(empty - (uint16_t)head);
	const uint16_t size = (uint16_t)(empty - full);

	if (!head || head % WORD || full % WORD || empty % WORD ||
	    low_water % WORD || held > size ||
	    (uint16_t)(empty - low_water) > size)
		return false;
	*ret = (struct cache_bin){
		.first = head,
		.end = head + held,
		.low = head + held - size,
		.high = head + held,
	};
	return ret->low <= head && size / WORD <= SLOTS_MAX;
}

bool cache_bin_5_1(const uint64_t *words, struct cache_bin *ret)
{
	const int32_t low_water = (int32_t)words[0];
	const int32_t held = (int32_t)(words[0] >> 32);
	const uint64_t avail = words[2];

	if (!avail || avail % WORD || held < 0 || held > SLOTS_MAX_5_1 ||
	    low_water < -1 || low_water > held || avail < (uint64_t)held * WORD)
		return false;
	*ret = (struct cache_bin){
		.first = avail - (uint64_t)held * WORD,
		.end = avail,
		.high = avail,
	};
	return true;
}

bool cache_bin_follows(const struct cache_bin *a, const struct cache_bin *b)
{
	if (b->low)
		return b->low == a->high;
	return b->high > a->high && b->first >= a->high &&
	       (b->high - a->high) / WORD <= SLOTS_MAX_5_1;
}
