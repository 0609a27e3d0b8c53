#include "heap/format/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/parse.h"
#include "base/words.h"
#include "heap/memory_part.h"
#include "heap/meta.h"
#include "heap/samples.h"

#define PREFIX "# heapsnap"

enum { MAX_WORDS = 8 }; /* of the longest line, after "# heapsnap" */

/* Splits @rest into words, each with a leading space. Returns their number, but
 * stores no more than MAX_WORDS. */
static size_t split_words(struct word rest, struct word *words)
{
	size_t n = 0;

	while (rest.len) {
		struct word word;

		words_step(&rest, 1);
		word = words_until(&rest, ' ');
		if (n < MAX_WORDS)
			words[n] = word;
		n++;
	}
	return n;
}

static struct hs_error *damaged(const char *what)
{
	return hs_error_new(HS_ERROR_INPUT, "damaged '# heapsnap' line: %s",
			    what);
}

/* "0x26000" */
static bool word_hex(struct word w, uint64_t *ret)
{
	return words_step_over(&w, "0x") && parse_hex(w.s, w.len, ret);
}

static bool word_number(struct word w, uint64_t max, uint64_t *ret)
{
	return parse_u64(w.s, w.len, ret) && *ret <= max;
}

static bool word_flag(struct word w, bool *ret)
{
	*ret = word_is(w, "1");
	return *ret || word_is(w, "0");
}

/* *ret is one of @strings; NULL for "-", "-" for "\-". */
static struct hs_error *word_text(struct intern *strings, struct word w,
				  const char **ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	*ret = NULL;
	if (word_is(w, "-"))
		return NULL;
	if (word_is(w, "\\-"))
		return intern_string(strings, "-", 1, ret);
	if (!unescape_word(&sb, w.s, w.len) ||
	    memchr(strbuf_str(&sb), '\0', sb.len))
		return damaged("text is not escaped");
	err = strbuf_check(&sb);
	if (err)
		return err;
	return intern_string(strings, strbuf_str(&sb), sb.len, ret);
}

static struct hs_error *parse_meta_field(struct heap_profile *p,
					 const struct heap_meta_field *f,
					 struct word value)
{
	void *at = (char *)&p->meta + f->offset;
	uint64_t number;
	bool flag;

	switch (f->kind) {
	case HEAP_META_TEXT:
		return word_text(&p->meta.strings, value, at);
	case HEAP_META_NUMBER:
		if (!word_number(value, HEAP_NUMBER_MAX, &number))
			return damaged("not a number");
		*(int64_t *)at = (int64_t)number;
		return NULL;
	case HEAP_META_TICKS:
		if (!word_number(value, UINT64_MAX, at))
			return damaged("not a number");
		return NULL;
	case HEAP_META_FLAG:
		if (!word_flag(value, &flag))
			return damaged("neither 0 nor 1");
		*(int *)at = flag;
		return NULL;
	}
	return NULL;
}

struct segments {
	struct heap_segment *items; /* owned */
	size_t n, cap;
};

/* "0x26000+0x156000@0x26000" */
static bool parse_segment(struct word w, struct heap_segment *ret)
{
	struct word offset = words_until(&w, '+'), size;

	words_step(&w, 1);
	size = words_until(&w, '@');
	words_step(&w, 1);
	return word_hex(offset, &ret->offset) && word_hex(size, &ret->size) &&
	       word_hex(w, &ret->address);
}

static struct hs_error *parse_segments(struct word w, struct segments *ret)
{
	if (word_is(w, "-"))
		return NULL;
	for (;; words_step(&w, 1)) {
		if (!ARRAY_GROW(ret->items, ret->cap, ret->n + 1))
			return hs_error_nomem();
		if (!parse_segment(words_until(&w, ','), &ret->items[ret->n]))
			return damaged("not a list of segments");
		ret->n++;
		if (!w.len)
			return NULL;
	}
}

static bool is_build_id(const char *s)
{
	return !s || (s[0] && s[strspn(s, "0123456789abcdef")] == '\0');
}

/* N BUILD-ID ALLOCATOR SEGMENTS PATH */
static struct hs_error *parse_module(struct heap_profile *p,
				     const struct word *words)
{
	struct segments segments = { 0 };
	_cleanup_free_ void *owned = NULL;
	const char *build_id, *path;
	struct hs_error *err;
	uint64_t number;
	bool allocator;

	err = word_text(&p->strings, words[1], &build_id);
	if (!err)
		err = parse_segments(words[3], &segments);
	owned = segments.items;
	if (!err)
		err = word_text(&p->strings, words[4], &path);
	if (err)
		return err;
	if (!word_number(words[0], UINT32_MAX, &number) ||
	    number >= p->n_modules || !path ||
	    strcmp(path, p->modules[number].path))
		return damaged("the dump has no such module");
	if (!is_build_id(build_id) || !word_flag(words[2], &allocator))
		return damaged("not a module");
	p->modules[number].allocator = allocator;
	return heap_profile_set_module(p, number, build_id, segments.items,
				       segments.n);
}

/* KIND MAPPINGS SIZE RSS SWAP PATH */
static struct hs_error *parse_memory(struct heap_profile *p,
				     const struct word *words)
{
	struct heap_memory m = { .kind = HEAP_MEMORY_OTHER };
	int64_t *const numbers[] = { &m.mappings, &m.size, &m.rss, &m.swap };
	struct hs_error *err;
	uint64_t number;
	size_t i;

	/* An unknown kind still counts as memory. */
	(void)heap_memory_kind_named(words[0].s, words[0].len, &m.kind);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!word_number(words[1 + i], HEAP_NUMBER_MAX, &number))
			return damaged("not a number");
		*numbers[i] = (int64_t)number;
	}
	err = word_text(&p->meta.strings, words[5], &m.path);
	if (!err)
		err = heap_meta_add_memory(&p->meta, &m);
	return hs_error_wrap(err, "damaged '# heapsnap' line");
}

/* SIZE REGIONS */
static struct hs_error *parse_class(struct heap_profile *p,
				    const struct word *words)
{
	const struct heap_meta *o = &p->meta;
	uint64_t size, regions;
	struct hs_error *err;
	bool added;

	if (!word_number(words[0], HEAP_NUMBER_MAX, &size) ||
	    !word_number(words[1], HEAP_NUMBER_MAX, &regions))
		return damaged("not a number");
	if (o->n_class_counts &&
	    size <= o->class_counts[o->n_class_counts - 1].size)
		return damaged("size classes must ascend");
	err = heap_meta_add_class(&p->meta, size, regions, &added);
	return err || added ? err : damaged("not a number");
}

/* PSS, of the memory of the last line */
static struct hs_error *parse_memory_pss(struct heap_profile *p,
					 const struct word *words)
{
	struct heap_memory pss = { 0 }, *last;
	uint64_t number;

	if (!p->meta.n_memory ||
	    !word_number(words[0], HEAP_NUMBER_MAX, &number))
		return damaged("not a number");
	last = &p->meta.memory[p->meta.n_memory - 1];
	if (last->pss)
		return damaged("it is there twice");
	pss.pss = (int64_t)number;
	return hs_error_wrap(heap_meta_grow_memory(&p->meta, last, &pss),
			     "damaged '# heapsnap' line");
}

/* ADDRESS */
static struct hs_error *find_location(struct heap_profile *p, struct word word,
				      struct heap_location **ret)
{
	const struct heap_location *found = NULL;
	uint64_t address;

	if (word_hex(word, &address))
		found = heap_profile_location(p, address);
	if (!found)
		return damaged("no stack has this address");
	*ret = &p->locations[found - p->locations];
	return NULL;
}

/* ADDRESS */
static struct hs_error *parse_other_code(struct heap_profile *p,
					 const struct word *words)
{
	struct heap_location *location = NULL;
	struct hs_error *err = find_location(p, words[0], &location);

	if (!err)
		heap_location_leave_module(location);
	return err;
}

/* ADDRESS FUNCTION FILE LINE INLINED */
static struct hs_error *parse_name(struct heap_profile *p,
				   const struct word *words)
{
	struct heap_location *location = NULL;
	struct heap_name name = { 0 };
	struct hs_error *err = find_location(p, words[0], &location);
	uint64_t line;

	if (err)
		return err;
	if (!word_number(words[3], UINT32_MAX, &line) ||
	    !word_flag(words[4], &name.inlined))
		return damaged("not a name");
	name.line = (uint32_t)line;
	err = word_text(&p->strings, words[1], &name.function);
	if (!err)
		err = word_text(&p->strings, words[2], &name.file);
	if (err)
		return err;
	if (!location->n_names)
		location->names = (uint32_t)p->n_names;
	else if (location->names + location->n_names != p->n_names)
		return damaged("names of one address must follow each other");
	if (p->n_names >= UINT32_MAX - 1)
		return damaged("too many names");
	if (!ARRAY_GROW(p->names, p->names_cap, p->n_names + 1))
		return hs_error_nomem();
	p->names[p->n_names++] = name;
	location->n_names++;
	return NULL;
}

/* "-": not known */
static bool word_age(struct word w, int64_t *ret)
{
	uint64_t ms;

	*ret = HEAP_AGE_UNKNOWN;
	if (word_is(w, "-"))
		return true;
	if (!word_number(w, HEAP_NUMBER_MAX, &ms))
		return false;
	*ret = (int64_t)ms;
	return true;
}

/* STACK N MEDIAN OLDEST LOOKED-AT OF-TYPE TYPE */
static struct hs_error *parse_samples(struct heap_profile *p,
				      const struct word *words)
{
	struct heap_samples s = { 0 };
	const struct {
		struct word word;
		uint32_t *to;
	} numbers[] = {
		{ words[0], &s.stack },
		{ words[1], &s.n },
		{ words[4], &s.looked_at },
		{ words[5], &s.of_type },
	};
	struct hs_error *err;
	uint64_t number;
	bool added;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!word_number(numbers[i].word, UINT32_MAX, &number))
			return damaged("not a number");
		*numbers[i].to = (uint32_t)number;
	}
	if (!word_age(words[2], &s.median_ms) ||
	    !word_age(words[3], &s.oldest_ms))
		return damaged("not a number");
	err = word_text(&p->strings, words[6], &s.type);
	if (!err)
		err = heap_samples_add(p, &s, &added);
	return err || added ? err : damaged("not the samples of a stack");
}

struct line_kind {
	const char *key;
	size_t n_words; /* after the key */
	struct hs_error *(*parse)(struct heap_profile *p,
				  const struct word *words);
};

static struct hs_error *parse_key(struct heap_profile *p,
				  const struct word *words, size_t n)
{
	static const struct line_kind kinds[] = {
		{ "class", 2, parse_class },
		{ "memory", 6, parse_memory },
		{ "memory-pss", 1, parse_memory_pss },
		{ "module", 5, parse_module },
		{ "name", 5, parse_name },
		{ "other-code", 1, parse_other_code },
		{ "samples", 7, parse_samples },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!word_is(words[0], kinds[i].key))
			continue;
		if (n != kinds[i].n_words + 1)
			return damaged("wrong number of words");
		return kinds[i].parse(p, words + 1);
	}
	for (i = 0; i < HEAP_META_FIELDS; i++) {
		const struct heap_meta_field *field = &heap_meta_fields[i];

		if (!word_is(words[0], field->key) &&
		    !(field->old_key && word_is(words[0], field->old_key)))
			continue;
		if (n != 2)
			return damaged("wrong number of words");
		return parse_meta_field(p, field, words[1]);
	}
	return NULL;
}

/* "# heapsnap 1" */
static struct hs_error *parse_version(struct heap_snapshot_parser *parser,
				      const struct word *words, size_t n)
{
	uint64_t version;

	if (n != 1 || !parse_u64(words[0].s, words[0].len, &version) ||
	    !version)
		return hs_error_new(HS_ERROR_INPUT,
				    "expected '# heapsnap 1' before other "
				    "'# heapsnap' lines");
	if (version > 1)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT,
				     "snapshot format %.*s is newer than this "
				     "heapsnap, which reads format 1",
				     (int)words[0].len, words[0].s),
			"use the heapsnap that wrote it, or a newer one");
	parser->begun = true;
	return NULL;
}

bool heap_snapshot_is_line(const char *text, size_t len)
{
	const size_t n = sizeof(PREFIX) - 1;

	return len > n && !memcmp(text, PREFIX, n) &&
	       (text[n] == ' ' || text[n] == '\n');
}

struct hs_error *heap_snapshot_parse_line(struct heap_snapshot_parser *parser,
					  struct heap_profile *p,
					  const char *line, size_t len)
{
	const size_t skip = sizeof(PREFIX) - 1;
	struct word words[MAX_WORDS];
	size_t n = split_words((struct word){ line + skip, len - skip }, words);

	if (parser->ended)
		return damaged("it is behind '# heapsnap end'");
	if (!parser->begun)
		return parse_version(parser, words, n);
	if (!n)
		return damaged("no key");
	if (n == 1 && word_is(words[0], "end")) {
		parser->ended = true;
		return NULL;
	}
	return parse_key(p, words, n);
}
