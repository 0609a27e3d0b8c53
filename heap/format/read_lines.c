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
 *   heap/P                  Go (/debug/pprof/heap?debug=1), later gperftools:
 *                           like heap_v2 with a mean of P/2; early gperftools:
 *                           see heap_unbias_uniform(), told by its padding
 *   growth, growthz,        gperftools: memory got from the system, all of it
 *   fragmentationz
 *   nothing                 older than these: heap/262144 when alive and since
 *                           the start are the same, else all objects
 *
 * R or P is 0 when the sampler was off. In Go the names of a stack follow it as
 * comments, "#	0x4b3c26	main.f+0x46	/srv/main.go:5", with the lookup
 * address; those of functions that are inlined into one another have the same.
 *
 * gperftools counts mappings, too, with HEAP_PROFILE_MMAP: when a part of one
 * is unmapped, its bytes and one object go, so that "0: 262144" is what is left
 * of one mapping, and a negative number what its parts left behind. Numbers of
 * objects since the start are 32 bits wide there and overflow.
 *
 * (jemalloc 3.6.0, prof.c; gperftools, malloc_extension.cc and
 * heap-profile-table.cc; go, runtime/pprof/pprof.go, writeHeapInternal() and
 * printStackRecord(); jeprof, ReadHeapProfile(); pprof, legacy_profile.go,
 * which also has the defaults: without R or P, jeprof takes a mean of 128 KiB.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/words.h"
#include "heap/format/dialect.h"
#include "heap/format/read_maps.h"
#include "heap/remarks.h"
#include "heap/unbias.h"

enum sampling {
	SAMPLED_NONE,
	SAMPLED_POISSON, /* a mean of period bytes */
	SAMPLED_HALF,	 /* the same, with half the number that is written */
	SAMPLED_UNIFORM,
};

/* kProfileBufferSize of gperftools. */
enum { GPERFTOOLS_LIMIT = 1 << 20 };

struct lines {
	struct heap_text *text;
	struct heap_builder *builder;
	enum sampling sampling;
	uint64_t period;  /* R, or P */
	bool off;	  /* it is written as 0: nothing was sampled */
	bool mappings;	  /* "heapprofile": gperftools' counts of mappings */
	size_t head_line; /* number of the header's line */
	/* Lines with negative numbers, and with overflown ones. */
	struct heap_passed negative, overflown;
};

struct line_numbers {
	uint64_t n, bytes, ever_n, ever_bytes;
	bool negative, ever_negative; /* one of the two is */
};

static bool line_number(const char **s, uint64_t *ret, bool *negative)
{
	heap_text_skip_blank(s);
	if (heap_text_skip(s, "-"))
		*negative = true;
	return heap_text_number(s, ret);
}

/* "  6:   384 [   0:     0]" */
static bool line_numbers(const char **s, struct line_numbers *ret)
{
	ret->negative = ret->ever_negative = false;
	if (!line_number(s, &ret->n, &ret->negative) ||
	    !heap_text_mark(s, ':') ||
	    !line_number(s, &ret->bytes, &ret->negative) ||
	    !heap_text_mark(s, '[') ||
	    !line_number(s, &ret->ever_n, &ret->ever_negative) ||
	    !heap_text_mark(s, ':') ||
	    !line_number(s, &ret->ever_bytes, &ret->ever_negative))
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
	case SAMPLED_HALF:
		return heap_unbias(n, bytes, l->period);
	case SAMPLED_NONE:
		break;
	}
	return (struct heap_counts){
		.objects = (double)n,
		.bytes = (double)bytes,
		.samples = n,
	};
}

/* What is in memory of the text behind the header's line. */
static struct word lines_ahead(const struct lines *l)
{
	const struct heap_text *t = l->text;
	struct word rest = { t->s, (size_t)(t->end - t->s) };

	(void)words_until(&rest, '\n');
	return rest;
}

/* Go's comments are in it. */
static bool is_go(struct word text)
{
	return memmem(text.s, text.len, "\n#\t0x", 5) ||
	       memmem(text.s, text.len, "\n# 0x", 5) ||
	       memmem(text.s, text.len, "\n# runtime.MemStats", 19);
}

/* Numbers are padded, as gperftools writes them. */
static bool is_padded(const struct lines *l)
{
	const struct heap_text *t = l->text;

	return memmem(t->s, (size_t)(t->end - t->s), "[  ", 3) != NULL;
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
		{ "heap", SAMPLED_HALF, HEAP_LIVE },
		{ "heapz", SAMPLED_HALF, HEAP_LIVE },
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
		if (heap_text_skip(&at, types[i].name) && strchr("/ \t\n", *at))
			break;
	}
	if (i == ARRAY_SIZE(types))
		return heap_text_error(l->text,
				       "'%.*s' is no kind of heap profile that "
				       "is known",
				       (int)strcspn(type, "/ \t\n"), type);
	l->sampling = types[i].sampling;
	l->builder->profile->kind = types[i].kind;
	l->mappings = !strcmp(types[i].name, "heapprofile");
	if (heap_text_skip(&at, "/")) {
		if (!heap_text_number(&at, &l->period))
			return heap_text_expected(l->text,
						  "a number of bytes behind "
						  "'/'");
		l->off = !l->period;
	}
	heap_text_skip_blank(&at);
	return *at == '\n' ? NULL
			   : heap_text_expected(l->text, "the end of the line");
}

/* Sets the periods from what the header says, and the bytes that the profile's
 * samples stand for. */
static void set_period(struct lines *l)
{
	uint64_t *period = &l->builder->profile->sample_period;
	const bool go = is_go(lines_ahead(l));

	l->builder->calls = go;
	if (l->sampling == SAMPLED_HALF && !go && is_padded(l))
		l->sampling = SAMPLED_UNIFORM;
	if (l->off)
		l->sampling = SAMPLED_NONE;
	switch (l->sampling) {
	case SAMPLED_NONE:
		*period = 1;
		break;
	case SAMPLED_POISSON:
		*period = l->period ? l->period : 128 * 1024;
		l->period = *period;
		break;
	case SAMPLED_HALF:
	case SAMPLED_UNIFORM:
		if (!l->period)
			l->period = 256 * 1024;
		*period = l->period / 2 ? l->period / 2 : 1;
		if (l->sampling == SAMPLED_HALF)
			l->period = *period;
		break;
	}
}

static struct hs_error *lines_header(struct lines *l)
{
	static const char want[] =
		"'heap profile: OBJECTS: BYTES [OBJECTS: BYTES] @ TYPE'";
	struct line_numbers numbers;
	struct hs_error *err;
	const char *at;

	if (!heap_text_more(l->text))
		return heap_text_expected(l->text, want);
	at = l->text->s;
	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, "heap profile:") ||
	    !line_numbers(&at, &numbers))
		return heap_text_expected(l->text, want);
	heap_text_skip_blank(&at);
	if (heap_text_skip(&at, "@"))
		heap_text_skip_blank(&at);
	err = header_type(l, at, &numbers);
	if (err)
		return err;
	set_period(l);
	l->builder->totals = (struct heap_totals){
		.known = !numbers.negative,
		.objects = (double)numbers.n,
		.bytes = (double)numbers.bytes,
		.may_exceed = l->mappings,
		.limit = l->mappings && is_padded(l) ? GPERFTOOLS_LIMIT : 0,
	};
	l->head_line = l->text->line;
	heap_text_next_line(l->text);
	return NULL;
}

static struct hs_error *check_live(const struct lines *l,
				   const struct line_numbers *numbers)
{
	/* What is left of a mapping. */
	if (l->mappings && !numbers->n)
		return NULL;
	return heap_dialect_check(l->text, numbers->n, numbers->bytes);
}

/* Checks what was allocated since the start, and takes away what is more than
 * its number can tell. */
static struct hs_error *check_ever(struct lines *l,
				   struct line_numbers *numbers)
{
	const bool counted = numbers->ever_n || numbers->ever_bytes;

	if (!l->mappings)
		return heap_dialect_check(l->text, numbers->ever_n,
					  numbers->ever_bytes);
	if (!numbers->ever_negative && numbers->ever_bytes >= numbers->ever_n &&
	    (!counted || (numbers->ever_n >= numbers->n &&
			  numbers->ever_bytes >= numbers->bytes)))
		return NULL;
	heap_passed_add(&l->overflown, l->text->line);
	numbers->ever_n = numbers->ever_bytes = 0;
	return NULL;
}

static struct hs_error *lines_stack(struct lines *l)
{
	static const char want[] =
		"'OBJECTS: BYTES [OBJECTS: BYTES] @ ADDRESSES'";
	struct heap_counts inuse, allocated;
	struct line_numbers numbers;
	struct hs_error *err;
	const char *at = l->text->s;

	if (!line_numbers(&at, &numbers) ||
	    (!l->mappings && (numbers.negative || numbers.ever_negative)))
		return heap_text_expected(l->text, want);
	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, "@"))
		return heap_text_expected(l->text,
					  "'@' and addresses behind numbers");
	if (numbers.negative) {
		heap_passed_add(&l->negative, l->text->line);
		heap_text_next_line(l->text);
		return NULL;
	}
	err = check_live(l, &numbers);
	if (!err)
		err = check_ever(l, &numbers);
	if (!err)
		err = heap_dialect_frames(l->text, at, l->builder);
	if (err)
		return err;
	inuse = line_estimate(l, numbers.n, numbers.bytes);
	allocated = line_estimate(l, numbers.ever_n, numbers.ever_bytes);
	heap_totals_add(&l->builder->totals, numbers.n, numbers.bytes, &inuse,
			l->builder->profile->sample_period);
	return heap_builder_close_stack(l->builder, &inuse, &allocated);
}

static bool take_function(struct word *rest, struct word *function)
{
	const char *plus = memmem(rest->s, rest->len, "+0x", 3);

	if (!plus)
		return false;
	function->s = rest->s;
	function->len = (size_t)(plus - rest->s);
	words_step(rest, function->len);
	(void)words_next(rest);
	return function->len && !memchr(function->s, '\0', function->len);
}

/* "/srv/main.go:5" */
static void take_file(struct word *file, uint32_t *ret)
{
	const char *colon = memrchr(file->s, ':', file->len);
	uint64_t line;

	if (!colon)
		return;
	if (!parse_u64(colon + 1, (size_t)(file->s + file->len - colon - 1),
		       &line) ||
	    line > UINT32_MAX)
		return;
	*ret = (uint32_t)line;
	file->len = (size_t)(colon - file->s);
}

/* Reads a comment behind a stack, which may name an address. */
static struct hs_error *lines_comment(struct lines *l)
{
	struct intern *strings = &l->builder->profile->strings;
	struct word rest = { l->text->s + 1, 0 }, function;
	struct heap_call call = { 0 };
	struct hs_error *err;
	const char *at;

	rest.len = heap_text_next_line(l->text) - 1;
	words_skip_blanks(&rest);
	at = rest.s;
	if (!heap_text_address(&at, &call.address))
		return NULL;
	words_step(&rest, (size_t)(at - rest.s));
	words_skip_blanks(&rest);
	if (!take_function(&rest, &function))
		return NULL;
	while (rest.len && strchr(" \t", rest.s[rest.len - 1]))
		rest.len--;
	take_file(&rest, &call.name.line);
	err = intern_string(strings, function.s, function.len,
			    &call.name.function);
	if (!err && rest.len && !memchr(rest.s, '\0', rest.len))
		err = intern_string(strings, rest.s, rest.len, &call.name.file);
	return err ? err : heap_builder_add_call(l->builder, &call);
}

/* Neither a blank line nor one that can follow the stacks. */
static bool is_stack(const struct heap_text *t)
{
	const char *at = t->s;

	heap_text_skip_blank(&at);
	(void)heap_text_skip(&at, "-");
	return *at >= '0' && *at <= '9';
}

static struct hs_error *lines_all(struct lines *l)
{
	struct heap_text *t = l->text;
	struct hs_error *err = lines_header(l);

	while (!err) {
		if (l->builder->calls && heap_text_more(t) && *t->s == '#' &&
		    !heap_text_is_ours(t))
			err = lines_comment(l);
		else if (heap_text_data(t) && is_stack(t))
			err = lines_stack(l);
		else
			break;
	}
	return err;
}

static struct hs_error *remark_off(const struct lines *l,
				   struct heap_profile *p)
{
	if (!l->off)
		return NULL;
	return heap_dialect_not_sampled(
		p, l->text->name, l->head_line,
		l->builder->calls
			? "Go samples unless runtime.MemProfileRate is 0"
			: "tcmalloc samples when the program is started with "
			  "TCMALLOC_SAMPLE_PARAMETER=524288");
}

/* Numbers that went beyond 32 bits are no numbers, and which ones did cannot be
 * seen of all. */
static struct hs_error *forget_allocated(const struct lines *l,
					 struct heap_profile *p)
{
	char why[128];

	if (!l->overflown.n)
		return NULL;
	free(p->allocated);
	p->allocated = NULL;
	p->allocated_cap = 0;
	snprintf(why, sizeof(why),
		 "what it counts since the start overflowed 32 bits, first in "
		 "line %zu",
		 l->overflown.first);
	return intern_text(&p->strings, why, &p->why_not_allocated);
}

struct hs_error *heap_read_lines(struct heap_text *t, struct heap_builder *b)
{
	struct lines l = { .text = t, .builder = b };
	struct hs_error *err = lines_all(&l);

	if (!err)
		err = heap_passed_remark(
			&l.negative, b->profile, t->name,
			"less than no objects, which is what unmapping parts "
			"of a mapping leaves: passed over",
			NULL);
	if (!err)
		err = remark_off(&l, b->profile);
	return err ? err : forget_allocated(&l, b->profile);
}
