/* Several processes as one: numbers add up by code, wherever it is; what is not
 * the same code stays apart; the dump that is written reads as what was
 * merged. */
#include "heap/merge.h"

#include <math.h>
#include <string.h>

#include "base/strbuf.h"
#include "heap/diff.h"
#include "heap/format/read.h"
#include "heap/format/snapshot.h"
#include "heap/memory_part.h"
#include "heap/unbias.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

static struct heap_profile read_text(const char *text)
{
	struct heap_profile p;

	hs_ck_ok(heap_read(text, strlen(text), "x", &p));
	return p;
}

static struct heap_profile merge(const struct heap_profile *a,
				 const struct heap_profile *b)
{
	const struct heap_profile *const both[] = { a, b };
	struct heap_profile p;

	hs_ck_ok(heap_merge(both, 2, &p));
	return p;
}

/* Two runs of one program, at other addresses. */
START_TEST(runs_of_one_program)
{
	struct heap_profile a, b, sum;
	struct heap_diff diff;

	hs_ck_ok(heap_read_file("tests/data/jemalloc-5.3.0-exact.heap", &a));
	hs_ck_ok(heap_read_file(
		"tests/data/jemalloc-5.3.0-exact-restarted.heap", &b));
	sum = merge(&a, &b);
	ck_assert_uint_eq(sum.n_stacks, a.n_stacks);
	ck_assert_double_eq(sum.total.bytes, a.total.bytes + b.total.bytes);
	ck_assert_double_eq(sum.total.objects,
			    a.total.objects + b.total.objects);
	ck_assert_str_eq(sum.meta.file, "2 processes");
	/* Its stacks are those of a. */
	hs_ck_ok(heap_diff(&a, &sum, &diff));
	ck_assert_uint_eq(diff.n_stacks, a.n_stacks);
	heap_diff_release(&diff);
	heap_profile_release(&a);
	heap_profile_release(&b);
	heap_profile_release(&sum);
}
END_TEST

#define DUMP(period, at, numbers, maps)                              \
	"heap_v2/" period "\n  t*: 0: 0 [0: 0]\n  t0: 0: 0 [0: 0]\n" \
	"@ " at "\n  t*: " numbers "\n  t0: " numbers "\n"           \
	"\nMAPPED_LIBRARIES:\n" maps
#define LINES(command, rss, more)                                           \
	"# heapsnap 1\n# heapsnap command " command "\n# heapsnap rss " rss \
	"\n" more "# heapsnap end\n"

START_TEST(names_meta_and_allocations)
{
	struct heap_profile a = read_text(
		DUMP("512", "0x1001 0x1101", "4: 256 [8: 512]",
		     "1000-2000 r-xp 3000 fe:00 11 /app\n")
			LINES("w", "100",
			      "# heapsnap module 0 ab 1 0x3000+0x1000@0x4000 "
			      "/app\n"
			      "# heapsnap name 0x1001 put a.c 3 0\n"));
	struct heap_profile b = read_text(
		DUMP("1024", "0x5001 0x5101", "2: 128 [0: 0]",
		     "5000-6000 r-xp 3000 fe:00 12 /app\n")
			LINES("w", "50", "# heapsnap module 0 ab 1 - /app\n"));
	struct heap_profile sum = merge(&a, &b);
	const struct heap_location *leaf;
	uint64_t elf;

	ck_assert_uint_eq(sum.n_stacks, 1);
	ck_assert_uint_eq(sum.n_modules, 1);
	ck_assert_str_eq(sum.modules[0].build_id, "ab");
	ck_assert(sum.modules[0].allocator);
	leaf = &sum.locations[sum.frames[0]];
	ck_assert_uint_eq(leaf->offset, 0x3001);
	ck_assert(heap_location_elf_address(&sum, leaf, &elf));
	ck_assert_uint_eq(elf, 0x4001);
	ck_assert_str_eq(sum.names[leaf->names].function, "put");
	ck_assert_uint_eq(sum.stacks[0].inuse.samples, 6);
	ck_assert_double_eq_tol(sum.total.bytes_variance,
				a.total.bytes_variance + b.total.bytes_variance,
				1e-6);
	ck_assert_uint_eq(sum.allocated[0].samples, 8);
	ck_assert_uint_eq(sum.sample_period, 1024);
	ck_assert_str_eq(sum.meta.command, "w");
	ck_assert_int_eq(sum.meta.rss, 150);
	ck_assert_int_eq(sum.meta.allocated, -1);
	ck_assert_int_eq(sum.meta.pid, -1);
	heap_profile_release(&a);
	heap_profile_release(&b);
	heap_profile_release(&sum);
}
END_TEST

/* Another build, and code in no file: the same address means nothing. */
START_TEST(what_is_not_the_same)
{
	static const char one[] = DUMP("1", "0x1001", "1: 64 [0: 0]",
				       "1000-2000 r-xp 0 fe:00 11 /app\n")
		LINES("w", "1", "# heapsnap module 0 ab 0 - /app\n");
	static const char other[] = DUMP("1", "0x1001", "1: 64 [0: 0]",
					 "1000-2000 r-xp 0 fe:00 11 /app\n")
		LINES("v", "1", "# heapsnap module 0 cd 0 - /app\n");
	static const char jit[] = DUMP("1", "0x1001", "1: 64 [0: 0]",
				       "1000-2000 rwxp 0 00:00 0 \n");
	struct heap_profile a = read_text(one), b = read_text(other);
	struct heap_profile c = read_text(jit), d = read_text(jit);
	struct heap_profile x = merge(&a, &b), y = merge(&c, &d);

	ck_assert_uint_eq(x.n_stacks, 2);
	ck_assert_uint_eq(x.n_modules, 2);
	ck_assert_ptr_null(x.meta.command);
	ck_assert_uint_eq(y.n_stacks, 2);
	ck_assert_uint_eq(y.n_modules, 0);
	heap_profile_release(&a);
	heap_profile_release(&b);
	heap_profile_release(&c);
	heap_profile_release(&d);
	heap_profile_release(&x);
	heap_profile_release(&y);
}
END_TEST

/* With the lines of a snapshot behind it, which speak of its modules and
 * locations. The numbers may be off by half a sample. */
START_TEST(as_a_dump)
{
	struct heap_profile a, b, sum, again;
	struct strbuf sb = { 0 };
	size_t i;

	hs_ck_ok(heap_read_file("tests/data/jemalloc-5.2.1.heap", &a));
	hs_ck_ok(heap_read_file("tests/data/searchd-after.heap", &b));
	sum = merge(&a, &b);
	heap_merge_dump(&sb, &sum);
	heap_snapshot_lines(&sb, &sum);
	hs_ck_ok(heap_read(sb.buf, sb.len, "x", &again));
	ck_assert_uint_eq(again.n_stacks, sum.n_stacks);
	ck_assert_uint_eq(again.n_locations, sum.n_locations);
	ck_assert_uint_eq(again.n_names, sum.n_names);
	for (i = 0; i < sum.n_stacks; i++) {
		const struct heap_counts *x = &sum.stacks[i].inuse;
		const struct heap_counts *y = &again.stacks[i].inuse;

		ck_assert_double_le(fabs(x->bytes - y->bytes),
				    x->bytes * 0.6 / (double)x->samples);
	}
	for (i = 0; i < sum.n_modules; i++)
		ck_assert_pstr_eq(again.modules[i].build_id,
				  sum.modules[i].build_id);
	strbuf_release(&sb);
	heap_profile_release(&a);
	heap_profile_release(&b);
	heap_profile_release(&sum);
	heap_profile_release(&again);
}
END_TEST

START_TEST(only_live_objects)
{
	struct heap_profile p = read_text("heap profile: 1: 8 [1: 8] @ growth\n"
					  "1: 8 [1: 8] @ 0x1\n");
	const struct heap_profile *const both[] = { &p, &p };
	struct heap_profile sum;

	hs_ck_err(heap_merge(both, 2, &sum), HS_ERROR_INPUT,
		  "'x' is not of live objects: it cannot be merged");
	heap_profile_release(&p);
}
END_TEST

#define MAPS "1000-2000 r-xp 3000 fe:00 11 /app\n"
#define STACK(at, numbers) "@ " at "\n  t*: " numbers "\n  t0: " numbers "\n"
#define PROCESS(stacks, lines)                                     \
	"heap_v2/1\n  t*: 0: 0 [0: 0]\n  t0: 0: 0 [0: 0]\n" stacks \
	"\nMAPPED_LIBRARIES:\n" MAPS "# heapsnap 1\n" lines "# heapsnap end\n"

/* Only what a child has as its parent has it, at the same addresses, and only
 * of its own parent. */
START_TEST(what_is_inherited)
{
	struct heap_profile p = read_text(PROCESS(
		STACK("0x1001", "4: 256 [0: 0]") STACK("0x1101", "2: 64 [0: 0]")
			STACK("0x1201", "1: 32 [0: 0]"),
		"# heapsnap pid 10\n# heapsnap hostname a\n"
		"# heapsnap start-time 5\n"));
	struct heap_profile child = read_text(PROCESS(
		STACK("0x1001", "4: 256 [0: 0]") STACK("0x1101", "3: 96 [0: 0]")
			STACK("0x1301", "7: 70 [0: 0]"),
		"# heapsnap pid 11\n# heapsnap parent-pid 10\n"
		"# heapsnap hostname a\n# heapsnap start-time 6\n"));
	/* Another machine has a process 10, too. */
	struct heap_profile other = read_text(
		PROCESS(STACK("0x1001", "4: 256 [0: 0]"),
			"# heapsnap pid 12\n# heapsnap parent-pid 10\n"
			"# heapsnap hostname b\n# heapsnap start-time 7\n"));
	const struct heap_profile *const all[] = { &child, &other, &p };
	struct heap_profile sum;
	size_t i;

	hs_ck_ok(heap_merge(all, 3, &sum));
	ck_assert_double_eq(sum.inherited_total.objects, 4);
	ck_assert_double_eq(sum.inherited_total.bytes, 256);
	for (i = 0; i < sum.n_stacks; i++)
		ck_assert_double_eq(sum.inherited[i].bytes,
				    sum.stacks[i].inuse.bytes > 700 ? 256 : 0);
	heap_profile_release(&p);
	heap_profile_release(&child);
	heap_profile_release(&other);
	heap_profile_release(&sum);
}
END_TEST

#define MEMORY(rss, pss)                                           \
	"# heapsnap memory code 1 100 " rss " 0 /app\n# heapsnap " \
	"memory-pss " pss "\n# heapsnap pss " pss "\n"             \
	"# heapsnap rss " rss "\n# heapsnap tcache 7\n"            \
	"# heapsnap prof-active 1\n"

/* Sums are of all, or of none: a part of them is no sum. */
START_TEST(where_the_memory_is)
{
	struct heap_profile a = read_text(
		PROCESS(STACK("0x1001", "1: 8 [0: 0]"), MEMORY("80", "50")));
	struct heap_profile b = read_text(
		PROCESS(STACK("0x1001", "1: 8 [0: 0]"), MEMORY("60", "30")));
	struct heap_profile c =
		read_text(PROCESS(STACK("0x1001", "1: 8 [0: 0]"), ""));
	struct heap_profile sum = merge(&a, &b);

	ck_assert_int_eq(sum.meta.processes, 2);
	ck_assert_int_eq(sum.meta.tcache, 14);
	ck_assert_int_eq(sum.meta.pss, 80);
	ck_assert_int_eq(sum.meta.prof_active, 1);
	ck_assert_uint_eq(sum.meta.n_memory, 1);
	ck_assert_int_eq(sum.meta.memory[0].rss, 140);
	ck_assert_int_eq(sum.meta.memory[0].pss, 80);
	heap_profile_release(&sum);
	sum = merge(&a, &c);
	ck_assert_int_eq(sum.meta.pss, -1);
	ck_assert_int_eq(sum.meta.tcache, -1);
	ck_assert_int_eq(sum.meta.prof_active, -1);
	ck_assert_uint_eq(sum.meta.n_memory, 0);
	heap_profile_release(&sum);
	heap_profile_release(&a);
	heap_profile_release(&b);
	heap_profile_release(&c);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/merge", runs_of_one_program,
			    names_meta_and_allocations, what_is_not_the_same,
			    as_a_dump, only_live_objects, what_is_inherited,
			    where_the_memory_is);
}
