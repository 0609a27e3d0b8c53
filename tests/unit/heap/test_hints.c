/* Hints: each where its rule says, on both sides of the limits, in words and in
 * JSON. */
#include "heap/hints.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "output/diagnosis_json.h"
#include "output/hint_text.h"
#include "tests/unit/hs_check.h"

#define MIB (INT64_C(1) << 20)

/* Sizes in MiB; the hints, or none. */
static const struct hint_case {
	int64_t allocated, bytes, error;
	uint64_t samples, period;
	enum heap_hint_kind first, second;
} cases[] = {
	/* It is what it should be. */
	{ 100, 100, 2, 1000, 1 << 16, HEAP_HINT_NONE, HEAP_HINT_NONE },
	{ -1, 100, 2, 10, 1 << 19, HEAP_HINT_NONE, HEAP_HINT_NONE },
	{ 100, 91, 1, 1000, 1 << 16, HEAP_HINT_NONE, HEAP_HINT_NONE },
	{ 100, 88, 4, 1000, 1 << 16, HEAP_HINT_NONE, HEAP_HINT_NONE },
	{ 100, 110, 1, 1000, 1 << 16, HEAP_HINT_NONE, HEAP_HINT_NONE },
	/* 16 KiB a sample: 64 samples a MiB. */
	{ 100, 50, 1, 64 * 50, 1 << 14, HEAP_HINT_DENSE, HEAP_HINT_NONE },
	{ 100, 50, 1, 64 * 40, 1 << 14, HEAP_HINT_DENSE, HEAP_HINT_NONE },
	{ 100, 50, 1, 64 * 39, 1 << 14, HEAP_HINT_UNSEEN, HEAP_HINT_NONE },
	{ 100, 0, 0, 0, 1 << 19, HEAP_HINT_UNSEEN, HEAP_HINT_NONE },
	/* The other way round. */
	{ 100, 120, 1, 1000, 1 << 16, HEAP_HINT_MORE, HEAP_HINT_NONE },
	{ 100, 120, 6, 1000, 1 << 16, HEAP_HINT_NONE, HEAP_HINT_NONE },
	{ 100, 100, 9, 99, 1 << 20, HEAP_HINT_COARSE, HEAP_HINT_NONE },
	{ 100, 100, 9, 100, 1 << 20, HEAP_HINT_NONE, HEAP_HINT_NONE },
	{ 100, 100, 0, 99, 1, HEAP_HINT_NONE, HEAP_HINT_NONE },
	{ 1, 1, 0, 2, 1 << 19, HEAP_HINT_NONE, HEAP_HINT_NONE },
	/* What is left beside 16 KiB a sample is chance: less than four errors.
	 */
	{ 100, 50, 5, 64 * 31, 1 << 14, HEAP_HINT_DENSE, HEAP_HINT_NONE },
	{ 100, 50, 5, 64 * 29, 1 << 14, HEAP_HINT_UNSEEN, HEAP_HINT_NONE },
};

static void make(const struct hint_case *c, struct heap_profile *p)
{
	heap_profile_init(p);
	p->meta.allocated = c->allocated < 0 ? -1 : c->allocated * MIB;
	p->total.bytes = (double)(c->bytes * MIB);
	p->total.bytes_variance = pow((double)(c->error * MIB), 2);
	p->total.samples = c->samples;
	p->sample_period = c->period;
}

START_TEST(the_rule)
{
	struct heap_hint hints[HEAP_HINTS_MAX];
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct hint_case *c = &cases[i];
		unsigned n, want;

		make(c, &p);
		n = heap_hints(&p, hints);
		want = c->first != HEAP_HINT_NONE;
		want += c->second != HEAP_HINT_NONE;
		ck_assert_msg(n == want, "case %zu: %u hints", i, n);
		ck_assert_msg(!n || hints[0].kind == c->first, "case %zu", i);
		ck_assert_msg(n < 2 || hints[1].kind == c->second, "case %zu",
			      i);
	}
}
END_TEST

/* With prof.active, which is 1. */
enum { LATE = 2, NO_THREADS = 4, TIMED = 8 };

static void says(const struct hint_case *c, int active, const char *want)
{
	struct heap_hint hints[HEAP_HINTS_MAX];
	struct strbuf sb = { 0 };
	struct heap_profile p;

	make(c, &p);
	p.meta.prof_active = active & 1;
	p.meta.opt_prof_active = !(active & LATE);
	p.meta.thread_active_init = !(active & NO_THREADS);
	p.meta.dump_us = active & TIMED ? 250000 : -1;
	ck_assert_uint_eq(heap_hints(&p, hints), 1);
	hint_text_add(&sb, &hints[0], &p, UNITS_IEC);
	ck_assert_str_eq(strbuf_str(&sb), want);
	strbuf_release(&sb);
}

START_TEST(the_words)
{
	says(&cases[5], 1,
	     "Live allocations are 50.0 MiB more than the profile has: "
	     "jemalloc gives\neach of the 3200 objects that were sampled at "
	     "least 16 KiB of its own.");
	says(&cases[8], 1,
	     "The profile has 100.0 MiB less than jemalloc has allocated: "
	     "what was\nallocated while profiling was not active, or before a "
	     "prof.reset, is in none.");
	says(&cases[8], 0,
	     "The profile has 100.0 MiB less than jemalloc has allocated: "
	     "profiling is\nnot active now, and what is allocated meanwhile is "
	     "in no profile;\n--activate switches it on for the time of a run.");
	says(&cases[8], 1 | LATE,
	     "The profile has 100.0 MiB less than jemalloc has allocated: "
	     "profiling was\nactivated late (it began with prof_active:false), "
	     "and what is older is in none.");
	says(&cases[8], 1 | NO_THREADS,
	     "The profile has 100.0 MiB less than jemalloc has allocated: "
	     "its threads\nare not profiled unless they ask for it "
	     "(prof_thread_active_init:false).");
	says(&cases[9], 1 | TIMED,
	     "The profile has 20.0 MiB more than jemalloc has allocated: that "
	     "was counted\nafter it, up to 250 ms later; what was freed in "
	     "between is in the profile only.");
	says(&cases[9], 1,
	     "The profile has 20.0 MiB more than jemalloc has allocated, which "
	     "its\nerror does not explain: go by jemalloc's number.");
	says(&cases[11], 1,
	     "Only 99 objects of this heap were sampled: lg_prof_sample:16 at "
	     "the next\nstart gives a picture of a heap of this size.");
}
END_TEST

static void is_told(const struct hint_case *c, const char *want)
{
	_cleanup_json_build_ struct json_build build = { 0 };
	struct heap_profile p;
	struct rows rows = { .after = &p };
	char *text;
	json_t *j;

	make(c, &p);
	p.meta.prof_active = 1;
	rows.n_hints = heap_hints(&p, rows.hints);
	j = hints_json(&build, &rows);
	ck_assert(j != NULL);
	text = json_dumps(j, JSON_COMPACT);
	ck_assert_str_eq(text, want);
	free(text);
	json_decref(j);
}

START_TEST(the_json)
{
	is_told(&cases[0], "[]");
	is_told(&cases[5],
		"[{\"kind\":\"dense\",\"text\":\"Live allocations are 50.0 MiB "
		"more than the profile has: jemalloc gives each of the 3200 "
		"objects that were sampled at least 16 KiB of its own.\","
		"\"missing_bytes\":52428800,\"samples\":3200,"
		"\"lg_prof_sample\":null}]");
	is_told(&cases[8],
		"[{\"kind\":\"unseen\",\"text\":\"The profile has 100.0 MiB "
		"less than jemalloc has allocated: what was allocated while "
		"profiling was not active, or before a prof.reset, is in "
		"none.\",\"missing_bytes\":104857600,\"samples\":0,"
		"\"lg_prof_sample\":null}]");
	is_told(&cases[11],
		"[{\"kind\":\"coarse\",\"text\":\"Only 99 objects of this heap "
		"were sampled: lg_prof_sample:16 at the next start gives a "
		"picture of a heap of this size.\",\"missing_bytes\":0,"
		"\"samples\":99,\"lg_prof_sample\":16}]");
}
END_TEST

int main(void)
{
	return hs_check_run("heap/hints", the_rule, the_words, the_json);
}
