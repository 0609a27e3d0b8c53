/* Which anonymous memory is jemalloc's: decided by the sizes of mappings when
 * there is one answer, left open when there is none or several; and how
 * mappings are summed up. */
#include "target/memory_use.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "heap/memory_part.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/smaps_text.h"

/* Sizes in MiB of anonymous mappings, each with half of it in memory; what
 * jemalloc owns; what is then jemalloc's, mmap's and undecided. */
static const struct owner_case {
	int64_t sizes[8];
	int64_t owned, jemalloc, mmap, undecided;
} owners[] = {
	{ { 2, 8, 30 }, 40, 40, 0, 0 },
	{ { 2, 8, 30 }, 45, 40, 0, 0 },
	{ { 2, 8, 30 }, -1, 0, 0, 40 },
	{ { 2, 8, 30 }, 10, 10, 30, 0 },
	{ { 2, 8, 30 }, 32, 32, 8, 0 },
	{ { 2, 8, 30, 70 }, 40, 40, 70, 0 },
	{ { 2, 8, 30, 70 }, 72, 72, 38, 0 },	 /* two of them */
	{ { 2, 8, 31, 70, 90 }, 70, 0, 0, 201 }, /* four: not searched for */
	{ { 1, 8, 30 }, 38, 38, 1, 0 }, /* jemalloc's are not so small */
	{ { 1, 8, 30 }, 8, 8, 31, 0 },
	{ { 8, 8, 30 }, 38, 0, 0, 46 }, /* which of the two? */
	{ { 8, 30 }, 20, 0, 0, 38 },	/* one is both's */
	{ { 1, 8, 30 }, 20, 0, 1, 38 },
};

static struct usage make_usage(const int64_t *sizes, size_t n)
{
	struct strbuf text = { 0 };
	struct smaps smaps = { 0 };
	uint64_t at = 0x100000;
	struct usage u;
	size_t i;

	for (i = 0; i < n && sizes[i]; i++) {
		uint64_t size = (uint64_t)sizes[i] << 20;

		strbuf_addf(&text,
			    "%" PRIx64 "-%" PRIx64 " rw-p 0 00:00 0 \n"
			    "Rss: %" PRIu64 " kB\n",
			    at, at + size, size / 2048);
		at += size + 4096;
	}
	smaps_from_text(strbuf_str(&text), &smaps);
	hs_ck_ok(usage_make(&smaps, NULL, 0, &u));
	strbuf_release(&text);
	return u;
}

static int64_t size_of(const struct heap_meta *o, enum heap_memory_kind kind)
{
	size_t i;

	for (i = 0; i < o->n_memory; i++) {
		const struct heap_memory *m = &o->memory[i];

		if (m->kind == kind) {
			ck_assert_int_eq(m->rss * 2, m->size);
			return m->size >> 20;
		}
	}
	return 0;
}

START_TEST(whose_it_is)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		const struct owner_case *c = &owners[i];
		struct usage u = make_usage(c->sizes, ARRAY_SIZE(c->sizes));
		struct heap_meta o;
		int64_t jemalloc, mmap, undecided;

		heap_meta_init(&o);
		o.owned = c->owned < 0 ? -1 : c->owned << 20;
		hs_ck_ok(memory_use_add(&u, NULL, &o));
		jemalloc = size_of(&o, HEAP_MEMORY_JEMALLOC);
		mmap = size_of(&o, HEAP_MEMORY_MMAP);
		undecided = size_of(&o, HEAP_MEMORY_UNDECIDED);
		ck_assert_msg(jemalloc == c->jemalloc && mmap == c->mmap &&
				      undecided == c->undecided,
			      "case %zu: jemalloc %lld, mmap %lld, "
			      "undecided %lld",
			      i, (long long)jemalloc, (long long)mmap,
			      (long long)undecided);
		usage_release(&u);
		heap_meta_release(&o);
	}
}
END_TEST

START_TEST(files_are_summed_up)
{
	struct strbuf text = { 0 };
	struct smaps smaps = { 0 };
	struct heap_meta o;
	struct usage u;
	unsigned i;

	/* Twelve files of 1 to 12 pages, two mappings each. */
	for (i = 0; i < 24; i++)
		strbuf_addf(&text, "%x-%x r--s 0 fe:00 %u /f%02u\nRss: %u kB\n",
			    0x100000 * (i + 1), 0x100000 * (i + 1) + 0x10000,
			    i % 12 + 1, i % 12, (i % 12 + 1) * 4);
	smaps_from_text(strbuf_str(&text), &smaps);
	hs_ck_ok(usage_make(&smaps, NULL, 0, &u));
	heap_meta_init(&o);
	o.owned = 0;
	hs_ck_ok(memory_use_add(&u, NULL, &o));
	usage_release(&u); /* the result does not need it any more */
	ck_assert_uint_eq(o.n_memory, 9);
	for (i = 0; i < 8; i++) {
		char path[8];

		snprintf(path, sizeof(path), "/f%02u", 11 - i);
		ck_assert_int_eq(o.memory[i].kind, HEAP_MEMORY_FILE);
		ck_assert_str_eq(o.memory[i].path, path);
		ck_assert_int_eq(o.memory[i].mappings, 2);
		ck_assert_int_eq(o.memory[i].rss, (12 - i) * 8192);
		ck_assert_int_eq(o.memory[i].size, 0x20000);
	}
	ck_assert_ptr_null(o.memory[8].path);
	ck_assert_int_eq(o.memory[8].mappings, 8);
	ck_assert_int_eq(o.memory[8].rss, (1 + 2 + 3 + 4) * 8192);
	heap_meta_release(&o);
	strbuf_release(&text);
}
END_TEST

/* 40 MiB of three mappings are jemalloc's by its records, the rest is not, when
 * these describe about all that it says it has; else it is not known. */
START_TEST(by_records)
{
	static const int64_t sizes[8] = { 2, 8, 70 };
	struct heap_share shares[] = { { .size = 2 << 20, .rss = 1 << 20 },
				       { 0 },
				       { .size = 38 << 20, .rss = 19 << 20 } };
	const struct heap_use heap = {
		.shares = shares,
		.size = 40 << 20,
		.rss = { [HEAP_EXTENT_ACTIVE] = 12 << 20,
			 [HEAP_EXTENT_DIRTY] = 3 << 20,
			 [HEAP_EXTENT_RETAINED] = 4 << 20,
			 [HEAP_USE_OWN] = 1 << 20 },
	};
	struct usage u = make_usage(sizes, 8);
	struct heap_meta o;

	heap_meta_init(&o);
	o.owned = 43 << 20; /* 3 MiB came after the records were read */
	hs_ck_ok(memory_use_add(&u, &heap, &o));
	ck_assert_int_eq(size_of(&o, HEAP_MEMORY_JEMALLOC), 40);
	ck_assert_int_eq(size_of(&o, HEAP_MEMORY_MMAP), 40);
	ck_assert_int_eq(size_of(&o, HEAP_MEMORY_UNDECIDED), 0);
	ck_assert_int_eq(o.active_rss, 12 << 20);
	ck_assert_int_eq(o.dirty_rss, 3 << 20);
	ck_assert_int_eq(o.muzzy_rss, 0);
	ck_assert_int_eq(o.retained_rss, 4 << 20);
	ck_assert_int_eq(o.metadata_rss, 1 << 20);
	heap_meta_release(&o);
	heap_meta_init(&o);
	o.owned = 50 << 20;
	hs_ck_ok(memory_use_add(&u, &heap, &o));
	ck_assert_int_eq(size_of(&o, HEAP_MEMORY_UNDECIDED), 80);
	ck_assert_int_eq(o.active_rss, -1);
	heap_meta_release(&o);
	usage_release(&u);
}
END_TEST

/* Of 40 MiB of anonymous memory 10 are shared by two processes: of one of its
 * mappings, and there they count half. */
START_TEST(shared_with_others)
{
	static const int64_t sizes[8] = { 20, 60 };
	struct usage u = make_usage(sizes, 8);
	struct heap_meta o;

	u.pss = calloc(1, sizeof(*u.pss));
	u.pss->anon = 35 << 20;
	u.smaps.items[0].anonymous = u.smaps.items[0].rss;
	u.smaps.items[1].anonymous = u.smaps.items[1].rss;
	u.smaps.items[1].anon_shared = 10 << 20;
	heap_meta_init(&o);
	o.owned = 60 << 20;
	hs_ck_ok(memory_use_add(&u, NULL, &o));
	ck_assert_int_eq(o.pss, 35 << 20);
	ck_assert_uint_eq(o.n_memory, 2);
	ck_assert_int_eq(o.memory[0].kind, HEAP_MEMORY_JEMALLOC);
	ck_assert_int_eq(o.memory[0].rss, 30 << 20);
	ck_assert_int_eq(o.memory[0].pss, 25 << 20);
	ck_assert_int_eq(o.memory[1].pss, 10 << 20);
	heap_meta_release(&o);
	usage_release(&u);
}
END_TEST

int main(void)
{
	return hs_check_run("target/memory_use", whose_it_is, by_records,
			    shared_with_others, files_are_summed_up);
}
