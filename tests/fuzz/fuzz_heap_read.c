/*
 * Heap dumps and snapshot files of any content: the reader neither crashes nor
 * reads beyond the end, what it accepts is consistent, survives being written
 * as a snapshot, and does not differ from itself.
 *
 *	tests/fuzz/run heap_read 60
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "heap/diff.h"
#include "heap/format/read.h"
#include "heap/format/snapshot.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/heap_read.h"

static void check_counts(const struct heap_counts *c)
{
	must(isfinite(c->bytes) && isfinite(c->objects));
	must(isfinite(c->bytes_variance));
	must(c->bytes >= 0 && c->bytes_variance >= 0);
}

static void check_profile(const struct heap_profile *p)
{
	size_t i, frames = 0;

	must(p->sample_period > 0);
	for (i = 0; i < p->maps.n; i++) {
		must(p->maps.items[i].start < p->maps.items[i].end);
		must(!i || p->maps.items[i - 1].end <= p->maps.items[i].start);
	}
	for (i = 0; i < p->n_locations; i++) {
		const struct heap_location *loc = &p->locations[i];

		must(!i || loc[-1].address < loc->address);
		must(loc->module == HEAP_NO_MODULE ||
		     loc->module < p->n_modules);
		must(loc->names + (size_t)loc->n_names <= p->n_names);
	}
	for (i = 0; i < p->n_frames; i++)
		must(p->frames[i] < p->n_locations);
	for (i = 0; i < p->n_stacks; i++) {
		must(p->stacks[i].first + (size_t)p->stacks[i].depth <=
		     p->n_frames);
		check_counts(&p->stacks[i].inuse);
		if (p->allocated)
			check_counts(&p->allocated[i]);
		frames += p->stacks[i].depth;
	}
	must(frames == p->n_frames);
	for (i = 0; i < p->n_parts; i++) {
		must(p->parts[i].stack < p->n_stacks);
		must(p->parts[i].thread < p->n_threads);
		check_counts(&p->parts[i].inuse);
		check_counts(&p->parts[i].allocated);
	}
}

static void check_diff(const struct heap_profile *p)
{
	struct heap_diff diff;

	if (heap_diff(p, p, &diff))
		abort();
	must(diff.n_stacks >= p->n_stacks && diff.n_stacks <= 2 * p->n_stacks);
	heap_diff_release(&diff);
}

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
		check_profile(&p);
		check_diff(&p);
		/* Names of its own would come twice. */
		if (is_plain(data, size) && !p.n_names)
			check_snapshot(data, size, &p);
	}
	heap_profile_release(&p);
	return 0;
}
