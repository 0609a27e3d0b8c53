#include "heap/large_sizes.h"

#include <math.h>

#include "heap/meta.h"
#include "heap/unbias.h"

enum { USUAL_PAGE = 4096 };

/* By how much the large objects are less than their classes. */
struct filling {
	double page, period;
	double share; /* of what they could be less: 0 to 1 */
	bool known;   /* share is exact, of all large objects */
	double gaps;  /* bytes that those of the profile could be less */
};

uint64_t heap_large_sizes_gap(uint64_t class_size, uint64_t page)
{
	uint64_t apart = 1;

	if (class_size <= 8 * page || class_size > INT64_MAX)
		return 0;
	/* Four classes from each power of two, exclusive, to the next. */
	while (apart * 8 < class_size)
		apart *= 2;
	return apart > page ? apart - page : 0;
}

/* By how much the objects of a line may be less than it says: on average, and
 * each at most. */
struct gap {
	double mean, most; /* bytes */
};

/* Objects of one class have its size as their mean; else they are of several
 * classes, which are a fifth to an eighth of a size apart. */
static struct gap gap_of(double size, double page)
{
	const double apart = exp2(ceil(log2(size)) - 3);
	const double class_size = round(size / apart) * apart;
	double gap;

	if (size <= 8 * page || size >= 0x1p62)
		return (struct gap){ 0 };
	if (fabs(class_size - size) > size / 100)
		return (struct gap){ size * (1 / 5. + 1 / 8.) / 2, size / 5 };
	gap = (double)heap_large_sizes_gap((uint64_t)class_size,
					   (uint64_t)page);
	return (struct gap){ gap, gap };
}

static double seen(const struct filling *f, double size)
{
	return f->period > 1 ? -expm1(-size / f->period) : 1;
}

/* The bytes of @c when its objects, of mean size @size by their classes, are
 * less by @less. */
static double bytes_less(const struct filling *f, const struct heap_counts *c,
			 double size, double less)
{
	return c->bytes * (1 - less / size) * seen(f, size) /
	       seen(f, size - less);
}

static void correct(const struct filling *f, struct heap_counts *c)
{
	const double size = c->objects > 0 ? c->bytes / c->objects : 0;
	const struct gap gap = gap_of(size, f->page);
	double least = 0, most = gap.most, n = c->objects, less, bytes, off;

	if (!gap.most)
		return;
	less = f->share * gap.mean;
	if (f->known) {
		/* The others cannot be less by more than all their gaps, nor
		 * by less than nothing. */
		n = fmin(n, f->gaps / gap.mean);
		least = fmax(0,
			     less - (1 - f->share) * (f->gaps / n - gap.mean));
		most = fmin(most, f->share * f->gaps / n);
	}
	bytes = bytes_less(f, c, size, less);
	off = bytes_less(f, c, size, least) - bytes_less(f, c, size, most);
	c->objects *= seen(f, size) / seen(f, size - less);
	c->bytes_variance *= pow(bytes / c->bytes, 2);
	c->bytes_variance += off * off / 12; /* of equal chance in between */
	c->bytes = bytes;
}

/* Without the exact numbers: by what jemalloc has allocated, in small and large
 * objects, if the profile is above it. */
static double guess(const struct filling *f, const struct heap_profile *p,
		    const struct heap_meta *meta)
{
	double could = 0, size;
	size_t i;

	for (i = 0; i < p->n_stacks; i++) {
		const struct heap_counts *c = &p->stacks[i].inuse;

		size = c->objects > 0 ? c->bytes / c->objects : 0;
		if (size > 0)
			could += c->bytes -
				 bytes_less(f, c, size,
					    gap_of(size, f->page).mean);
	}
	if (meta->allocated < 0 || could <= 0)
		return 0.5;
	return fmin(1, fmax(0, (p->total.bytes - (double)meta->allocated +
				fmax(0, (double)meta->tcache)) /
				       could));
}

static bool is_known(const struct heap_meta *meta)
{
	return meta->large_classes == 0 && meta->large_allocated >= 0 &&
	       meta->large_least >= 0 && meta->large_most > meta->large_least;
}

/* The share of what they could be less than their classes. */
static double known_share(const struct heap_meta *meta)
{
	const double most = (double)meta->large_most;

	return fmin(1, fmax(0, (most - (double)meta->large_allocated) /
				       (most - (double)meta->large_least)));
}

int64_t heap_large_sizes_bytes(const struct heap_meta *meta,
			       uint64_t class_size, int64_t n)
{
	const uint64_t page = meta->page > 0 ? (uint64_t)meta->page
					     : USUAL_PAGE;
	double less = 0;

	if (is_known(meta))
		less = known_share(meta) *
		       (double)heap_large_sizes_gap(class_size, page);
	return n * (int64_t)class_size - llround((double)n * less);
}

/* False: sizes are as the profile has them. */
static bool filling_of(const struct heap_profile *p,
		       const struct heap_meta *meta, struct filling *f)
{
	double gaps = 0;
	size_t i;

	*f = (struct filling){
		.page = meta->page > 0 ? (double)meta->page : USUAL_PAGE,
		.period = (double)p->sample_period,
	};
	if (p->kind != HEAP_LIVE || meta->large_classes == 1 ||
	    (meta->large_classes < 0 && !heap_meta_is_recent(meta)))
		return false;
	for (i = 0; i < p->n_stacks; i++) {
		const struct heap_counts *c = &p->stacks[i].inuse;

		if (c->objects > 0)
			f->gaps += c->objects *
				   gap_of(c->bytes / c->objects, f->page).mean;
	}
	f->known = is_known(meta);
	f->share = f->known ? known_share(meta) : guess(f, p, meta);
	/* The profile may lack objects, whose sizes are counted. */
	if (f->known)
		gaps = (double)(meta->large_most - meta->large_least);
	if (f->gaps < 0.9 * gaps)
		f->gaps = gaps;
	return true;
}

void heap_large_sizes_correct(struct heap_profile *p,
			      const struct heap_meta *meta)
{
	struct filling f;
	size_t i;

	if (!filling_of(p, meta, &f))
		return;
	p->total = (struct heap_counts){ 0 };
	for (i = 0; i < p->n_stacks; i++) {
		correct(&f, &p->stacks[i].inuse);
		heap_counts_add(&p->total, &p->stacks[i].inuse);
	}
	for (i = 0; p->allocated && i < p->n_stacks; i++)
		correct(&f, &p->allocated[i]);
	for (i = 0; i < p->n_parts; i++) {
		correct(&f, &p->parts[i].inuse);
		correct(&f, &p->parts[i].allocated);
	}
}
