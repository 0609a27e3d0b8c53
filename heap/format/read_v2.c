/*
 * The dialect of jemalloc 4.0 to 5.3.1 (prof_data.c, before 5.3 prof.c:
 * prof_dump_header() and prof_dump_gctx()):
 *
 *   heap_v2/524288                      mean bytes between samples
 *     t*: 33: 26214912 [0: 0]           all threads: objects: bytes, and the
 *                                       same since the start, with prof_accum
 *     t0: 32: 26214848 [0: 0]           one thread, perhaps with its name,
 *     t1: 1: 64 [0: 0] my worker        which may have spaces in it
 *   @ 0x55644fabe6cf 0x55644fa68c2c     a stack, from the leaf on
 *     t*: 26: 26214464 [0: 0]           what it holds
 *     t0: 26: 26214464 [0: 0]           and for which thread; the same thread
 *                                       may come twice
 *
 * From 5.3.0 on jemalloc prepares the numbers of a line so that the reader's
 * own correction returns the true ones (prof_do_unbias()). Before the
 * correction they mean nothing, and the header's are no sum of the others. A
 * reader does not know the version, and need not: the correction is the same
 * for all versions.
 */
#include "heap/format/dialect.h"

#include <math.h>
#include <string.h>

#include "heap/unbias.h"

/* One line: objects and bytes, live and since the start. */
struct v2_numbers {
	uint64_t n, bytes, ever_n, ever_bytes;
};

static const char want_thread[] =
	"'  tTHREAD: OBJECTS: BYTES [OBJECTS: BYTES]'";

/* ": 27: 29610544 [0: 0]" */
static bool v2_numbers(const char **s, struct v2_numbers *ret)
{
	if (!heap_text_mark(s, ':') || !heap_text_number(s, &ret->n) ||
	    !heap_text_mark(s, ':') || !heap_text_number(s, &ret->bytes) ||
	    !heap_text_mark(s, '[') || !heap_text_number(s, &ret->ever_n) ||
	    !heap_text_mark(s, ':') || !heap_text_number(s, &ret->ever_bytes))
		return false;
	heap_text_skip_blank(s);
	return heap_text_skip(s, "]");
}

static struct hs_error *v2_check(const struct heap_text *t,
				 const struct v2_numbers *numbers)
{
	struct hs_error *err;

	err = heap_dialect_check(t, numbers->n, numbers->bytes);
	return err ? err
		   : heap_dialect_check(t, numbers->ever_n,
					numbers->ever_bytes);
}

/* What follows "t*" in a line, to its end, until another line is looked at that
 * is not in memory. */
struct v2_rest {
	const char *at; /* NULL: gone */
	size_t len;
};

/* "  t*: 27: 29610544 [0: 0]" */
static struct hs_error *v2_all_threads(struct heap_text *t,
				       struct v2_numbers *ret,
				       struct v2_rest *rest)
{
	const char *at;
	struct hs_error *err;

	if (!heap_text_data(t))
		goto malformed;
	at = t->s;
	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, "t*"))
		goto malformed;
	rest->at = at;
	if (!v2_numbers(&at, ret))
		goto malformed;
	err = v2_check(t, ret);
	if (!err && !heap_text_end_line(t, at))
		goto malformed;
	rest->len = (size_t)(t->s - rest->at);
	return err;
malformed:
	return heap_text_expected(t, "'  t*: OBJECTS: BYTES [OBJECTS: BYTES]'");
}

/*
 * Corrects a line. Without sampling there would be nothing to correct, but
 * jemalloc >= 5.3 prepares the numbers then as well: of 100,000 objects of 8
 * bytes it writes 99,966, the share 1 - exp(-8 / 1). So we apply the correction
 * too and round to whole objects, as they must be. Earlier versions wrote the
 * true numbers; for them the result differs only for 1,490 objects and more of
 * 8 bytes in one stack, by 3 in 10,000, and from 16 bytes on not at all.
 */
static struct heap_counts v2_estimate(uint64_t n, uint64_t bytes,
				      uint64_t period)
{
	const uint64_t exact = 1ull << 52; /* still exact in a double */
	struct heap_counts c = heap_unbias(n, bytes, period);
	double share;

	if (period != 1 || !n || bytes > exact)
		return c;
	share = -expm1(-(double)bytes / (double)n);
	c.objects = round(c.objects / share);
	c.bytes = round(c.bytes / share);
	return c;
}

/* Converts the line's live counts, and those since the start. */
static void v2_estimates(const struct v2_numbers *numbers, uint64_t period,
			 struct heap_counts *inuse,
			 struct heap_counts *allocated)
{
	*inuse = v2_estimate(numbers->n, numbers->bytes, period);
	*allocated = v2_estimate(numbers->ever_n, numbers->ever_bytes, period);
}

/* Reads "  t1: 1: 64 [0: 0]" of a line; *name points to the rest, which the
 * caller ends. *more: there is such a line. */
static struct hs_error *v2_thread(struct heap_text *t, uint64_t *uid,
				  struct v2_numbers *numbers, const char **name,
				  bool *more)
{
	*more = heap_text_data(t);
	if (!*more)
		return NULL;
	*name = t->s;
	heap_text_skip_blank(name);
	*more = heap_text_skip(name, "t");
	if (!*more ||
	    (heap_text_number(name, uid) && v2_numbers(name, numbers)))
		return NULL;
	return heap_text_expected(t, want_thread);
}

static struct hs_error *v2_end_thread(struct heap_text *t, const char *at)
{
	if (heap_text_end_line(t, at))
		return NULL;
	return heap_text_expected(t, want_thread);
}

/* Reads a thread of the header, perhaps with a name. */
static struct hs_error *v2_known_thread(struct heap_text *t,
					struct heap_builder *b, bool *more)
{
	struct v2_numbers numbers;
	const char *name, *end;
	struct hs_error *err;
	uint64_t uid;

	err = v2_thread(t, &uid, &numbers, &name, more);
	if (err || !*more)
		return err;
	if (*name == ' ' || *name == '\t')
		name++;
	else if (*name != '\n')
		return v2_end_thread(t, name);
	end = memchr(name, '\n', (size_t)(t->end - name));
	if (b->want_parts)
		err = heap_builder_add_thread(b, uid, name,
					      (size_t)(end - name));
	return err ? err : v2_end_thread(t, end);
}

/* Moves over the line of a thread that has what all threads have: that of a
 * stack of one thread, as most are. */
static bool v2_skip_same(struct heap_text *t, const struct v2_rest *rest)
{
	const char *at = t->s;
	uint64_t uid;

	if (!rest->at || t->s == t->end)
		return false;
	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, "t") || !heap_text_number(&at, &uid) ||
	    (size_t)(t->end - at) < rest->len ||
	    memcmp(at, rest->at, rest->len))
		return false;
	t->s = at + rest->len;
	t->line++;
	return true;
}

/* Reads a thread of a stack. */
static struct hs_error *v2_part(struct heap_text *t, struct heap_builder *b,
				bool *more)
{
	struct heap_counts inuse, allocated;
	struct v2_numbers numbers;
	struct hs_error *err;
	const char *end;
	uint64_t uid;

	err = v2_thread(t, &uid, &numbers, &end, more);
	if (err || !*more)
		return err;
	if (b->want_parts) {
		err = v2_check(t, &numbers);
		if (err)
			return err;
		v2_estimates(&numbers, b->profile->sample_period, &inuse,
			     &allocated);
		err = heap_builder_add_part(b, uid, &inuse, &allocated);
	}
	return err ? err : v2_end_thread(t, end);
}

static struct hs_error *v2_header(struct heap_text *t, struct heap_builder *b)
{
	uint64_t *period = &b->profile->sample_period;
	struct v2_numbers numbers;
	struct heap_counts allocated;
	struct hs_error *err;
	struct v2_rest rest;
	const char *at;
	bool more = true;

	if (!heap_text_data(t))
		return heap_text_expected(t, "'heap_v2/BYTES'");
	at = t->s;
	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, "heap_v2/") ||
	    !heap_text_number(&at, period) || !heap_text_end_line(t, at))
		return heap_text_expected(t, "'heap_v2/BYTES'");
	err = v2_all_threads(t, &numbers, &rest);
	if (err)
		return err;
	b->totals = (struct heap_totals){
		.known = true,
		.prepared = true,
		.objects = (double)numbers.n,
		.bytes = (double)numbers.bytes,
	};
	v2_estimates(&numbers, *period, &b->totals.header, &allocated);
	while (!err && more)
		err = v2_known_thread(t, b, &more);
	return err;
}

/* Reads the stack whose addresses begin at @at. *threads: a stack before this
 * one had lines of threads; all that jemalloc writes have, and those without
 * come from elsewhere. */
static struct hs_error *v2_stack(struct heap_text *t, const char *at,
				 struct heap_builder *b, bool *threads)
{
	const uint64_t period = b->profile->sample_period;
	struct heap_counts inuse, allocated;
	struct v2_numbers numbers;
	struct v2_rest rest = { 0 };
	struct hs_error *err;
	bool more = true;
	size_t n = 0;

	err = heap_dialect_frames(t, at, b);
	if (!err)
		err = v2_all_threads(t, &numbers, &rest);
	for (; !err && more; n += more) {
		if (!b->want_parts && v2_skip_same(t, &rest))
			continue;
		rest.at = NULL;
		err = v2_part(t, b, &more);
	}
	if (err)
		return err;
	if (!n && *threads && !heap_text_more(t))
		return heap_text_expected(t, want_thread);
	*threads |= n > 0;
	v2_estimates(&numbers, period, &inuse, &allocated);
	heap_totals_add(&b->totals, numbers.n, numbers.bytes, &inuse, period);
	return heap_builder_close_stack(b, &inuse, &allocated);
}

/* "heap_v2/0" is not jemalloc's. */
static struct hs_error *v2_not_sampled(const struct heap_text *t, size_t line,
				       struct heap_profile *p)
{
	if (p->sample_period)
		return NULL;
	p->sample_period = 1;
	return heap_dialect_not_sampled(p, t->name, line, NULL);
}

struct hs_error *heap_read_v2(struct heap_text *t, struct heap_builder *b)
{
	const size_t line = t->line;
	struct hs_error *err = v2_header(t, b);
	bool threads = false;
	const char *at;

	while (!err && heap_text_data(t)) {
		at = t->s;
		heap_text_skip_blank(&at);
		if (!heap_text_skip(&at, "@"))
			break;
		err = v2_stack(t, at, b, &threads);
	}
	return err ? err : v2_not_sampled(t, line, b->profile);
}
