/*
 * The maps of a dump: each form of line gives its range, offset and path, and
 * what is none is refused; lines in any order, which overlap, are put in order
 * by the rule of maps_order.h, which an independent one that goes address by
 * address confirms on maps at random.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/words.h"
#include "heap/format/maps_line.h"
#include "heap/format/maps_order.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/sampling.h"

struct form {
	const char *line, *path;
	uint64_t start, end, offset;
	bool exec, based;
};

static const struct form forms[] = {
	{ "1000-2000 r-xp 00026000 fe:00 33 /a b", "/a b", 0x1000, 0x2000,
	  0x26000, true, false },
	{ "1000-2000 rw-- 00000000 00:00 33 /dev/zero (deleted)",
	  "/dev/zero (deleted)", 0x1000, 0x2000, 0, false, false },
	{ "1000-2000 r--- 00000000 00:00 33  /x", "/x", 0x1000, 0x2000, 0,
	  false, false },
	{ "\t0x1000-0x2000\tr-xp\t0\tfe:00\t1\t/a\t", "/a", 0x1000, 0x2000, 0,
	  true, false },
	{ "1000-2000 rw-p 00000000 00:00 0", "", 0x1000, 0x2000, 0, false,
	  false },
	{ "1000-2000: /a b", "/a b", 0x1000, 0x2000, 0, true, true },
	{ "1000-2000: C:\\a.dll", "C:\\a.dll", 0x1000, 0x2000, 0, true, true },
	{ "1000-2000: ab", "ab", 0x1000, 0x2000, 0, true, true },
	{ "1000-2000 r-xp 0 0:0 0 C:\\a b\\s.exe", "C:\\a b\\s.exe", 0x1000,
	  0x2000, 0, true, false },
	{ "1000-2000 $build/x", "$build/x", 0x1000, 0x2000, 0, true, true },
	{ "1000-2000 x.so", "x.so", 0x1000, 0x2000, 0, true, true },
	{ "1000 2000 r-x /a", "/a", 0x1000, 0x2000, 0, true, true },
	{ "1000 2000 /a", "/a", 0x1000, 0x2000, 0, true, true },
	{ "1000-2000 rw- /a", "/a", 0x1000, 0x2000, 0, false, true },
	{ "1000-2000 r-xp /a (@3f0)", "/a", 0x1000, 0x2000, 0x3f0, true,
	  false },
	{ "1000-2000: /a (@b) (@3f0) 1f2e", "/a (@b)", 0x1000, 0x2000, 0x3f0,
	  true, false },
	{ "1000-2000: /a (@3f0) x y", "/a (@3f0) x y", 0x1000, 0x2000, 0, true,
	  true },
	{ "0x1000 0x2000 1 0 0xf8 r-x 2 1 0x1 COW NC vnode /a b NCH -1", "/a b",
	  0x1000, 0x2000, 0, true, true },
	{ "0x1000 0x2000 1 0 0xf8 rw- 2 1 0x1 COW NC default - CH 1001", "",
	  0x1000, 0x2000, 0, false, true },
	{ "I01 2:3 7 a.cc:12] 1000-2000: /a", "/a", 0x1000, 0x2000, 0, true,
	  true },
};

static struct word word_of(const char *s)
{
	return (struct word){ s, strlen(s) };
}

START_TEST(forms_of_lines)
{
	const struct form *f;
	struct mapping m;
	struct word path;
	bool based;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		f = &forms[i];
		ck_assert_msg(heap_maps_line(word_of(f->line), &m, &path,
					     &based),
			      "'%s' is refused", f->line);
		ck_assert_msg(word_is(path, f->path), "'%s': path '%.*s'",
			      f->line, (int)path.len, path.s);
		ck_assert_uint_eq(m.start, f->start);
		ck_assert_uint_eq(m.end, f->end);
		ck_assert_uint_eq(m.offset, f->offset);
		ck_assert_msg(m.exec == f->exec, "'%s'", f->line);
		ck_assert_msg(based == f->based, "'%s'", f->line);
	}
}
END_TEST

START_TEST(no_mappings)
{
	static const char *const lines[] = {
		"",
		"MAPPED",
		"1000",
		"1000-",
		"1000-2000z r-xp 0 0:0 0 /a",
		"2000-1000 r-xp 0 0:0 0 /a",
		"1000-1000 r-xp 0 0:0 0 /a",
		"1000-10000000000000000 r-xp 0 0:0 0 /a",
		"1000-2000-3000 r-xp",
		"1000-2000 what is this",
		"x1000-2000: /a",
		"1000: 2000 [0: 0]",
		"[x:12] 1000-2000: /a",
		"a.cc:] 1000-2000: /a",
	};
	struct mapping m;
	struct word path;
	bool based;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		ck_assert_msg(!heap_maps_line(word_of(lines[i]), &m, &path,
					      &based),
			      "'%s' is a mapping", lines[i]);
}
END_TEST

/* @m has precedence over @than. */
static bool precedes(const struct mapping *m, const struct mapping *than)
{
	if (m->exec != than->exec)
		return m->exec;
	if (m->start != than->start)
		return m->start > than->start;
	if (m->end != than->end)
		return m->end < than->end;
	return strcmp(m->path, than->path) > 0;
}

/* The rule, at one address. */
static const struct mapping *owner(const struct mapping *items, size_t n,
				   uint64_t address)
{
	const struct mapping *best = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (address >= items[i].start && address < items[i].end &&
		    (!best || precedes(&items[i], best)))
			best = &items[i];
	return best;
}

enum { RANGE = 64, MOST = 12 };

static size_t make_maps(uint64_t *state, struct mapping *items)
{
	static const char *const paths[MOST] = { "/a", "/b", "/c", "/d",
						 "/e", "/f", "/g", "/h",
						 "/i", "/j", "/k", "/l" };
	const size_t n = splitmix64(state) % MOST + 1;
	size_t i;

	for (i = 0; i < n; i++) {
		struct mapping *m = &items[i];

		*m = (struct mapping){ .path = paths[i] };
		m->start = splitmix64(state) % RANGE;
		m->end = m->start + 1 + splitmix64(state) % RANGE;
		m->exec = splitmix64(state) % 2;
		m->offset = splitmix64(state) % RANGE;
	}
	return n;
}

static bool code_overlaps(const struct mapping *items, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (items[i].exec && items[j].exec &&
			    items[i].start < items[j].end &&
			    items[j].start < items[i].end)
				return true;
	return false;
}

/* @got, what is left of @want, stands for the same byte at @at. */
static bool same(const struct mapping *want, const struct mapping *got,
		 uint64_t at)
{
	if (!want || !got)
		return want == got;
	return want->exec == got->exec && want->path == got->path &&
	       at - want->start + want->offset == at - got->start + got->offset;
}

/* Check writes a file at each of its assertions, so that there are few. */
static void check_order(const struct mapping *items, size_t n)
{
	struct maps maps = { 0 };
	bool doubtful, ordered = true;
	uint64_t where, at;
	size_t i;

	maps.items = calloc(n, sizeof(*maps.items));
	ck_assert_ptr_nonnull(maps.items);
	memcpy(maps.items, items, n * sizeof(*items));
	maps.n = maps.cap = n;
	hs_ck_ok(heap_maps_order(&maps, &doubtful, &where));
	ck_assert(doubtful == code_overlaps(items, n));
	for (i = 1; i < maps.n; i++)
		ordered &= maps.items[i - 1].end <= maps.items[i].start;
	ck_assert(ordered);
	for (at = 0; at < (uint64_t)2 * RANGE + 2; at++)
		if (!same(owner(items, n, at), maps_find(&maps, at), at))
			ck_abort_msg("at %" PRIu64, at);
	maps_release(&maps);
}

START_TEST(any_order)
{
	struct mapping items[MOST];
	uint64_t state = 1;
	size_t i;

	for (i = 0; i < 20000; i++)
		check_order(items, make_maps(&state, items));
}
END_TEST

/* A file made to be slow: each mapping within the one before. */
START_TEST(nested)
{
	enum { N = 200000 };
	struct maps maps = { 0 };
	bool doubtful;
	uint64_t where;
	size_t i;

	maps.items = calloc(N, sizeof(*maps.items));
	ck_assert_ptr_nonnull(maps.items);
	for (i = 0; i < N; i++)
		maps.items[i] = (struct mapping){
			.path = "/a",
			.start = i,
			.end = (uint64_t)3 * N - i,
			.exec = i % 2,
			.offset = 7 * i,
		};
	maps.n = maps.cap = N;
	hs_ck_ok(heap_maps_order(&maps, &doubtful, &where));
	ck_assert(doubtful);
	ck_assert_uint_eq(where, 3);
	ck_assert_uint_le(maps.n, 2 * N);
	maps_release(&maps);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/format/maps", forms_of_lines, no_mappings,
			    any_order, nested);
}
