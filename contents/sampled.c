#include "contents/sampled.h"

#include <stdlib.h>

void sampled_release(struct sampled *s)
{
	free(s->items);
	free(s->types);
	backtraces_release(&s->traces);
	intern_release(&s->strings);
	*s = (struct sampled){ 0 };
}

bool sampled_reader_late(const struct sampled_reader *r)
{
	return (r->end.stop && *r->end.stop) || !deadline_left(&r->end) ||
	       clock_thread_us() >= r->until;
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
