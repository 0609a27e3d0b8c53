#include "contents/sampled.h"

#include <stdlib.h>
#include <time.h>

void sampled_release(struct sampled *s)
{
	free(s->items);
	free(s->types);
	backtraces_release(&s->traces);
	intern_release(&s->strings);
	*s = (struct sampled){ 0 };
}

int64_t sampled_cpu_us(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

bool sampled_reader_late(const struct sampled_reader *r)
{
	return (r->end.stop && *r->end.stop) || !deadline_left(&r->end) ||
	       sampled_cpu_us() >= r->until;
}

bool sampled_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct sampled_reader *r = arg;

	return !sampled_reader_late(r) &&
	       r->present.read(r->present.arg, addr, buf, len);
}

bool sampled_read_zeros(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct sampled_reader *r = arg;

	return !sampled_reader_late(r) &&
	       r->zeros.read(r->zeros.arg, addr, buf, len);
}
