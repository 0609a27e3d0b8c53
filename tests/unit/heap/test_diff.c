/* Diffs: stacks are the same by build-id or path and file offset, across a
 * restart too; code without either only within one process; each stack is in
 * the diff once; and it is linear. */
#include "heap/diff.h"

#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/strbuf.h"
#include "heap/format/read.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

#define STACK(addresses, bytes)                        \
	"@ " addresses "\n  t*: 1: " bytes " [0: 0]\n" \
	"  t0: 1: " bytes " [0: 0]\n"
#define HEADER "heap_v2/1\n  t*: 0: 0 [0: 0]\n"
#define MAPS "\nMAPPED_LIBRARIES:\n"

static struct heap_profile read_text(const char *text)
{
	struct heap_profile p;

	hs_ck_ok(heap_read(text, strlen(text), "x.heap", &p));
	return p;
}

/* Marks @index in @seen; false: it is out of range or seen before. */
static bool see(bool *seen, size_t n, uint32_t index)
{
	if (index == HEAP_NO_STACK)
		return true;
	if (index >= n || seen[index])
		return false;
	seen[index] = true;
	return true;
}

/* How many stacks were found on both sides. Each is in the diff once. */
static size_t diff_pairs(const struct heap_profile *a,
			 const struct heap_profile *b)
{
	bool *before = calloc(a->n_stacks + 1, 1);
	bool *after = calloc(b->n_stacks + 1, 1);
	struct heap_diff diff;
	size_t i, pairs = 0, bad = 0;

	hs_ck_ok(heap_diff(a, b, &diff));
	for (i = 0; i < diff.n_stacks; i++) {
		const struct heap_diff_stack *s = &diff.stacks[i];

		/* Check's own assertions would take seconds here. */
		bad += !see(before, a->n_stacks, s->before);
		bad += !see(after, b->n_stacks, s->after);
		bad += s->before == HEAP_NO_STACK && s->after == HEAP_NO_STACK;
		pairs += s->before != HEAP_NO_STACK &&
			 s->after != HEAP_NO_STACK;
	}
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_eq(diff.n_stacks, a->n_stacks + b->n_stacks - pairs);
	heap_diff_release(&diff);
	free(before);
	free(after);
	return pairs;
}

static size_t text_pairs(const char *before, const char *after)
{
	struct heap_profile a = read_text(before), b = read_text(after);
	size_t pairs = diff_pairs(&a, &b);

	heap_profile_release(&a);
	heap_profile_release(&b);
	return pairs;
}

START_TEST(new_gone_and_changed)
{
	static const char maps[] = MAPS "1000-2000 r-xp 0 fe:00 1 /app\n";
	struct strbuf before = { 0 }, after = { 0 };
	struct heap_profile a, b;
	struct heap_diff diff;

	strbuf_adds(&before, HEADER STACK("0x1001 0x1010", "100")
				     STACK("0x1002 0x1010", "200")
					     STACK("0x1003 0x1010", "300"));
	strbuf_adds(&before, maps);
	strbuf_adds(&after, HEADER STACK("0x1003 0x1010", "350")
				    STACK("0x1009 0x1010", "900")
					    STACK("0x1001 0x1010", "100"));
	strbuf_adds(&after, maps);
	a = read_text(before.buf);
	b = read_text(after.buf);
	hs_ck_ok(heap_diff(&a, &b, &diff));
	ck_assert_ptr_eq(diff.before, &a);
	ck_assert_ptr_eq(diff.after, &b);
	ck_assert_uint_eq(diff.n_stacks, 4);
	ck_assert_uint_eq(diff.stacks[0].before, 2);
	ck_assert_uint_eq(diff.stacks[0].after, 0);
	ck_assert_uint_eq(diff.stacks[1].before, HEAP_NO_STACK);
	ck_assert_uint_eq(diff.stacks[1].after, 1);
	ck_assert_uint_eq(diff.stacks[2].before, 0);
	ck_assert_uint_eq(diff.stacks[2].after, 2);
	ck_assert_uint_eq(diff.stacks[3].before, 1);
	ck_assert_uint_eq(diff.stacks[3].after, HEAP_NO_STACK);
	heap_diff_release(&diff);
	heap_profile_release(&a);
	heap_profile_release(&b);
	strbuf_release(&before);
	strbuf_release(&after);
}
END_TEST

START_TEST(empty_sides)
{
	static const char empty[] = HEADER;
	static const char one[] = HEADER STACK("0x1", "8") STACK("0x2", "8");

	ck_assert_uint_eq(text_pairs(empty, empty), 0);
	ck_assert_uint_eq(text_pairs(empty, one), 0);
	ck_assert_uint_eq(text_pairs(one, empty), 0);
	ck_assert_uint_eq(text_pairs(one, one), 2);
}
END_TEST

/* Stacks that differ only in depth, order or the frames of another stack. */
START_TEST(whole_stacks_are_compared)
{
	ck_assert_uint_eq(text_pairs(HEADER STACK("0x1 0x5 0x9", "8"),
				     HEADER STACK("0x1 0x5", "8")
					     STACK("0x1 0x9 0x5", "8")
						     STACK("0x1", "8")),
			  0);
}
END_TEST

/* Two runs of one program: every address is another one, every stack the
 * same, and one of them grew by 5,000 objects of 112 bytes. */
START_TEST(restart)
{
	struct heap_profile a, b;
	struct heap_diff diff;
	size_t i, grown = 0;

	hs_ck_ok(heap_read_file("tests/data/jemalloc-5.3.0-exact.heap", &a));
	hs_ck_ok(heap_read_file(
		"tests/data/jemalloc-5.3.0-exact-restarted.heap", &b));
	ck_assert_uint_eq(diff_pairs(&a, &b), 7);
	hs_ck_ok(heap_diff(&a, &b, &diff));
	for (i = 0; i < diff.n_stacks; i++) {
		const struct heap_counts *x =
			&a.stacks[diff.stacks[i].before].inuse;
		const struct heap_counts *y =
			&b.stacks[diff.stacks[i].after].inuse;

		if (x->objects == y->objects && x->bytes == y->bytes)
			continue;
		grown++;
		ck_assert_double_eq(y->objects - x->objects, 5000);
		ck_assert_double_eq(y->bytes - x->bytes, 560000);
	}
	ck_assert_uint_eq(grown, 1);
	heap_diff_release(&diff);
	heap_profile_release(&a);
	heap_profile_release(&b);
}
END_TEST

#define APP_AT_1                                \
	HEADER STACK("0x1001 0x1011", "8") MAPS \
		"1000-2000 r-xp 0 fe:00 1 /app\n"
#define APP_AT_5                                \
	HEADER STACK("0x5001 0x5011", "8") MAPS \
		"5000-6000 r-xp 0 fe:00 2 /app\n"
#define OTHER_AT_5                              \
	HEADER STACK("0x5001 0x5011", "8") MAPS \
		"5000-6000 r-xp 0 fe:00 2 /new\n"
#define MODULE(id, path)                                     \
	"# heapsnap 1\n# heapsnap module 0 " id " 0 - " path \
	"\n# heapsnap end\n"

/* The build-id decides where both have one, the path otherwise; device and
 * inode never do. */
START_TEST(modules_by_build_id_or_path)
{
	ck_assert_uint_eq(text_pairs(APP_AT_1, APP_AT_5), 1);
	ck_assert_uint_eq(text_pairs(APP_AT_1, OTHER_AT_5), 0);
	ck_assert_uint_eq(text_pairs(APP_AT_1 MODULE("ab", "/app"),
				     OTHER_AT_5 MODULE("ab", "/new")),
			  1);
	ck_assert_uint_eq(text_pairs(APP_AT_1 MODULE("ab", "/app"),
				     APP_AT_5 MODULE("cd", "/app")),
			  0);
	ck_assert_uint_eq(text_pairs(APP_AT_1 MODULE("ab", "/app"), APP_AT_5),
			  1);
	ck_assert_uint_eq(text_pairs(APP_AT_1, APP_AT_5 MODULE("ab", "/app")),
			  1);
	ck_assert_uint_eq(text_pairs(APP_AT_1 MODULE("ab", "/app"), OTHER_AT_5),
			  0);
}
END_TEST

/* Not by where a segment is mapped, but by what it maps. */
START_TEST(file_offset_counts)
{
	ck_assert_uint_eq(text_pairs(APP_AT_1,
				     HEADER STACK("0x5001 0x5011", "8") MAPS
				     "5000-6000 r-xp 1000 fe:00 2 /app\n"),
			  0);
	ck_assert_uint_eq(
		text_pairs(APP_AT_1, HEADER STACK("0x4001 0x4011", "8") MAPS
			   "3000-6000 r-xp fffffffffffff000 fe:00 2 /app\n"),
		1);
}
END_TEST

#define JIT(path)                                     \
	HEADER STACK("0x1001 0x1011", "8") MAPS       \
		"1000-2000 rwxp 0 00:01 5 " path "\n" \
		"7000-8000 r-xp 0 00:00 0 [vdso]\n"
#define JIT_OTHER_VDSO(path)                          \
	HEADER STACK("0x1001 0x1011", "8") MAPS       \
		"1000-2000 rwxp 0 00:01 5 " path "\n" \
		"9000-a000 r-xp 0 00:00 0 [vdso]\n"
#define PROCESS(pid, start, host)                                            \
	"# heapsnap 1\n# heapsnap pid " pid "\n# heapsnap start-time " start \
	"\n# heapsnap host " host "\n# heapsnap end\n"

/* Code that is in no file has only its address, good in one process. */
START_TEST(addresses_within_one_process)
{
	static const char one[] = JIT("") PROCESS("7", "100", "h");

	ck_assert_uint_eq(text_pairs(one, one), 1);
	ck_assert_uint_eq(text_pairs(one, JIT("") PROCESS("8", "100", "h")), 0);
	ck_assert_uint_eq(text_pairs(one, JIT("") PROCESS("7", "101", "h")), 0);
	ck_assert_uint_eq(text_pairs(one, JIT("") PROCESS("7", "100", "i")), 0);
	/* The process is not known: the vdso's address decides. */
	ck_assert_uint_eq(text_pairs(JIT(""), JIT("")), 1);
	ck_assert_uint_eq(text_pairs(one, JIT("")), 1);
	ck_assert_uint_eq(text_pairs(JIT(""), JIT_OTHER_VDSO("")), 0);
	ck_assert_uint_eq(text_pairs(JIT("[anon:code]"),
				     JIT_OTHER_VDSO("[anon:code]")),
			  0);
	/* No maps at all on either side. */
	ck_assert_uint_eq(text_pairs(HEADER STACK("0x1 0x2", "8"),
				     HEADER STACK("0x1 0x2", "8")),
			  1);
	/* And on one of them only. */
	ck_assert_uint_eq(
		text_pairs(JIT(""), HEADER STACK("0x1001 0x1011", "8")), 0);
}
END_TEST

/* Memory that has the form of a file but is none. */
START_TEST(shared_memory_is_no_file)
{
	ck_assert_uint_eq(text_pairs(JIT("/memfd:jit (deleted)"),
				     JIT("/memfd:jit (deleted)")),
			  1);
	ck_assert_uint_eq(text_pairs(JIT("/memfd:jit (deleted)"),
				     JIT_OTHER_VDSO("/memfd:jit (deleted)")),
			  0);
	ck_assert_uint_eq(text_pairs(JIT("/dev/zero (deleted)"),
				     JIT_OTHER_VDSO("/dev/zero (deleted)")),
			  0);
	ck_assert_uint_eq(text_pairs(JIT("/SYSV00000000 (deleted)"),
				     JIT_OTHER_VDSO("/SYSV00000000 "
						    "(deleted)")),
			  0);
	ck_assert_uint_eq(text_pairs(JIT("anon_inode:[x]"),
				     JIT_OTHER_VDSO("anon_inode:[x]")),
			  0);
	/* Files of other systems are files. */
	ck_assert_uint_eq(text_pairs(JIT("C:\\srv\\a.exe"),
				     JIT_OTHER_VDSO("C:\\srv\\a.exe")),
			  1);
	/* A program that was replaced on disk is still a file. */
	ck_assert_uint_eq(
		text_pairs(JIT("/app (deleted)"), JIT_OTHER_VDSO("/app")), 1);
}
END_TEST

START_TEST(the_vdso_is_a_file)
{
	ck_assert_uint_eq(text_pairs(HEADER STACK("0x7001", "8") MAPS
				     "7000-8000 r-xp 0 00:00 0 [vdso]\n",
				     HEADER STACK("0x9001", "8") MAPS
				     "9000-a000 r-xp 0 00:00 0 [vdso]\n"),
			  1);
}
END_TEST

/* A library that is loaded twice: its stacks pair one by one. */
START_TEST(equal_stacks_on_one_side)
{
	static const char twice[] = HEADER STACK("0x1001", "8")
		STACK("0x5001", "16") MAPS "1000-2000 r-xp 0 fe:00 1 /lib.so\n"
					   "5000-6000 r-xp 0 fe:00 1 /lib.so\n";
	static const char once[] = HEADER STACK("0x9001", "8") MAPS
		"9000-a000 r-xp 0 fe:00 1 /lib.so\n";
	struct heap_profile a = read_text(twice), b = read_text(twice);
	struct heap_diff diff;

	hs_ck_ok(heap_diff(&a, &b, &diff));
	ck_assert_uint_eq(diff.n_stacks, 2);
	ck_assert_uint_eq(diff.stacks[0].before, 0);
	ck_assert_uint_eq(diff.stacks[0].after, 0);
	ck_assert_uint_eq(diff.stacks[1].before, 1);
	ck_assert_uint_eq(diff.stacks[1].after, 1);
	heap_diff_release(&diff);
	heap_profile_release(&a);
	heap_profile_release(&b);
	ck_assert_uint_eq(text_pairs(twice, once), 1);
	ck_assert_uint_eq(text_pairs(once, twice), 1);
}
END_TEST

static struct heap_profile many(size_t n, bool same)
{
	struct strbuf sb = { 0 };
	struct heap_profile p;
	size_t i;

	strbuf_adds(&sb, HEADER);
	for (i = 0; i < n; i++)
		strbuf_addf(&sb,
			    "@ %#zx\n  t*: 1: 8 [0: 0]\n"
			    "  t0: 1: 8 [0: 0]\n",
			    same ? (i + 1) << 12 | 8 : i + 1);
	strbuf_adds(&sb, MAPS);
	for (i = 0; same && i < n; i++)
		strbuf_addf(&sb, "%zx-%zx r-xp 0 fe:00 1 /lib.so\n",
			    (i + 1) << 12, (i + 2) << 12);
	p = read_text(sb.buf);
	strbuf_release(&sb);
	return p;
}

/* Of 0..n-1: most ascend, as jemalloc sorts its stacks, some are left out, and
 * with @mix some change their positions. */
static size_t choose(uint32_t *list, uint32_t n, bool mix, uint64_t *state)
{
	size_t found = 0, i;
	uint32_t k;

	for (k = 0; k < n; k++) {
		*state = *state * 6364136223846793005u + 1442695040888963407u;
		if (*state >> 61)
			list[found++] = k;
	}
	for (i = 0; mix && i + 9 < found; i += 9) {
		k = list[i];
		list[i] = list[found - 1 - i];
		list[found - 1 - i] = k;
	}
	return found;
}

static struct heap_profile read_list(const uint32_t *list, size_t n)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	size_t i;

	strbuf_adds(&sb, HEADER);
	for (i = 0; i < n; i++)
		strbuf_addf(&sb,
			    "@ 0x1001 %#x 0x1002\n  t*: 1: 8 [0: 0]\n"
			    "  t0: 1: 8 [0: 0]\n",
			    0x2000 + list[i]);
	return read_text(strbuf_str(&sb));
}

static void check_lists(const uint32_t *x, size_t n_x, const uint32_t *y,
			size_t n_y)
{
	struct heap_profile a = read_list(x, n_x), b = read_list(y, n_y);
	struct heap_diff diff;
	size_t i, j, common = 0, pairs = 0;

	for (i = 0; i < n_x; i++)
		for (j = 0; j < n_y; j++)
			common += x[i] == y[j];
	ck_assert_uint_eq(diff_pairs(&a, &b), common);
	hs_ck_ok(heap_diff(&a, &b, &diff));
	for (i = 0; i < n_y; i++) {
		ck_assert_uint_eq(diff.stacks[i].after, i);
		if (diff.stacks[i].before == HEAP_NO_STACK)
			continue;
		ck_assert_uint_eq(x[diff.stacks[i].before], y[i]);
		pairs++;
	}
	ck_assert_uint_eq(pairs, common);
	heap_diff_release(&diff);
	heap_profile_release(&a);
	heap_profile_release(&b);
}

START_TEST(any_order)
{
	uint32_t x[50], y[50];
	uint64_t state = 1;
	size_t i, n_x, n_y;

	for (i = 0; i < 400; i++) {
		n_x = choose(x, 50, i & 1, &state);
		n_y = choose(y, 50, i & 2, &state);
		check_lists(x, n_x, y, n_y);
	}
}
END_TEST

/* 50,000 stacks in milliseconds, also when all of them are equal; if it were
 * quadratic, billions of comparisons would take far longer than a second. */
START_TEST(linear)
{
	struct heap_profile a = many(50000, false), b = many(50000, true);
	int64_t start = clock_us();

	ck_assert_uint_eq(diff_pairs(&a, &a), 50000);
	ck_assert_uint_eq(diff_pairs(&b, &b), 50000);
	ck_assert_int_lt(clock_us() - start, 1000000);
	heap_profile_release(&a);
	heap_profile_release(&b);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/diff", new_gone_and_changed, empty_sides,
			    whole_stacks_are_compared, restart,
			    modules_by_build_id_or_path, file_offset_counts,
			    addresses_within_one_process,
			    shared_memory_is_no_file, the_vdso_is_a_file,
			    equal_stacks_on_one_side, any_order, linear);
}
