/*
 * The dialect with a line a stack:
 *
 *   heap profile:    35: 27263552 [     0:        0] @ heap_v2/524288
 *        6:      384 [     0:        0] @ 0x55ea700a0831 0x55ea700955d6 0x0
 *
 * objects: bytes, live and [since the start], with or without padding. The text
 * after the "@" shows the writer and the kind of numbers:
 *
 *   heap_v2/R, heapz_v2/R   jemalloc 2 and 3, tcmalloc: sampled with a mean of
 *                           R bytes, to be corrected
 *   heapprofile             jemalloc 2 and 3 without sampling, gperftools'
 *                           heap profiler: all objects, nothing to correct
 *   heap/P                  early tcmalloc: see heap_unbias_uniform()
 *   growth, growthz,        gperftools: memory got from the system, all of it
 *   fragmentationz
 *   nothing                 older than these: heap/262144 when alive and since
 *                           the start are the same, else all objects
 *
 * (jemalloc 3.6.0, prof.c; gperftools, malloc_extension.cc and
 * heap-profile-table.cc; jeprof, ReadHeapProfile(); pprof, legacy_profile.go,
 * which also has the defaults: without R or P, jeprof takes a mean of 128 KiB.)
 */
#include <string.h>

#include "base/array.h"
#include "heap/format/dialect.h"
#include "heap/unbias.h"

enum sampling {
	SAMPLED_NONE,
	SAMPLED_POISSON,
	SAMPLED_UNIFORM,
};

struct lines {
	struct heap_text *text;
	struct heap_builder *builder;
	enum sampling sampling;
	uint64_t period; /* R, or P */
};

struct line_numbers {
	uint64_t n, bytes, ever_n, ever_bytes;
};

static bool line_number(const char **s, uint64_t *ret)
{
	heap_text_skip_blank(s);
	return heap_text_number(s, ret);
}

/* "  6:   384 [   0:     0]" */
static bool line_numbers(const char **s, struct line_numbers *ret)
{
	if (!line_number(s, &ret->n) || !heap_text_skip(s, ":") ||
	    !line_number(s, &ret->bytes))
		return false;
	heap_text_skip_blank(s);
	if (!heap_text_skip(s, "[") || !line_number(s, &ret->ever_n) ||
	    !heap_text_skip(s, ":") || !line_number(s, &ret->ever_bytes))
		return false;
	heap_text_skip_blank(s);
	return heap_text_skip(s, "]");
}

static struct heap_counts line_estimate(const struct lines *l, uint64_t n,
					uint64_t bytes)
{
	switch (l->sampling) {
	case SAMPLED_UNIFORM:
		return heap_unbias_uniform(n, bytes, l->period);
	case SAMPLED_POISSON:
		return heap_unbias(n, bytes, l->period);
	case SAMPLED_NONE:
		break;
	}
	return heap_unbias(n, bytes, 1);
}

/* "heap_v2/524288" and the rest of the line, without blanks around. */
static struct hs_error *header_type(struct lines *l, const char *type,
				    const struct line_numbers *numbers)
{
	static const struct {
		const char *name;
		enum sampling sampling;
		enum heap_kind kind;
	} types[] = {
		{ "heap_v2", SAMPLED_POISSON, HEAP_LIVE },
		{ "heapz_v2", SAMPLED_POISSON, HEAP_LIVE },
		{ "heapprofile", SAMPLED_NONE, HEAP_LIVE },
		{ "heap", SAMPLED_UNIFORM, HEAP_LIVE },
		{ "heapz", SAMPLED_UNIFORM, HEAP_LIVE },
		{ "growth", SAMPLED_NONE, HEAP_GROWTH },
		{ "growthz", SAMPLED_NONE, HEAP_GROWTH },
		{ "fragmentationz", SAMPLED_NONE, HEAP_FRAGMENTS },
	};
	const char *at = type;
	size_t i;

	if (*at == '\n') {
		if (numbers->n == numbers->ever_n &&
		    numbers->bytes == numbers->ever_bytes)
			l->sampling = SAMPLED_UNIFORM;
		return NULL;
	}
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		at = type;
		if (heap_text_skip(&at, types[i].name) && strchr("/ \r\n", *at))
			break;
	}
	if (i == ARRAY_SIZE(types))
		return heap_text_error(l->text,
				       "'%.*s' is no kind of heap profile that "
				       "is known",
				       (int)strcspn(type, "/ \r\n"), type);
	l->sampling = types[i].sampling;
	l->builder->profile->kind = types[i].kind;
	if (heap_text_skip(&at, "/") &&
	    (!heap_text_number(&at, &l->period) || !l->period))
		return heap_text_expected(l->text, "a number of bytes behind "
						   "'/'");
	heap_text_skip_blank(&at);
	return *at == '\n' ? NULL
			   : heap_text_expected(l->text, "the end of the line");
}

static struct hs_error *lines_header(struct lines *l)
{
	static const char want[] =
		"'heap profile: OBJECTS: BYTES [OBJECTS: BYTES] @ TYPE'";
	uint64_t *period = &l->builder->profile->sample_period;
	struct line_numbers numbers;
	struct hs_error *err;
	const char *at;

	if (!heap_text_more(l->text))
		return heap_text_expected(l->text, want);
	at = l->text->s;
	if (!heap_text_skip(&at, "heap profile:") ||
	    !line_numbers(&at, &numbers))
		return heap_text_expected(l->text, want);
	heap_text_skip_blank(&at);
	if (heap_text_skip(&at, "@"))
		heap_text_skip_blank(&at);
	err = header_type(l, at, &numbers);
	if (err)
		return err;
	*period = 1;
	if (l->sampling == SAMPLED_POISSON)
		*period = l->period ? l->period : 128 * 1024;
	if (l->sampling == SAMPLED_UNIFORM) {
		if (!l->period)
			l->period = 256 * 1024;
		*period = l->period / 2 ? l->period / 2 : 1;
	}
	l->period = l->sampling == SAMPLED_POISSON ? *period : l->period;
	heap_text_next_line(l->text);
	return NULL;
}

static struct hs_error *lines_stack(struct lines *l)
{
	struct heap_counts inuse, allocated;
	struct line_numbers numbers;
	struct hs_error *err;
	const char *at = l->text->s;

	if (!line_numbers(&at, &numbers))
		return heap_text_expected(
			l->text,
			"'OBJECTS: BYTES [OBJECTS: BYTES] @ ADDRESSES'");
	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, "@"))
		return heap_text_expected(l->text,
					  "'@' and addresses behind numbers");
	err = heap_dialect_check(l->text, numbers.n, numbers.bytes);
	if (!err)
		err = heap_dialect_check(l->text, numbers.ever_n,
					 numbers.ever_bytes);
	if (!err)
		err = heap_dialect_frames(l->text, at, l->builder);
	if (err)
		return err;
	inuse = line_estimate(l, numbers.n, numbers.bytes);
	allocated = line_estimate(l, numbers.ever_n, numbers.ever_bytes);
	return heap_builder_close_stack(l->builder, &inuse, &allocated);
}

/* Neither a blank line nor one that can follow the stacks. */
static bool is_stack(const struct heap_text *t)
{
	const char *at = t->s;

	heap_text_skip_blank(&at);
	return (*at >= '0' && *at <= '9') || *at == '-';
}

struct hs_error *heap_read_lines(struct heap_text *t, struct heap_builder *b)
{
	struct lines l = { .text = t, .builder = b };
	struct hs_error *err = lines_header(&l);

	while (!err && heap_text_more(t) && is_stack(t))
		err = lines_stack(&l);
	return err;
}
