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
 * From 5.3.0 on the numbers of a line are made such that the reader's own
 * correction gives back the truth (prof_do_unbias()), so they mean nothing
 * before it, and the header's are no sum of the others. A reader cannot tell,
 * and need not: the correction is the same for all versions.
 */
#include "heap/dialect.h"

#include <inttypes.h>
#include <math.h>

#include "heap/unbias.h"

/* 1 + the value of a hexadecimal digit; 0: no digit. */
static const unsigned char hex_value[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* "0x55644fabe6cf"; dumps are almost nothing else, so this is by hand. */
static bool v2_address(const char **s, uint64_t *ret)
{
	const unsigned char *at = (const unsigned char *)*s;
	const unsigned char *first;
	uint64_t v = 0;
	unsigned int digit;

	if (at[0] != '0' || at[1] != 'x')
		return false;
	first = at += 2;
	while ((digit = hex_value[*at])) {
		v = v << 4 | (digit - 1);
		at++;
	}
	if (at == first || at - first > 16)
		return false;
	*ret = v;
	*s = (const char *)at;
	return true;
}

static bool v2_number(const char **s, uint64_t *ret)
{
	const char *at = *s;
	uint64_t v = 0;

	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v))
			return false;
	}
	*ret = v;
	*s = at;
	return true;
}

static bool v2_end_line(struct heap_text *t, const char *at)
{
	if (*at != '\n')
		return false;
	t->s = at + 1;
	t->line++;
	return true;
}

/* ": 27: 29610544 [0: 0]" */
static bool v2_numbers(const char **s, uint64_t *n, uint64_t *bytes)
{
	uint64_t ever_n, ever_bytes;

	return heap_text_skip(s, ": ") && v2_number(s, n) &&
	       heap_text_skip(s, ": ") && v2_number(s, bytes) &&
	       heap_text_skip(s, " [") && v2_number(s, &ever_n) &&
	       heap_text_skip(s, ": ") && v2_number(s, &ever_bytes) &&
	       heap_text_skip(s, "]");
}

/* "  t*: 27: 29610544 [0: 0]" */
static struct hs_error *v2_all_threads(struct heap_text *t, uint64_t *n,
				       uint64_t *bytes)
{
	const char *at = t->s;

	if (t->s == t->end || !heap_text_skip(&at, "  t*") ||
	    !v2_numbers(&at, n, bytes) || *at != '\n')
		return heap_text_expected(
			t, "'  t*: OBJECTS: BYTES [OBJECTS: BYTES]'");
	/* No size class is below a byte, and for what is not there no bytes
	 * are counted; prof_do_unbias() does not change that. */
	if (*bytes < *n || (*bytes && !*n))
		return heap_text_error(t,
				       "%" PRIu64
				       " objects cannot have %" PRIu64 " bytes",
				       *n, *bytes);
	v2_end_line(t, at);
	return NULL;
}

/* "  t1: 1: 64 [0: 0] my worker"; *more: there was such a line. */
static struct hs_error *v2_thread(struct heap_text *t, bool named, bool *more)
{
	const char *at = t->s;
	uint64_t thread, n, bytes;

	*more = t->s < t->end && *at == ' ';
	if (!*more)
		return NULL;
	if (!heap_text_skip(&at, "  t") || !v2_number(&at, &thread) ||
	    !v2_numbers(&at, &n, &bytes))
		goto malformed;
	if (named && *at == ' ')
		while (*at != '\n')
			at++;
	if (v2_end_line(t, at))
		return NULL;
malformed:
	return heap_text_expected(
		t, "'  tTHREAD: OBJECTS: BYTES [OBJECTS: BYTES]'");
}

static struct hs_error *v2_header(struct heap_text *t, uint64_t *period)
{
	const char *at = t->s;
	struct hs_error *err;
	uint64_t n, bytes;
	bool more = true;

	if (t->s == t->end || !heap_text_skip(&at, "heap_v2/") ||
	    !v2_number(&at, period) || !*period || !v2_end_line(t, at))
		return heap_text_expected(t, "'heap_v2/BYTES'");
	err = v2_all_threads(t, &n, &bytes);
	while (!err && more)
		err = v2_thread(t, true, &more);
	return err;
}

/*
 * The line after its correction. Without sampling there would be nothing to
 * correct, but jemalloc >= 5.3 prepares the numbers then as well: of 100,000
 * objects of 8 bytes it writes 99,966, the share 1 - exp(-8 / 1). So we take
 * the correction too and round to whole objects, as they must be. Earlier
 * versions wrote the truth; for them the result differs from it only for
 * 1,490 objects and more of 8 bytes at one place, by 3 in 10,000, and from 16
 * bytes on not at all.
 */
static struct heap_counts v2_estimate(uint64_t n, uint64_t bytes,
				      uint64_t period)
{
	const uint64_t exact = 1ull << 52; /* still whole in a double */
	struct heap_counts c = heap_unbias(n, bytes, period);
	double share;

	if (period > 1 || !n || bytes > exact)
		return c;
	share = -expm1(-(double)bytes / (double)n);
	c.objects = round(c.objects / share);
	c.bytes = round(c.bytes / share);
	return c;
}

/* "@ 0x55644fabe6cf 0x55644fa68c2c". The leaf is a place of its own, its
 * callers' addresses are where they go on: the call is before that. */
static struct hs_error *v2_frames(struct heap_text *t, struct heap_builder *b)
{
	const char *at = t->s + 1;
	size_t zeros = 0;
	bool leaf = true;
	uint64_t pc;

	while (heap_text_skip(&at, " ")) {
		struct hs_error *err = NULL;

		if (!v2_address(&at, &pc))
			return heap_text_expected(
				t, "addresses '0x...' behind '@'");
		/* Some unwinders end a stack with NULL: left out, unless
		 * something comes behind it. */
		if (!pc) {
			zeros++;
			continue;
		}
		for (; !err && zeros; zeros--, leaf = false)
			err = heap_builder_add_frame(b, 0);
		if (!err)
			err = heap_builder_add_frame(b, leaf ? pc : pc - 1);
		if (err)
			return err;
		leaf = false;
	}
	if (!v2_end_line(t, at))
		return heap_text_expected(t, "addresses '0x...' behind '@'");
	return NULL;
}

static struct hs_error *v2_stack(struct heap_text *t, struct heap_builder *b)
{
	struct heap_counts counts;
	struct hs_error *err;
	uint64_t n, bytes;
	size_t threads = 0;
	bool more = true;

	err = v2_frames(t, b);
	if (err)
		return err;
	err = v2_all_threads(t, &n, &bytes);
	if (err)
		return err;
	for (; !err && more; threads += more)
		err = v2_thread(t, false, &more);
	if (err)
		return err;
	/* A stack is in the dump because of a thread that allocated there. */
	if (!threads)
		return heap_text_expected(
			t, "'  tTHREAD: OBJECTS: BYTES [OBJECTS: BYTES]'");
	counts = v2_estimate(n, bytes, b->profile->sample_period);
	return heap_builder_close_stack(b, &counts);
}

struct hs_error *heap_read_v2(struct heap_text *t, struct heap_builder *b)
{
	struct hs_error *err = v2_header(t, &b->profile->sample_period);

	while (!err && t->s < t->end && *t->s == '@')
		err = v2_stack(t, b);
	return err;
}
