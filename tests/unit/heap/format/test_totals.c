/*
 * What a header names and what the stacks add up to: of 3,000 simulated dumps
 * of jemalloc 5.3, which rounds what it prepares in each line, none that is
 * whole is said to lack stacks, and each is that lost half of its bytes; of
 * dialects whose numbers are exact each that lost one stack is.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "heap/remarks.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sampling.h"

enum { DUMPS = 3000, STACKS = 200, SIZES = 3 };

static const double period = 524288;

/* jemalloc's own sums of a line: of what each sample stands for. */
struct sums {
	double objects, bytes;
};

static void add_sample(struct sums *s, double size)
{
	const double stands_for = 1 / -expm1(-size / period);

	s->objects += stands_for;
	s->bytes += size * stands_for;
}

/* jemalloc 5.3, prof_data.c, prof_do_unbias() */
static void add_numbers(struct strbuf *sb, const struct sums *s)
{
	double size = s->bytes / s->objects;
	double bytes = s->bytes * -expm1(-size / period);

	strbuf_addf(sb, "%.0f: %.0f [0: 0]\n", round(bytes / size),
		    round(bytes));
}

/* A stack of objects of up to three sizes, of which few were sampled. */
static struct sums make_stack(uint64_t *state)
{
	static const double sizes[] = { 16,    64,     320,	4096,
					40960, 655360, 1048576, 33554432 };
	struct sums s = { 0 };
	size_t i, k, n;

	for (i = 0; i < SIZES; i++) {
		k = splitmix64(state) % ARRAY_SIZE(sizes);
		n = (size_t)(pow(next_random(state), 4) * 40) + !i;
		while (n--)
			add_sample(&s, sizes[k]);
	}
	return s;
}

/* A dump of @n stacks, of which the first @left are in it. */
static size_t remarks_on(const struct sums *stacks, size_t n, size_t left)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct sums all = { 0 };
	struct heap_profile p;
	size_t i, found;

	for (i = 0; i < n; i++) {
		all.objects += stacks[i].objects;
		all.bytes += stacks[i].bytes;
	}
	strbuf_adds(&sb, "heap_v2/524288\n  t*: ");
	add_numbers(&sb, &all);
	for (i = 0; i < left; i++) {
		strbuf_addf(&sb, "@ 0x%zx\n  t*: ", i + 1);
		add_numbers(&sb, &stacks[i]);
	}
	strbuf_adds(&sb, "MAPPED_LIBRARIES:\n");
	hs_ck_ok(heap_read(sb.buf, sb.len, "x", &p));
	found = p.n_remarks;
	heap_profile_release(&p);
	return found;
}

START_TEST(prepared_numbers)
{
	struct sums stacks[STACKS];
	double bytes, half;
	uint64_t state = 5;
	size_t i, k, n;

	for (i = 0; i < DUMPS; i++) {
		n = 1 + splitmix64(&state) % STACKS;
		for (k = 0, bytes = 0; k < n; k++) {
			stacks[k] = make_stack(&state);
			bytes += stacks[k].bytes;
		}
		ck_assert_uint_eq(remarks_on(stacks, n, n), 0);
		for (k = n, half = bytes; k && half > bytes / 2; k--)
			half -= stacks[k - 1].bytes;
		ck_assert_uint_eq(remarks_on(stacks, n, k), 1);
	}
}
END_TEST

static const struct {
	const char *text, *remark;
} exact[] = {
	{ "heap profile: 2: 1000 [2: 1000] @ heapprofile\n"
	  "1: 410 [1: 410] @ 0x1\n",
	  "x: 41% of the bytes that its header names are in it, 410 B of 1000 "
	  "B: stacks are missing" },
	{ "heap profile: 2: 1000 [2: 1000] @ heap_v2/524288\n"
	  "1: 999 [1: 999] @ 0x1\n",
	  "x: not quite all of the bytes that its header names are in it, 999 B "
	  "of 1000 B: stacks are missing" },
	{ "heap profile: 2: 1000000 [2: 1000000] @ growthz\n"
	  "1: 10 [1: 10] @ 0x1\n",
	  "x: less than 1% of the bytes that its header names are in it, 10 B of "
	  "976.6 KiB: stacks are missing" },
	{ "heap profile: 3: 1000 [3: 1000] @ heapprofile\n"
	  "0: 4000 [1: 8000] @ 0x2\n1: 410 [1: 410] @ 0x1\n",
	  "x: 33% of the objects that its header names are in it: stacks are "
	  "missing" },
	{ "heap profile: 1: 1000 [1: 1000] @ heap/1048576\n"
	  "1: 1000 [1: 1000] @ 0x2\n1: 10 [1: 10] @ 0x1\n",
	  "x: its stacks have more than the bytes that its header names: 1010 B "
	  "of 1000 B" },
	/* gperftools' header has no mappings. */
	{ "heap profile: 1: 1000 [1: 1000] @ heapprofile\n"
	  "1: 1000 [1: 1000] @ 0x2\n1: 10 [1: 10] @ 0x1\n",
	  NULL },
	{ "heap profile: 0: 0 [0: 0] @ heapprofile\n", NULL },
	{ "heap_v2/1\n  t*: 0: 0 [0: 0]\n", NULL },
};

START_TEST(exact_numbers)
{
	char text[256];
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(exact); i++) {
		snprintf(text, sizeof(text), "%sMAPPED_LIBRARIES:\n",
			 exact[i].text);
		hs_ck_ok(heap_read(text, strlen(text), "x", &p));
		ck_assert_pstr_eq(p.n_remarks ? p.remarks[0].text : NULL,
				  exact[i].remark);
		heap_profile_release(&p);
	}
}
END_TEST

int main(void)
{
	return hs_check_run("heap/format/totals", prepared_numbers,
			    exact_numbers);
}
