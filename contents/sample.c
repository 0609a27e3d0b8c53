#include "contents/sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash_index.h"
#include "contents/classify.h"

enum {
	PAGE = 4096,
	CHECK_EVERY = 1024, /* slabs between two looks at signals */
};

/* --- what was there before ------------------------------------------------- */

/* Goes along two heaps at once. */
struct past {
	const struct heap_regions *before; /* NULL: none */
	size_t next;
};

/* The slab that was where @slab is, with regions of the same size; NULL: none.
 * To be asked in ascending order. */
static const struct heap_slab *slab_before(struct past *p,
					   const struct heap_slab *slab)
{
	const struct heap_regions *r = p->before;

	while (r && p->next < r->n && r->slabs[p->next].address < slab->address)
		p->next++;
	if (!r || p->next == r->n)
		return NULL;
	r = p->before;
	if (r->slabs[p->next].address != slab->address ||
	    r->slabs[p->next].szind != slab->szind ||
	    r->slabs[p->next].size != slab->size)
		return NULL;
	return &r->slabs[p->next];
}

/* The regions of word @i of the slab's bitmap that are in use. */
static uint64_t in_use(const struct heap_slab *slab, unsigned i)
{
	const unsigned left = slab->n - i * 64;
	const uint64_t all = left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX;

	return ~slab->free[i] & all;
}

static unsigned words_of(const struct heap_slab *slab)
{
	return (slab->n + 63) / 64;
}

/* Those that are in use and were not before. Without an interval @was is NULL
 * of all slabs. */
static uint64_t fresh(const struct heap_slab *slab, const struct heap_slab *was,
		      unsigned i)
{
	const uint64_t now = in_use(slab, i);

	return was && i < words_of(was) ? now & ~in_use(was, i) : now;
}

/* --- classes --------------------------------------------------------------- */

static void count_came(const struct heap_regions *before,
		       const struct heap_regions *now,
		       struct heap_class_use *came)
{
	struct past past = { .before = before };
	size_t i;
	unsigned w;

	for (i = 0; i < now->n; i++) {
		const struct heap_slab *slab = &now->slabs[i];
		const struct heap_slab *was = slab_before(&past, slab);

		uint64_t n = 0;

		for (w = 0; w < words_of(slab); w++)
			n += (uint64_t)__builtin_popcountll(
				fresh(slab, was, w));
		came[slab->szind].live += n;
		came[slab->szind].live_bytes += n * slab->size;
	}
}

struct hs_error *sample_classes(const struct heap_regions *before,
				const struct heap_regions *now,
				struct heap_contents *c)
{
	static const struct heap_class_use none;
	struct heap_class_use came[HEAP_CLASSES] = { 0 };
	unsigned i;

	if (before)
		count_came(before, now, came);
	c->classes = calloc(HEAP_CLASSES, sizeof(*c->classes));
	if (!c->classes)
		return hs_error_nomem();
	c->unclear = (int64_t)now->unclear;
	for (i = 0; i < HEAP_CLASSES; i++) {
		const struct heap_class_use *use = &now->classes[i];
		const struct heap_class_use *was = before ? &before->classes[i]
							  : &none;
		const struct heap_class_use *stayed = before ? use : &none;

		if (!use->live && !use->cached && !was->live)
			continue;
		c->classes[c->n_classes++] = (struct contents_class){
			.size = heap_class_size(i),
			.live = (int64_t)use->live,
			.cached = (int64_t)use->cached,
			.came = (int64_t)came[i].live,
			.went = (int64_t)(was->live + came[i].live -
					  stayed->live),
			.live_bytes = (int64_t)use->live_bytes,
			.cached_bytes = (int64_t)use->cached_bytes,
			.came_bytes = (int64_t)came[i].live_bytes,
			.went_bytes =
				(int64_t)(was->live_bytes + came[i].live_bytes -
					  stayed->live_bytes),
		};
	}
	return NULL;
}

/* --- sampling -------------------------------------------------------------- */

/* Of a class: how many regions come yet, and how many of them are taken. */
struct quota {
	uint32_t class; /* index */
	int64_t left, wanted;
};

struct sampler {
	const struct sample_options *options;
	struct heap_contents *contents;
	struct quota quotas[HEAP_CLASSES];
	struct known known;
	struct contents_count *counts; /* owned */
	size_t n, cap;
	struct hash_index index; /* of counts */
	uint64_t random;
	struct region region; /* bytes of the process: wiped */
};

static void sampler_release(struct sampler *s)
{
	known_release(&s->known);
	free(s->counts);
	hash_index_release(&s->index);
	explicit_bzero(&s->region, sizeof(s->region));
}

/* splitmix64: the same sample of the same heap each time. */
static uint64_t next_random(struct sampler *s)
{
	uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Whether the next region of the class is taken: so that each is with the same
 * chance, and as many as are wanted (Knuth, algorithm S). */
static bool takes_next(struct sampler *s, struct quota *q)
{
	const unsigned __int128 part =
		(unsigned __int128)next_random(s) * (uint64_t)q->left;
	const bool takes = (int64_t)(part >> 64) < q->wanted;

	q->left--;
	q->wanted -= takes;
	return takes;
}

static bool is_leaked(const struct sampler *s)
{
	const struct graph_live *reach = s->options->reach;

	return reach &&
	       leaks_has(&reach->leaks, &reach->index, s->region.address);
}

static void count_one(struct contents_count *to, int64_t size, bool leaked)
{
	to->seen++;
	to->bytes += size;
	to->squares += (double)size * (double)size;
	to->leaked += leaked;
	to->leaked_bytes += leaked ? size : 0;
}

static struct hs_error *count_type(struct sampler *s, uint32_t class,
				   enum contents_kind kind,
				   const struct strbuf *text)
{
	const bool leaked = is_leaked(s);
	const int64_t size = (int64_t)s->region.size;
	struct hash_index_walk walk = { 0 };
	const char *name;
	struct hs_error *err;
	uint64_t hash;

	err = intern_string(&s->contents->strings, strbuf_str(text), text->len,
			    &name);
	if (err)
		return err;
	hash = hash_mix(hash_index_begin(&s->index), (uintptr_t)name).value;
	hash = hash_mix(hash_mix((struct hash){ hash, s->index.begin.key },
				 class),
			kind)
		       .value;
	while (hash_index_next(&s->index, hash, &walk)) {
		struct contents_count *count = &s->counts[walk.value];

		if (count->class == class && count->kind == kind &&
		    count->name == name) {
			count_one(count, size, leaked);
			return NULL;
		}
	}
	if (!ARRAY_GROW(s->counts, s->cap, s->n + 1))
		return hs_error_nomem();
	s->counts[s->n] = (struct contents_count){
		.class = class,
		.kind = kind,
		.name = name,
	};
	count_one(&s->counts[s->n], size, leaked);
	return hash_index_add(&s->index, hash, (uint32_t)s->n++);
}

/* What was asked for is more than this: than the next smaller class, or than a
 * page less where there are pages of it that its class would not need. */
static uint64_t less_than(const struct heap_slab *slab)
{
	if (slab->size != heap_class_size(slab->szind))
		return slab->size - PAGE;
	return slab->szind ? heap_class_size(slab->szind - 1) : 0;
}

static struct hs_error *look_at(struct sampler *s, const struct quota *q,
				const struct heap_slab *slab, unsigned i)
{
	const struct memory_source *m = &s->options->around->memory;
	_cleanup_strbuf_ struct strbuf name = { 0 };
	enum contents_kind kind = CONTENTS_ABSENT;
	struct region *r = &s->region;
	struct hs_error *err;

	*r = (struct region){
		.address = slab->address + i * slab->size,
		.size = slab->size,
		.less = less_than(slab),
	};
	r->len = r->size < REGION_BYTES ? (size_t)r->size : REGION_BYTES;
	if (m->read(m->arg, r->address, r->bytes, r->len))
		kind = classify(&s->known, r, &name);
	else
		strbuf_adds(&name, "not in memory");
	s->contents->classes[q->class].looked_at++;
	err = strbuf_check(&name);
	if (!err && s->known.failed)
		err = hs_error_nomem();
	return err ? err : count_type(s, q->class, kind, &name);
}

static struct hs_error *sample_slab(struct sampler *s,
				    const struct heap_slab *slab,
				    const struct heap_slab *was)
{
	struct quota *q = &s->quotas[slab->szind];
	struct hs_error *err = NULL;
	unsigned w;

	for (w = 0; w < words_of(slab) && !err && q->wanted; w++) {
		uint64_t bits = fresh(slab, was, w);

		for (; bits && !err; bits &= bits - 1) {
			const unsigned i =
				w * 64 + (unsigned)__builtin_ctzll(bits);

			if (takes_next(s, q))
				err = look_at(s, q, slab, i);
		}
	}
	return err;
}

static void set_quotas(struct sampler *s, bool interval)
{
	const struct heap_contents *c = s->contents;
	uint32_t class = 0;
	unsigned i;

	for (i = 0; i < HEAP_CLASSES && class < c->n_classes; i++) {
		const struct contents_class *of = &c->classes[class];
		struct quota *q = &s->quotas[i];

		if (of->size != heap_class_size(i))
			continue;
		q->class = class ++;
		q->left = interval ? of->came : of->live;
		q->wanted = q->left < (int64_t)s->options->most
				    ? q->left
				    : (int64_t)s->options->most;
	}
}

struct hs_error *sample_types(const struct heap_regions *before,
			      const struct heap_regions *now,
			      const struct sample_options *options,
			      struct heap_contents *c)
{
	hs_cleanup(sampler_release) struct sampler s = {
		.options = options,
		.contents = c,
		.known.around = options->around,
	};
	struct past past = { .before = before };
	struct hs_error *err = NULL;
	size_t i;

	set_quotas(&s, before != NULL);
	for (i = 0; i < now->n && !err; i++) {
		const struct heap_slab *slab = &now->slabs[i];

		err = sample_slab(&s, slab, slab_before(&past, slab));
		if (!err && i % CHECK_EVERY == 0)
			err = monitor_check_stop(options->monitor);
	}
	return err ? err : heap_contents_estimate(c, s.counts, s.n);
}
