/*
 * output/rows, output/fold: allocator frames are folded, stacks that look the
 * same are one row, sums are exact, and noise is distinguished from growth.
 */
#include "output/rows.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "output/fold.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/report_fixture.h"

/*
 * Snapshots in which every address is its function: page 0x1000 is the program,
 * 0x8000 the allocator. Callers' addresses are one more, as return addresses
 * are.
 */
#define MAPS                                                      \
	"\nMAPPED_LIBRARIES:\n"                                   \
	"00001000-00002000 r-xp 00000000 fe:00 7 /srv/app/prog\n" \
	"00008000-00009000 r-xp 00000000 fe:00 8 "                \
	"/usr/lib/libjemalloc.so.2\n"

#define MODULES                                           \
	"# heapsnap 1\n"                                  \
	"# heapsnap module 0 aa01 0 0x0+0x1000@0x400000 " \
	"/srv/app/prog\n"                                 \
	"# heapsnap module 1 bb02 1 0x0+0x1000@0x0 "      \
	"/usr/lib/libjemalloc.so.2\n"

#define NAMES                                       \
	"# heapsnap name 0x1100 grow grow.c 10 0\n" \
	"# heapsnap name 0x1110 grow grow.c 10 0\n" \
	"# heapsnap name 0x1120 fill fill.h 3 1\n"  \
	"# heapsnap name 0x1120 grow grow.c 20 0\n" \
	"# heapsnap name 0x1200 main main.c 5 0\n"  \
	"# heapsnap name 0x1210 keep main.c 8 0\n"  \
	"# heapsnap name 0x8200 malloc - 0 0\n"     \
	"# heapsnap end\n"

#define STACK(pcs, n, bytes)                                                \
	"@ " pcs "\n  t*: " #n ": " #bytes " [0: 0]\n  t0: " #n ": " #bytes \
	" [0: 0]\n"

#define LEAF "0x8100 0x8201 "

/* In all, the file must know each address that has a name. */
#define BEFORE                               \
	HEAD(1)                              \
	STACK(LEAF "0x1101 0x1201", 1, 100)  \
	STACK(LEAF "0x1111 0x1201", 2, 200)  \
	STACK(LEAF "0x1121 0x1201", 4, 4000) \
	STACK(LEAF "0x1211", 1, 50) MAPS MODULES NAMES

#define AFTER                                 \
	HEAD(1)                               \
	STACK(LEAF "0x1101 0x1201", 11, 1100) \
	STACK(LEAF "0x1111 0x1201", 3, 300)   \
	STACK(LEAF "0x1121 0x1201", 1, 1000)  \
	STACK(LEAF "0x1211", 1, 50) MAPS MODULES NAMES

static const char *function(const struct rows *rows, size_t row, uint32_t frame)
{
	return row_frame(rows, &rows->items[row], frame)->look->function;
}

/* Two calls in one line of one function are one row; malloc is folded. */
START_TEST(same_look_is_one_row)
{
	struct fixture f;

	fixture_parse(&f, BEFORE, AFTER, NULL);
	ck_assert_uint_eq(f.rows.n, 3);
	ck_assert_str_eq(function(&f.rows, 0, 0), "grow");
	ck_assert_uint_eq(f.rows.items[0].depth, 2);
	ck_assert_int_eq(f.rows.items[0].bytes, 1100);
	ck_assert_int_eq(f.rows.items[0].objects, 11);
	ck_assert_double_eq(row_before(&f.rows, &f.rows.items[0]).bytes, 300);
	ck_assert_double_eq(row_after(&f.rows, &f.rows.items[0])->bytes, 1400);
	fixture_release(&f);
}
END_TEST

/* Largest growth first, shrinkage last; what stays is in between. */
START_TEST(largest_growth_first)
{
	struct fixture f;

	fixture_parse(&f, BEFORE, AFTER, NULL);
	ck_assert_int_eq(f.rows.items[0].bytes, 1100);
	ck_assert_int_eq(f.rows.items[1].bytes, 0);
	ck_assert(!row_changed(&f.rows.items[1]));
	ck_assert_int_eq(f.rows.items[2].bytes, -3000);
	fixture_release(&f);
}
END_TEST

START_TEST(sums_are_exact)
{
	struct fixture f;

	fixture_parse(&f, BEFORE, AFTER, NULL);
	ck_assert_int_eq(f.rows.heap_before.bytes, 4350);
	ck_assert_int_eq(f.rows.heap_before.objects, 8);
	ck_assert_int_eq(f.rows.heap_after.bytes, 2450);
	ck_assert_int_eq(f.rows.grown.bytes, 1100);
	ck_assert_uint_eq(f.rows.grown.rows, 1);
	ck_assert_int_eq(f.rows.shrunk.bytes, -3000);
	ck_assert_int_eq(f.rows.net.bytes, -1900);
	ck_assert_int_eq(f.rows.net.bytes,
			 f.rows.heap_after.bytes - f.rows.heap_before.bytes);
	ck_assert_uint_eq(f.rows.after->sample_period, 1);
	ck_assert(row_significant(&f.rows.items[0]));
	fixture_release(&f);
}
END_TEST

/* The inlined callee is a frame of its own, unless it is not wanted. */
START_TEST(inlined_frames)
{
	struct rows_options options = { .no_inlines = true };
	struct fixture f;

	fixture_parse(&f, BEFORE, AFTER, NULL);
	ck_assert_str_eq(function(&f.rows, 2, 0), "fill");
	ck_assert(row_frame(&f.rows, &f.rows.items[2], 0)->look->inlined);
	ck_assert_str_eq(function(&f.rows, 2, 1), "grow");
	ck_assert(!row_frame(&f.rows, &f.rows.items[2], 1)->look->inlined);
	fixture_release(&f);
	fixture_parse(&f, BEFORE, AFTER, &options);
	ck_assert_str_eq(function(&f.rows, 2, 0), "grow");
	ck_assert_uint_eq(row_frame(&f.rows, &f.rows.items[2], 0)->look->line,
			  20);
	fixture_release(&f);
}
END_TEST

START_TEST(by_objects)
{
	struct rows_options options = { .sort = ROWS_BY_OBJECTS };
	struct fixture f;

	fixture_parse(&f,
		      HEAD(1) STACK("0x8100 0x1101", 1, 10)
			      STACK("0x8100 0x1201", 1, 10) MAPS,
		      HEAD(1) STACK("0x8100 0x1101", 2, 900)
			      STACK("0x8100 0x1201", 9, 90) MAPS,
		      &options);
	ck_assert_int_eq(f.rows.items[0].objects, 8);
	ck_assert_int_eq(f.rows.items[1].objects, 1);
	fixture_release(&f);
}
END_TEST

START_TEST(focus_and_ignore)
{
	struct rows_options options = { 0 };
	regex_t grow, fill;
	struct fixture f;

	ck_assert_int_eq(regcomp(&grow, "^grow$", REG_EXTENDED | REG_NOSUB), 0);
	ck_assert_int_eq(regcomp(&fill, "fill[.]h", REG_EXTENDED | REG_NOSUB),
			 0);
	options.focus = &grow;
	fixture_parse(&f, BEFORE, AFTER, &options);
	ck_assert_uint_eq(f.rows.n, 2);
	ck_assert_uint_eq(f.rows.n_unfocused, 1);
	ck_assert_int_eq(f.rows.heap_before.bytes, 4350);
	fixture_release(&f);
	options.ignore = &fill;
	fixture_parse(&f, BEFORE, AFTER, &options);
	ck_assert_uint_eq(f.rows.n, 1);
	ck_assert_int_eq(f.rows.net.bytes, 1100);
	fixture_release(&f);
	regfree(&grow);
	regfree(&fill);
}
END_TEST

/* A frame without a name is its module and offset: two of them are two. */
START_TEST(nameless_frames)
{
	const struct row_frame *frame;
	struct fixture f;
	uint64_t address;

	fixture_parse(&f, NULL,
		      HEAD(1) STACK("0x8100 0x1301", 1, 64)
			      STACK("0x8100 0x1311", 1, 32) MAPS MODULES
		      "# heapsnap end\n",
		      NULL);
	ck_assert_uint_eq(f.rows.n, 2);
	frame = row_frame(&f.rows, &f.rows.items[0], 0);
	ck_assert_ptr_null(frame->look->function);
	ck_assert_str_eq(frame->look->module, "/srv/app/prog");
	ck_assert_uint_eq(frame->address, 0x1300);
	ck_assert_uint_eq(frame->offset, 0x300);
	ck_assert(row_frame_elf_address(frame, &address));
	ck_assert_uint_eq(address, 0x400300);
	fixture_release(&f);
}
END_TEST

/* A stack that is nothing but allocator stays as it is. */
START_TEST(all_allocator_stays)
{
	struct fixture f;

	fixture_parse(&f, NULL, HEAD(1) STACK("0x8100 0x8201", 1, 64) MAPS,
		      NULL);
	ck_assert_uint_eq(f.rows.n, 1);
	ck_assert_uint_eq(f.rows.items[0].depth, 2);
	fixture_release(&f);
}
END_TEST

/* 4 samples against 2, of objects much smaller than the period: chance. */
START_TEST(noise_is_not_growth)
{
	struct fixture f;

	fixture_parse(&f, HEAD(524288) STACK("0x8100 0x1101", 2, 128) MAPS,
		      HEAD(524288) STACK("0x8100 0x1101", 4, 256)
			      STACK("0x8100 0x1201", 90, 94371840) MAPS,
		      NULL);
	ck_assert_uint_eq(f.rows.n, 2);
	ck_assert_uint_eq(f.rows.after->sample_period, 524288);
	ck_assert(row_significant(&f.rows.items[0]));
	ck_assert_int_gt(f.rows.items[1].bytes, 1000000);
	ck_assert(!row_significant(&f.rows.items[1]));
	fixture_release(&f);
}
END_TEST

/* Of many stacks those of each function whose caller is main() are a row, and
 * those with a caller of their own are a row each, whose size follows from it.
 * In the allocator each is somewhere else. */
enum { MANY = 500, OWN_CALLERS = 0x1500 };

struct many {
	const char *leaf;
	unsigned pc;
	int64_t bytes; /* of the row */
};

static void add_many(struct strbuf *sb, struct many *kinds_of, size_t n)
{
	struct many *kind;
	size_t i;

	for (i = 0; i < MANY; i++) {
		kind = &kinds_of[i * 5 % 7 % n];
		strbuf_addf(sb,
			    "@ %#zx 0x8201 %#x %#zx\n  t*: 1: %zu [0: 0]\n"
			    "  t0: 1: %zu [0: 0]\n",
			    0x8300 + i, kind->pc,
			    i % 3 ? 0x1201 : OWN_CALLERS + i + 1, i + 8, i + 8);
		kind->bytes += i % 3 ? (int64_t)i + 8 : 0;
	}
}

START_TEST(many_stacks)
{
	struct many of[] = { { "grow", 0x1111, 0 },
			     { "fill", 0x1121, 0 },
			     { "keep", 0x1211, 0 } };
	_cleanup_strbuf_ struct strbuf text = { 0 };
	const struct row_frame *caller;
	const struct row *row;
	struct fixture f;
	size_t i, k;

	/* Looks like a stack of the first kind. */
	strbuf_adds(&text, HEAD(1) STACK(LEAF "0x1101 0x1201", 1, 5));
	of[0].bytes = 5;
	add_many(&text, of, ARRAY_SIZE(of));
	strbuf_adds(&text, MAPS MODULES NAMES);
	fixture_parse(&f, NULL, strbuf_str(&text), NULL);
	ck_assert_uint_eq(f.rows.n, ARRAY_SIZE(of) + (MANY + 2) / 3);
	for (i = 0; i < f.rows.n; i++) {
		row = &f.rows.items[i];
		caller = row_frame(&f.rows, row, row->depth - 1);
		for (k = 0; strcmp(of[k].leaf, function(&f.rows, i, 0));)
			k++;
		ck_assert_int_eq(row->bytes,
				 caller->look->function
					 ? of[k].bytes
					 : (int64_t)caller->address -
						   OWN_CALLERS + 8);
	}
	fixture_release(&f);
}
END_TEST

START_TEST(empty_profile)
{
	struct fixture f;

	fixture_parse(&f, NULL, HEAD(524288) MAPS, NULL);
	ck_assert_uint_eq(f.rows.n, 0);
	ck_assert_int_eq(f.rows.net.bytes, 0);
	fixture_release(&f);
}
END_TEST

static const struct {
	const char *name, *demangled, *path;
	enum fold_kind want;
} kinds[] = {
	{ "malloc", "malloc", "/bin/x", FOLD_ENTRY },
	{ "je_malloc", "je_malloc", "/bin/x", FOLD_ENTRY },
	{ "_rjem_mallocx", "_rjem_mallocx", "/bin/x", FOLD_ENTRY },
	{ "__libc_malloc", "__libc_malloc", "/bin/x", FOLD_ENTRY },
	{ "calloc.cold", "calloc.cold", "/bin/x", FOLD_ENTRY },
	{ "posix_memalign", "posix_memalign", "/bin/x", FOLD_ENTRY },
	{ "_Znwm", "operator new(unsigned long)", "/bin/x", FOLD_ENTRY },
	{ "_ZnamSt11align_val_t",
	  "operator new[](unsigned long, "
	  "std::align_val_t)",
	  "/bin/x", FOLD_ENTRY },
	{ "__rust_alloc", "__rust_alloc", "/bin/x", FOLD_ENTRY },
	{ "_ZN5alloc5alloc15exchange_malloc17h0E",
	  "alloc::alloc::exchange_malloc", "/bin/x", FOLD_ENTRY },
	{ "je_prof_backtrace", "je_prof_backtrace", "/bin/x", FOLD_INNER },
	{ "prof_alloc_prep", "prof_alloc_prep", "/bin/x", FOLD_INNER },
	{ "imalloc_body.constprop.0", "imalloc_body", "/bin/x", FOLD_INNER },
	{ "_Z15fallbackNewImplILb0EEPvm",
	  "void* fallbackNewImpl<false>(unsigned long)", "/bin/x", FOLD_INNER },
	{ NULL, "", "/usr/lib/libjemalloc.so.2", FOLD_INNER },
	{ NULL, "", "/bin/x", FOLD_NAMELESS },
	{ "app_malloc", "app_malloc", "/bin/x", FOLD_PREFIXED },
	{ "xmalloc", "xmalloc", "/bin/x", FOLD_KEEP },
	{ "zmalloc", "zmalloc", "/bin/x", FOLD_KEEP },
	{ "strdup", "strdup", "/usr/lib/libc.so.6", FOLD_KEEP },
	{ "main", "main", "/bin/x", FOLD_KEEP },
	{ "__libc_start_main", "__libc_start_main", "/l/libc.so.6", FOLD_KEEP },
	{ "_ZNSt6vectorIiE4growEv", "std::vector<int>::grow()", "/bin/x",
	  FOLD_KEEP },
};

START_TEST(which_frames_are_the_allocators)
{
	ck_assert_msg(fold_classify(kinds[_i].name, kinds[_i].demangled,
				    kinds[_i].path) == kinds[_i].want,
		      "%s", kinds[_i].demangled);
}
END_TEST

static const struct {
	const char *name;
	bool inner;
} std_names[] = {
	{ "std::allocator::allocate", true },
	{ "std::allocator_traits::allocate", true },
	{ "__gnu_cxx::new_allocator::allocate", true },
	{ "std::__new_allocator::allocate", true },
	{ "std::_Rb_tree::_M_create_node", true },
	{ "std::_Vector_base::_Vector_base", true },
	{ "std::__cxx11::basic_string::_M_construct", true },
	{ "std::__cxx11::list::_M_create_node", true },
	{ "std::__detail::_Map_base::operator[]", true },
	{ "std::__1::vector::__push_back_slow_path", true },
	{ "std::__1::allocator::allocate", true },
	{ "std::vector::push_back", false },
	{ "std::__cxx11::basic_string::append", false },
	{ "std::__1::vector::push_back", false },
	{ "std::make_shared", false },
	{ "std::", false },
	{ "app::_Rb_tree::_M_create_node", false },
	{ "app::allocator::allocate", false },
	{ "stdx::allocator::allocate", false },
};

START_TEST(which_frames_are_the_librarys)
{
	ck_assert_msg(fold_is_std(std_names[_i].name) == std_names[_i].inner,
		      "%s", std_names[_i].name);
}
END_TEST

/* How many frames of a stack are the allocator's. */
static size_t count_folded(const enum fold_kind *kind, const bool *bridge,
			   size_t n)
{
	struct fold fold = { 0 };
	size_t i = 0;

	while (i < n && fold_next(&fold, kind[i], bridge[i]))
		i++;
	return fold.end;
}

/* Only what follows the leaf without a gap is folded. */
START_TEST(folded_from_the_leaf_only)
{
	static const enum fold_kind gap[] = { FOLD_INNER, FOLD_ENTRY, FOLD_KEEP,
					      FOLD_ENTRY, FOLD_KEEP };
	static const enum fold_kind nameless[] = { FOLD_NAMELESS, FOLD_NAMELESS,
						   FOLD_ENTRY, FOLD_NAMELESS,
						   FOLD_KEEP };
	static const enum fold_kind prefixed[] = { FOLD_INNER, FOLD_PREFIXED,
						   FOLD_PREFIXED, FOLD_KEEP };
	static const bool all[] = { true, true, true, true, true };
	static const bool none[5];

	ck_assert_uint_eq(count_folded(gap, all, 5), 2);
	ck_assert_uint_eq(count_folded(nameless, all, 5), 3);
	ck_assert_uint_eq(count_folded(nameless, none, 5), 0);
	ck_assert_uint_eq(count_folded(prefixed, all, 4), 2);
	ck_assert_uint_eq(count_folded(prefixed, none, 4), 1);
	ck_assert_uint_eq(count_folded(gap, all, 2), 2);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		same_look_is_one_row, largest_growth_first,
		sums_are_exact,	      inlined_frames,
		by_objects,	      focus_and_ignore,
		nameless_frames,      all_allocator_stays,
		noise_is_not_growth,  many_stacks,
		empty_profile,	      folded_from_the_leaf_only,
	};
	Suite *suite = suite_create("output/rows");
	TCase *tcase = tcase_create("rows");
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, which_frames_are_the_librarys, 0,
			    sizeof(std_names) / sizeof(std_names[0]));
	tcase_add_loop_test(tcase, which_frames_are_the_allocators, 0,
			    sizeof(kinds) / sizeof(kinds[0]));
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
