/* From a sampled allocation to its stack, as each version of jemalloc lays that
 * out, and what is none; and the stack of a profile that it is. */
#include "contents/sampled_age.h"

#include <stdio.h>

#include "contents/sampled_layout.h"
#include "heap/samples.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

enum { WORDS = 256, WORD = 8, TCTX = 0, GCTX = 32, OTHER = 96 };

#define AT UINT64_C(0x7f0000001000)

/* Memory by words. */
struct image {
	uint64_t words[WORDS];
	unsigned reads;
};

static uint64_t address(size_t word)
{
	return AT + word * WORD;
}

static bool read_image(void *arg, uint64_t at, void *buf, size_t len)
{
	struct image *image = arg;

	image->reads++;
	if (at < AT || at - AT > sizeof(image->words) ||
	    len > sizeof(image->words) - (at - AT))
		return false;
	memcpy(buf, (char *)image->words + (at - AT), len);
	return true;
}

static struct backtraces make(struct image *image, int gctx)
{
	return (struct backtraces){ .memory = { read_image, image },
				    .gctx = gctx };
}

/* A stack of @n addresses at word @at, whose vector is at word @vector of it. */
static void put_stack(struct image *image, size_t at, size_t vector, unsigned n)
{
	unsigned i;

	image->words[at + vector] = address(at + vector + 2);
	image->words[at + vector + 1] = UINT64_C(0xffffffff00000000) | n;
	for (i = 0; i < n; i++)
		image->words[at + vector + 2 + i] = 0x1000 + i;
}

static const struct heap_layout *layout_of(const char *versions)
{
	const struct heap_layout *all;
	size_t n, i;

	all = heap_layouts(&n);
	for (i = 0; i < n; i++)
		if (!strcmp(all[i].versions, versions))
			return &all[i];
	ck_abort_msg("no layout of %s", versions);
}

START_TEST(versions)
{
	const struct heap_layout *old = layout_of("5.1, 5.2");
	const struct heap_layout *recent = layout_of("5.3");
	const struct sampled_layout *l;

	l = sampled_layout_find(old, "5.1.0-0-g61efbda7098de6fe64c362d3098");
	ck_assert_int_eq(l->tctx, 0);
	ck_assert_int_eq(l->time, SAMPLED_NOWHERE);
	l = sampled_layout_find(old, "5.2.1-0-gea6b3e973b477b8061e0076bb25");
	ck_assert_int_eq(l->tctx, 1);
	ck_assert_int_eq(l->time, 0);
	l = sampled_layout_find(recent, "5.3.0-0-g54eaed1d8b56b1aa528be3bd");
	ck_assert_int_eq(l->tctx, 2);
	ck_assert_int_eq(l->gctx, 12);
	ck_assert_ptr_eq(sampled_layout_find(recent, "5.3.1-0-g81034ce1"), l);
	ck_assert_ptr_eq(sampled_layout_find(recent, "0.0.0-0-g000000"), l);
	/* They contradict each other. */
	ck_assert_ptr_null(sampled_layout_find(old, "5.3.0-0-g54eaed1d8"));
	ck_assert_ptr_null(sampled_layout_find(recent, "5.2.1-0-gea6b3e9"));
	ck_assert_ptr_null(sampled_layout_find(old, "0.0.0-0-g000000"));
	ck_assert_ptr_null(sampled_layout_find(recent, NULL));
	ck_assert_ptr_null(sampled_layout_find(recent, "five"));
}
END_TEST

static void check_stack(int gctx, size_t vector)
{
	struct image image = { 0 };
	struct backtraces b = make(&image, gctx);
	uint32_t trace;
	unsigned reads;

	image.words[TCTX + gctx] = image.words[OTHER + gctx] = address(GCTX);
	put_stack(&image, GCTX, vector, 3);
	hs_ck_ok(backtraces_find(&b, address(TCTX), &trace));
	ck_assert_uint_eq(trace, 0);
	ck_assert_uint_eq(b.items[0].n, 3);
	ck_assert_uint_eq(b.pcs[0], 0x1000);
	ck_assert_uint_eq(b.pcs[2], 0x1002);
	reads = image.reads;
	hs_ck_ok(backtraces_find(&b, address(TCTX), &trace));
	ck_assert_uint_eq(image.reads, reads);
	/* Another thread has allocated there, too. */
	hs_ck_ok(backtraces_find(&b, address(OTHER), &trace));
	ck_assert_uint_eq(trace, 0);
	ck_assert_uint_eq(b.n, 1);
	backtraces_release(&b);
}

START_TEST(stacks)
{
	check_stack(7, 9);   /* 5.1, 5.2 */
	check_stack(12, 13); /* 5.3 */
}
END_TEST

static void check_none(struct image *image, uint64_t tctx)
{
	struct backtraces b = make(image, 12);
	uint32_t trace = 7;

	hs_ck_ok(backtraces_find(&b, tctx, &trace));
	ck_assert_uint_eq(trace, BACKTRACE_NONE);
	ck_assert_uint_eq(b.n, 0);
	backtraces_release(&b);
}

START_TEST(what_is_none)
{
	struct image image = { .words[TCTX + 12] = address(GCTX) };

	check_none(&image, address(TCTX)); /* no vector */
	put_stack(&image, GCTX, 13, 0);
	check_none(&image, address(TCTX));
	put_stack(&image, GCTX, 13, 3);
	image.words[GCTX + 14] = BACKTRACE_DEPTH_MAX + 1;
	check_none(&image, address(TCTX));
	image.words[GCTX + 14] = BACKTRACE_DEPTH_MAX; /* not all there */
	check_none(&image, address(TCTX));
	image.words[GCTX + 14] = 3;
	image.words[GCTX + 13] += WORD;
	check_none(&image, address(TCTX));
	check_none(&image, address(TCTX) + 1);
	check_none(&image, UINT64_MAX - 7);
	check_none(&image, 8);
}
END_TEST

/* --- stacks of a profile ---------------------------------------------------- */

#define DUMP                                            \
	"heap_v2/1\n  t*: 9: 900 [0: 0]\n"              \
	"@ 0x2000 0x2011\n  t*: 4: 400 [0: 0]\n"        \
	"@ 0x1000 0x1001 0x1002\n  t*: 3: 300 [0: 0]\n" \
	"@ 0x1000 0x1001\n  t*: 2: 200 [0: 0]\n\nMAPPED_LIBRARIES:\n"

START_TEST(ages_of_stacks)
{
	static struct sampled_one ones[] = {
		{ .age = 10, .trace = 0 }, { .age = 20, .trace = 0 },
		{ .age = 70, .trace = 0 }, { .age = 5, .trace = 1 },
		{ .age = 8, .trace = 2 },
	};
	static uint64_t pcs[] = {
		0x1000, 0x1001, 0x1002, 0x1000, 0x1001, 0x3000
	};
	static struct backtrace traces[] = { { 8, 0, 3 },
					     { 16, 3, 2 },
					     { 24, 5, 1 } };
	static struct sampled_type types[] = { { 3, 2, "t" },
					       { 0, 0, NULL },
					       { 1, 1, "u" } };
	const struct sampled s = {
		.items = ones,
		.n = 5,
		.traces = { .items = traces, .n = 3, .pcs = pcs, .n_pcs = 6 },
		.types = types,
	};
	struct heap_profile p;

	hs_ck_ok(heap_read(DUMP, strlen(DUMP), "x", &p));
	hs_ck_ok(sampled_age(&s, &p));
	ck_assert_uint_eq(p.n_samples, 2);
	ck_assert_uint_eq(p.samples[0].stack, 1);
	ck_assert_uint_eq(p.samples[0].n, 3);
	ck_assert_int_eq(p.samples[0].median_ms, 20);
	ck_assert_int_eq(p.samples[0].oldest_ms, 70);
	ck_assert_str_eq(p.samples[0].type, "t");
	ck_assert_uint_eq(p.samples[1].stack, 2);
	ck_assert_int_eq(p.samples[1].oldest_ms, 5);
	ck_assert_ptr_null(p.samples[1].type);
	heap_profile_release(&p);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/sampled", versions, stacks, what_is_none,
			    ages_of_stacks);
}
