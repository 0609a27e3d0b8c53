/* Memory of mappings, page by page: what each bit counts for, how pages of
 * zeros are taken out again, and that the kernel's own sums are the same. */
#include "proc/resident.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "proc/file.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/smaps_text.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define BIT(n) (UINT64_C(1) << (n))

START_TEST(every_bit)
{
	static const uint64_t entries[] = {
		0,
		BIT(63) | BIT(56) | 1, /* anonymous, ours alone */
		BIT(63) | 2,	       /* anonymous, also a child's */
		BIT(63) | BIT(61),     /* of a file */
		BIT(63) | BIT(61) | BIT(56),
		BIT(62) | 7, /* swapped out */
		BIT(55),     /* soft-dirty means nothing */
	};
	struct resident_count c = { 0 };

	resident_count_add(&c, entries, ARRAY_SIZE(entries), false);
	ck_assert_uint_eq(c.present, 4);
	ck_assert_uint_eq(c.anonymous, 2);
	ck_assert_uint_eq(c.shared, 1);
	ck_assert_uint_eq(c.swapped, 1);
	ck_assert_uint_eq(c.file_shared, 1);
	resident_count_add(&c, entries, ARRAY_SIZE(entries), true);
	ck_assert_uint_eq(c.present, 6);
	ck_assert_uint_eq(c.anonymous, 4);
	ck_assert_uint_eq(c.shared, 2);
	ck_assert_uint_eq(c.swapped, 2);
}
END_TEST

/* Pages of two mappings, how many of all are anonymous; what is left. */
static const struct zeros_case {
	struct resident_count before[2];
	uint64_t anon, after[2];
} zeros[] = {
	{ { { 10, 10, 0, 0, 0 }, { 30, 30, 20, 0, 0 } }, 40, { 10, 30 } },
	{ { { 10, 10, 0, 0, 0 }, { 30, 30, 20, 0, 0 } }, 25, { 10, 15 } },
	{ { { 10, 10, 0, 0, 0 }, { 30, 30, 20, 0, 0 } }, 5, { 10, 10 } },
	{ { { 10, 10, 10, 0, 0 }, { 30, 30, 30, 0, 0 } }, 20, { 5, 15 } },
	{ { { 10, 5, 5, 0, 0 }, { 30, 0, 0, 0, 0 } }, 3, { 8, 30 } },
	{ { { 10, 10, 0, 0, 0 }, { 30, 30, 0, 0, 0 } }, 5, { 10, 30 } },
	{ { { 10, 10, 10, 0, 0 }, { 0, 0, 0, 0, 0 } }, 100, { 10, 0 } },
};

START_TEST(pages_of_zeros)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(zeros); i++) {
		struct resident_count counts[2];

		memcpy(counts, zeros[i].before, sizeof(counts));
		resident_take_zeros(counts, 2, zeros[i].anon);
		ck_assert_msg(counts[0].present == zeros[i].after[0] &&
				      counts[1].present == zeros[i].after[1],
			      "case %zu: %" PRIu64 ", %" PRIu64, i,
			      counts[0].present, counts[1].present);
	}
}
END_TEST

static const struct smap *find(const struct smaps *s, const void *at)
{
	const struct mapping *m = maps_find(&s->maps, (uintptr_t)at);

	ck_assert_ptr_nonnull(m);
	return &s->items[m - s->maps.items];
}

/* A mapping with guards of its own. */
static volatile char *map(size_t size)
{
	char *p = mmap(NULL, size + (2 << 20), PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	p += 1 << 20;
	ck_assert_int_eq(mprotect(p, size, PROT_READ | PROT_WRITE), 0);
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static void read_smaps(struct smaps *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	hs_ck_ok(file_read_proc("/proc/self/smaps", &text, &len));
	smaps_from_text(text, ret);
}

START_TEST(own_process)
{
	enum { MIB = 1 << 20, ALL = 600 * MIB };
	volatile char *part = map(ALL), *untouched = map(64 * MIB);
	volatile char *zeros_only = map(64 * MIB);
	struct smaps s, truth;
	size_t i;

	for (i = 0; i < 48 * MIB; i += 4096) {
		part[ALL - 1 - i] = 1; /* in the third piece that is read */
		(void)zeros_only[i];
	}
	hs_ck_ok(resident_read(getpid(), &s));
	read_smaps(&truth);
	ck_assert_uint_eq(find(&s, (const void *)part)->rss, 48 * MIB);
	ck_assert_uint_eq(find(&s, (const void *)untouched)->rss, 0);
	/* The kernel's count of anonymous pages is off by some, and a
	 * sanitizer's memory has zero pages of its own. A kernel of some
	 * virtual machines maps no page of zeros, but makes one of each. */
	ck_assert_uint_le(find(&s, (const void *)zeros_only)->rss,
			  find(&truth, (const void *)zeros_only)->rss +
				  4 * MIB);
	smaps_release(&s);
	smaps_release(&truth);
}
END_TEST

static int64_t rss_of(const struct smaps *s, const struct mapping *m)
{
	const struct mapping *same = maps_find(&s->maps, m->start);

	if (!same || same->start != m->start || same->end != m->end)
		return -1;
	return (int64_t)s->items[same - s->maps.items].rss;
}

/* The other way that the kernel counts, before and after: what a sanitizer has
 * for itself grows meanwhile. */
START_TEST(as_smaps_says)
{
	enum { OFF = 65536 };
	struct smaps s, before, after;
	size_t i;

	read_smaps(&before);
	hs_ck_ok(resident_read(getpid(), &s));
	read_smaps(&after);
	for (i = 0; i < before.n; i++) {
		const struct mapping *m = &before.maps.items[i];
		int64_t low = (int64_t)before.items[i].rss;
		int64_t got = rss_of(&s, m), high = rss_of(&after, m);

		if (got < 0 || high < 0)
			continue;
		ck_assert_msg(got >= low - OFF && got <= high + OFF,
			      "'%s' at %" PRIx64 ": %lld, not %lld to %lld",
			      m->path, m->start, (long long)got, (long long)low,
			      (long long)high);
	}
	smaps_release(&s);
	smaps_release(&before);
	smaps_release(&after);
}
END_TEST

int main(void)
{
	return hs_check_run("proc/resident", every_bit, pages_of_zeros,
			    own_process, as_smaps_says);
}
