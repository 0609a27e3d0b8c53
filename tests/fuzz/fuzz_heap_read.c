/*
 * Heap dumps and snapshot files of any content: the reader neither crashes nor
 * reads beyond the end, what it accepts is consistent, survives being written
 * as a snapshot, and does not differ from itself.
 *
 *	tests/fuzz/run heap_read 60
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "heap/format/read.h"
#include "heap/format/snapshot.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_profile.h"
#include "tests/unit/heap_read.h"

/* Nothing but a dump of whole lines, to which more can be added: a message of
 * jemalloc's ends its line, not that of the dump. */
static bool is_plain(const uint8_t *data, size_t size)
{
	return size > 4 && !memcmp(data, "heap", 4) && data[size - 1] == '\n' &&
	       !memmem(data, size, "# heapsnap", 10) &&
	       !memmem(data, size, "<jemalloc>", 10);
}

/* @data is a plain dump: with our lines behind it, it reads the same. */
static void check_snapshot(const uint8_t *data, size_t size,
			   const struct heap_profile *p)
{
	struct strbuf sb = { 0 };
	struct heap_profile q;

	strbuf_add(&sb, data, size);
	heap_snapshot_lines(&sb, p);
	if (heap_read(sb.buf, sb.len, "again", &q))
		abort();
	must(p->n_modules == q.n_modules && p->n_stacks == q.n_stacks);
	must(p->n_names == q.n_names);
	must(p->total.samples == q.total.samples);
	must(p->n_samples == q.n_samples);
	heap_profile_release(&q);
	strbuf_release(&sb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct heap_read_options options = { .threads = true };
	struct heap_profile p;
	struct hs_error *err;

	err = heap_read_with((const char *)data, size, "x", &options, &p);
	hs_error_free(err);
	if (!err) {
		fuzz_check_profile(&p);
		fuzz_check_diff(&p);
		/* Names of its own would come twice. */
		if (is_plain(data, size) && !p.n_names)
			check_snapshot(data, size, &p);
	}
	heap_profile_release(&p);
	return 0;
}
