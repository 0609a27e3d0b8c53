/* Stacks that begin as the one before does are read like any others: random
 * dumps, sorted as jemalloc writes them and not, of addresses that are the
 * beginnings of others, with NULL frames, stacks that come again and more text
 * than fits a piece, become the stacks that they were made of. */
#include "heap/format/read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

enum { DEEPEST = 40, STACKS = 3000 };

/* The same address may be written in several ways. */
static const struct word {
	const char *text;
	uint64_t address;
} words[] = {
	{ "0x0", 0 },
	{ "0x1", 0x1 },
	{ "0x12", 0x12 },
	{ "0x123", 0x123 },
	{ "0x0000000000000123", 0x123 },
	{ "0x565354", 0x565354 },
	{ "0x5653542292e", 0x5653542292e },
	{ "0x5653542292ea", 0x5653542292ea },
	{ "0x5653542292eb", 0x5653542292eb },
	{ "0x5653542292EB", 0x5653542292eb },
	{ "0x7f4d3b2a2630", 0x7f4d3b2a2630 },
	{ "0x7f4d542292ea", 0x7f4d542292ea },
	{ "0x005653542292e", 0x5653542292e },
	{ "0x005653542292eb", 0x5653542292eb },
	{ "0xffffffffffffffff", UINT64_MAX },
};

struct stack {
	unsigned char words[DEEPEST]; /* indices in words */
	size_t depth;
	uint64_t objects;
};

static uint64_t random_below(uint64_t *state, uint64_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (*state >> 33) % below;
}

/* Most begin as the one before. */
static void make_stacks(struct stack *stacks, size_t n, uint64_t *state)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		struct stack *s = &stacks[i];
		size_t same = 0;

		if (i && random_below(state, 8)) {
			*s = stacks[i - 1];
			same = random_below(state, s->depth + 1);
		} else if (i) {
			*s = stacks[random_below(state, i)];
			same = s->depth;
		}
		s->depth = same + random_below(state, DEEPEST - same + 1);
		for (j = same; j < s->depth; j++)
			s->words[j] = (unsigned char)random_below(
				state, sizeof(words) / sizeof(words[0]));
		s->objects = 1 + random_below(state, 9);
	}
}

/* jemalloc 5.3, prof_data.c, prof_gctx_comp(). */
static int compare_stacks(const void *x, const void *y)
{
	const struct stack *a = x, *b = y;
	size_t i;
	int c = 0;

	for (i = 0; !c && i < a->depth && i < b->depth; i++)
		c = memcmp(&words[a->words[i]].address,
			   &words[b->words[i]].address, sizeof(uint64_t));
	return c ? c : (a->depth > b->depth) - (a->depth < b->depth);
}

static void add_words(struct strbuf *sb, const struct stack *s)
{
	size_t i;

	strbuf_addc(sb, '@');
	for (i = 0; i < s->depth; i++)
		strbuf_addf(sb, " %s", words[s->words[i]].text);
	strbuf_addc(sb, '\n');
}

/* A thread has all that the stack has, or not. */
static const char *const threads[] = {
	"  t0: 1: 64 [0: 0]\n",
	"  t0: 1: 64 [0: 0]\n  t1: 1: 64 [0: 0]\n",
	"  t0: 1: 64 [0: 0]\n# comment\n  t1: 1: 64 [0: 0]\n\n",
	"  t0: 4: 256 [0: 0]\n  t1: 1: 64 [0: 0]\n  t2: 4: 256 [0: 0]\n",
	"\n  t0: 1: 64 [0: 0] \n",
};

static void add_v2(struct strbuf *sb, const struct stack *stacks, size_t n)
{
	size_t i;

	strbuf_adds(sb, "heap_v2/1\n  t*: 1: 64 [0: 0]\n");
	for (i = 0; i < n; i++) {
		add_words(sb, &stacks[i]);
		strbuf_addf(sb, "  t*: %" PRIu64 ": %" PRIu64 " [0: 0]\n",
			    stacks[i].objects, 64 * stacks[i].objects);
		strbuf_adds(sb, threads[i % ARRAY_SIZE(threads)]);
	}
}

static void add_lines(struct strbuf *sb, const struct stack *stacks, size_t n)
{
	size_t i;

	strbuf_adds(sb, "heap profile: 1: 64 [0: 0] @ heapprofile\n");
	for (i = 0; i < n; i++) {
		strbuf_addf(sb, "%" PRIu64 ": %" PRIu64 " [0: 0] ",
			    stacks[i].objects, 64 * stacks[i].objects);
		add_words(sb, &stacks[i]);
	}
}

struct wanted {
	uint64_t frames[DEEPEST];
	size_t depth;
	uint64_t objects;
};

static struct wanted wanted_of(const struct stack *s)
{
	struct wanted w = { .depth = s->depth, .objects = s->objects };
	size_t i;

	while (w.depth && !words[s->words[w.depth - 1]].address)
		w.depth--;
	for (i = 0; i < w.depth; i++) {
		w.frames[i] = words[s->words[i]].address;
		/* NULL stays what it is. */
		w.frames[i] -= i > 0 && w.frames[i];
	}
	return w;
}

static bool same_frames(const struct wanted *a, const struct wanted *b)
{
	return a->depth == b->depth &&
	       !memcmp(a->frames, b->frames, a->depth * sizeof(a->frames[0]));
}

static size_t find_wanted(const struct stack *stacks, size_t n,
			  struct wanted *list)
{
	size_t i, j, found = 0;

	for (i = 0; i < n; i++) {
		struct wanted w = wanted_of(&stacks[i]);

		for (j = 0; j < found && !same_frames(&list[j], &w); j++)
			;
		if (j == found)
			list[found++] = w;
		else
			list[j].objects += w.objects;
	}
	return found;
}

static void check_read(const struct strbuf *text, const struct wanted *list,
		       size_t n)
{
	struct heap_profile p;
	size_t i, j;

	hs_ck_ok(heap_read(text->buf, text->len, "x.heap", &p));
	ck_assert_uint_eq(p.n_stacks, n);
	for (i = 0; i < n; i++) {
		const struct heap_stack *s = &p.stacks[i];

		ck_assert_uint_eq(s->depth, list[i].depth);
		for (j = 0; j < s->depth; j++)
			ck_assert_uint_eq(
				p.locations[p.frames[s->first + j]].address,
				list[i].frames[j]);
		ck_assert_double_eq(s->inuse.objects, (double)list[i].objects);
	}
	heap_profile_release(&p);
}

static void check_stacks(const struct stack *stacks, size_t n)
{
	struct wanted *list = calloc(n, sizeof(*list));
	struct strbuf v2 = { 0 }, lines = { 0 };
	size_t found = find_wanted(stacks, n, list);

	add_v2(&v2, stacks, n);
	add_lines(&lines, stacks, n);
	check_read(&v2, list, found);
	check_read(&lines, list, found);
	strbuf_release(&v2);
	strbuf_release(&lines);
	free(list);
}

START_TEST(as_they_come)
{
	struct stack *stacks = calloc(STACKS, sizeof(*stacks));
	uint64_t state = 1;

	make_stacks(stacks, STACKS, &state);
	check_stacks(stacks, STACKS);
	free(stacks);
}
END_TEST

/* And then one that is not behind the last. */
START_TEST(sorted)
{
	struct stack *stacks = calloc(STACKS, sizeof(*stacks));
	uint64_t state = 2;
	size_t i, n = 0;

	make_stacks(stacks, STACKS, &state);
	qsort(stacks, STACKS, sizeof(*stacks), compare_stacks);
	for (i = 0; i < STACKS; i++)
		if (!n || compare_stacks(&stacks[n - 1], &stacks[i]))
			stacks[n++] = stacks[i];
	check_stacks(stacks, n);
	stacks[n - 1] = stacks[n / 2];
	check_stacks(stacks, n);
	free(stacks);
}
END_TEST

START_TEST(small_ones)
{
	struct stack stacks[4] = { 0 };
	uint64_t state;

	for (state = 0; state < 2000; state++) {
		uint64_t s = state;

		make_stacks(stacks, 4, &s);
		check_stacks(stacks, 4);
	}
}
END_TEST

/* A dump is read piece by piece, all with the same number of lines: each piece
 * puts other lines at the same position in memory. */
START_TEST(pieces)
{
	const size_t n = 10000;
	struct stack *stacks = calloc(n, sizeof(*stacks));
	size_t depth, i, j;

	for (depth = 4; depth < 12; depth++) {
		for (i = 0; i < n; i++) {
			stacks[i].depth = depth;
			stacks[i].objects = 1;
			for (j = 0; j < depth; j++)
				stacks[i].words[j] = 6 + i % 2;
		}
		check_stacks(stacks, n);
	}
	free(stacks);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/neighbours", as_they_come, sorted, small_ones,
			    pieces);
}
