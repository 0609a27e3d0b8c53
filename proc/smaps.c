#include "proc/smaps.h"

#include <stdlib.h>
#include <unistd.h>

void smaps_release(struct smaps *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->items[i].pages);
	maps_release(&s->maps);
	free(s->items);
	*s = (struct smaps){ 0 };
}

/* The bits [first, last) that are set. */
static uint64_t count_bits(const uint64_t *bits, uint64_t first, uint64_t last)
{
	uint64_t n = 0;

	while (first < last) {
		uint64_t word = bits[first / 64] >> first % 64;
		uint64_t now = 64 - first % 64;

		if (now > last - first) {
			now = last - first;
			word &= (UINT64_C(1) << now) - 1;
		}
		n += (uint64_t)__builtin_popcountll(word);
		first += now;
	}
	return n;
}

uint64_t smaps_pages_in(const struct smaps *s, size_t i, uint64_t start,
			uint64_t end)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const uint64_t from = s->maps.items[i].start;

	return count_bits(s->items[i].pages, (start - from) / page,
			  (end - from + page - 1) / page);
}
