/* Heap dumps of jemalloc 4.0 to 5.3.1: what each line becomes, which module an
 * address is in, what is refused and with which words, and that no dump that
 * was cut off reads as a smaller heap. */
#include "heap/format/read.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "heap/remarks.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

#define HEADER "heap_v2/1\n  t*: 3: 300 [0: 0]\n  t0: 3: 300 [0: 0]\n"
#define EMPTY "heap_v2/1\n  t*: 0: 0 [0: 0]\n"
#define COUNTS "  t*: 3: 300 [0: 0]\n  t0: 3: 300 [0: 0]\n"

static struct hs_error *read_text(const char *text, struct heap_profile *ret)
{
	return heap_read(text, strlen(text), "x.heap", ret);
}

static const struct heap_location *frame(const struct heap_profile *p,
					 size_t stack, size_t i)
{
	return &p->locations[p->frames[p->stacks[stack].first + i]];
}

START_TEST(every_line)
{
	static const char text[] = "heap_v2/524288\n"
				   "  t*: 33: 26214912 [40: 41]\n"
				   "  t0: 32: 26214848 [0: 0]\n"
				   "  t10: 1: 64 [0: 0] my worker \n"
				   "  t11: 0: 0 [0: 0] \n"
				   "@ 0xABCdef 0x1000 0x1\n"
				   "  t*: 26: 26214464 [30: 31]\n"
				   "  t0: 20: 20971520 [0: 0]\n"
				   "  t0: 6: 5242944 [0: 0]\n"
				   "@ 0x1000\n"
				   "  t*: 0: 0 [412: 1687563]\n"
				   "  t0: 0: 0 [412: 1687563]\n";
	struct heap_profile p;

	hs_ck_ok(read_text(text, &p));
	ck_assert_str_eq(p.meta.file, "x.heap");
	ck_assert_int_eq(p.meta.pid, -1);
	ck_assert_int_eq(p.meta.allocated, -1);
	ck_assert_ptr_null(p.meta.command);
	ck_assert_uint_eq(p.sample_period, 524288);
	ck_assert_uint_eq(p.maps.n, 0);
	ck_assert_uint_eq(p.n_modules, 0);
	ck_assert_uint_eq(p.n_stacks, 2);
	ck_assert_uint_eq(p.stacks[0].depth, 3);
	/* The leaf is where it is, callers are looked up at the call. */
	ck_assert_uint_eq(frame(&p, 0, 0)->address, 0xabcdef);
	ck_assert_uint_eq(frame(&p, 0, 1)->address, 0xfff);
	ck_assert_uint_eq(frame(&p, 0, 2)->address, 0);
	ck_assert_uint_eq(frame(&p, 1, 0)->address, 0x1000);
	ck_assert_uint_eq(frame(&p, 0, 0)->offset, 0xabcdef);
	ck_assert_uint_eq(frame(&p, 0, 0)->module, HEAP_NO_MODULE);
	ck_assert_uint_eq(p.n_locations, 4);
	/* The line of all threads counts, nothing is added to it. */
	ck_assert_uint_eq(p.stacks[0].inuse.samples, 26);
	ck_assert_double_eq_tol(p.stacks[0].inuse.bytes, 30694017, 1e6);
	ck_assert_double_eq(p.stacks[1].inuse.bytes, 0);
	ck_assert_double_eq(p.total.bytes, p.stacks[0].inuse.bytes);
	heap_profile_release(&p);
}
END_TEST

START_TEST(without_sampling_numbers_are_whole)
{
	struct heap_profile p;

	hs_ck_ok(read_text(HEADER "@ 0x1\n"
				  "  t*: 99966: 799732 [0: 0]\n"
				  "  t0: 99966: 799732 [0: 0]\n"
				  "@ 0x2\n"
				  "  t*: 1400: 11200 [0: 0]\n"
				  "  t0: 1400: 11200 [0: 0]\n"
				  "@ 0x3\n"
				  "  t*: 4000000: 64000000 [0: 0]\n"
				  "  t0: 4000000: 64000000 [0: 0]\n",
			   &p));
	/* Written by jemalloc 5.3 for 100,000 objects of 8 bytes. */
	ck_assert_double_eq(p.stacks[0].inuse.objects, 100000);
	ck_assert_double_eq(p.stacks[0].inuse.bytes, 800000);
	/* The same by 5.3 and by earlier versions. */
	ck_assert_double_eq(p.stacks[1].inuse.objects, 1400);
	ck_assert_double_eq(p.stacks[2].inuse.objects, 4000000);
	ck_assert_double_eq(p.total.bytes_variance, 0);
	heap_profile_release(&p);
}
END_TEST

START_TEST(no_stacks_is_an_empty_heap)
{
	struct heap_profile p;

	hs_ck_ok(read_text("heap_v2/524288\n  t*: 0: 0 [0: 0]\n", &p));
	ck_assert_uint_eq(p.n_stacks, 0);
	ck_assert_uint_eq(p.n_locations, 0);
	ck_assert_double_eq(p.total.bytes, 0);
	heap_profile_release(&p);
}
END_TEST

/* A stack that could not be unwound has no frames, and is no part of the one
 * before it. */
START_TEST(stack_without_frames)
{
	struct heap_profile p;

	hs_ck_ok(read_text(HEADER "@ 0x1\n" COUNTS "@\n" COUNTS, &p));
	ck_assert_uint_eq(p.n_stacks, 2);
	ck_assert_uint_eq(p.stacks[1].depth, 0);
	ck_assert_double_eq(p.stacks[0].inuse.bytes, 300);
	ck_assert_double_eq(p.stacks[1].inuse.bytes, 300);
	heap_profile_release(&p);
}
END_TEST

START_TEST(null_frames_at_the_end_are_dropped)
{
	struct heap_profile p;

	hs_ck_ok(read_text(
		HEADER "@ 0x9 0x0 0x7 0x0 0x0\n" COUNTS "@ 0x0\n" COUNTS, &p));
	ck_assert_uint_eq(p.stacks[0].depth, 3);
	ck_assert_uint_eq(frame(&p, 0, 1)->address, 0);
	ck_assert_uint_eq(frame(&p, 0, 2)->address, 6);
	ck_assert_uint_eq(p.stacks[1].depth, 0);
	heap_profile_release(&p);
}
END_TEST

START_TEST(same_stack_adds_up)
{
	struct heap_profile p;

	hs_ck_ok(read_text(HEADER "@ 0x1 0x2\n" COUNTS "@ 0x1 0x3\n" COUNTS
				  "@ 0x1 0x2\n" COUNTS,
			   &p));
	ck_assert_uint_eq(p.n_stacks, 2);
	ck_assert_uint_eq(p.n_frames, 4);
	ck_assert_double_eq(p.stacks[0].inuse.bytes, 600);
	ck_assert_uint_eq(p.stacks[0].inuse.samples, 6);
	ck_assert_double_eq(p.total.bytes, 900);
	heap_profile_release(&p);
}
END_TEST

START_TEST(locations_ascend_and_are_unique)
{
	struct heap_profile p;
	size_t i;

	hs_ck_ok(read_text(HEADER "@ 0x90 0x11 0x81\n" COUNTS
				  "@ 0x10 0x91 0x81\n" COUNTS,
			   &p));
	ck_assert_uint_eq(p.n_locations, 3);
	for (i = 1; i < p.n_locations; i++)
		ck_assert_uint_lt(p.locations[i - 1].address,
				  p.locations[i].address);
	ck_assert_uint_eq(frame(&p, 0, 0)->address, 0x90);
	ck_assert_uint_eq(frame(&p, 1, 0)->address, 0x10);
	ck_assert_uint_eq(frame(&p, 1, 1)->address, 0x90);
	ck_assert_ptr_eq(heap_profile_location(&p, 0x80), &p.locations[1]);
	ck_assert_ptr_null(heap_profile_location(&p, 0x81));
	heap_profile_release(&p);
}
END_TEST

START_TEST(modules)
{
	static const char text[] = HEADER
		"@ 0x1010 0x2011 0x3011 0x4011 0x5011 0x6011 0x7011 0x8011"
		" 0x9011 0x99011 0xd011\n" COUNTS "\nMAPPED_LIBRARIES:\n"
		"1000-2000 r-xp 00005000 fe:00 11         /srv/app (deleted)\n"
		"2000-3000 r-xp 00000000 fe:00 12         /srv/app\n"
		"3000-4000 r--p 00001000 fe:00 12         /srv/app\n"
		"4000-5000 r-xp 00007000 fe:00 11         /srv/app (deleted)\n"
		"5000-6000 rwxp 00000000 00:00 0 \n"
		"6000-7000 r-xp 00000000 00:00 0          [vdso]\n"
		"7000-8000 rwxp 00000000 00:00 0          [heap]\n"
		"9000-a000 rwxp 00000000 00:00 0 \n"
		"b000-c000 r-xp 00000000 fe:00 13         /srv/unused\n"
		"d000-e000 r-xp 00005000 fd:00 11         /srv/app\n";
	static const struct {
		const char *path;
		uint64_t offset;
	} want[] = {
		{ "/srv/app", 0x5010 }, { "/srv/app", 0x10 },
		{ NULL, 0x3010 },	{ "/srv/app", 0x7010 },
		{ "[anon]", 0x5010 },	{ "[vdso]", 0x10 },
		{ "[heap]", 0x7010 },	{ NULL, 0x8010 },
		{ "[anon]", 0x9010 },	{ NULL, 0x99010 },
		{ "/srv/app", 0x5010 },
	};
	struct heap_profile p;
	size_t i;

	hs_ck_ok(read_text(text, &p));
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		const struct heap_location *loc = frame(&p, 0, i);
		const char *path = NULL;

		if (loc->module != HEAP_NO_MODULE)
			path = p.modules[loc->module].path;
		ck_assert_pstr_eq(path, want[i].path);
		ck_assert_uint_eq(loc->offset, want[i].offset);
	}
	ck_assert_uint_eq(p.n_modules, 6);
	ck_assert_uint_eq(frame(&p, 0, 0)->module, 0);
	ck_assert_uint_eq(frame(&p, 0, 1)->module, 1);
	ck_assert_uint_eq(frame(&p, 0, 3)->module, 0);
	ck_assert_uint_eq(frame(&p, 0, 10)->module, 5);
	ck_assert_uint_eq(p.maps.n, 10);
	heap_profile_release(&p);
}
END_TEST

/* What "build=" says is where "$build" is, from there on. */
START_TEST(build_folder)
{
	static const char maps[] =
		"build=/home/me/app\n"
		"1000-2000 r-xp 00000000 fe:00 11         $build/lib/x.so\n"
		"2000-3000 r-xp 00000000 fe:00 12         $builder/x.so\n"
		"3000-4000 r-xp 00000000 fe:00 13         $build/y.so\n";
	static const char *const want[] = { "/home/me/app/lib/x.so",
					    "$builder/x.so",
					    "/home/me/app/y.so" };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct heap_profile p;
	size_t i;

	strbuf_adds(&sb, HEADER "@ 0x1010 0x2011 0x3011\n" COUNTS
				"\nMAPPED_LIBRARIES:\n");
	strbuf_adds(&sb, maps);
	hs_ck_ok(read_text(strbuf_str(&sb), &p));
	ck_assert_uint_eq(p.n_modules, 3);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert_str_eq(p.modules[i].path, want[i]);
	heap_profile_release(&p);
	/* What is set last counts. */
	strbuf_adds(&sb, "build=/else\n"
			 "4000-5000 r-xp 00000000 fe:00 14  $build/z.so\n");
	hs_ck_ok(read_text(strbuf_str(&sb), &p));
	ck_assert_uint_eq(p.maps.n, 4);
	ck_assert_str_eq(p.maps.items[3].path, "/else/z.so");
	ck_assert_uint_eq(p.n_remarks, 0);
	heap_profile_release(&p);
}
END_TEST

/* Code that a program moved to large pages, as node --use-largepages does. What
 * stands between two files, or does not fill the gap, is no such code. */
START_TEST(moved_code)
{
	static const char text[] = HEADER
		"@ 0x2010 0x5011 0x8011 0xb011 0xe011\n" COUNTS
		"\nMAPPED_LIBRARIES:\n"
		"1000-2000 r-xp 00005000 fe:00 11         /srv/node (deleted)\n"
		"2000-3000 r-xp 00000000 00:00 0 \n"
		"3000-4000 r-xp 00007000 fe:00 11         /srv/node (deleted)\n"
		"4000-5000 r-xp 00000000 fe:00 12         /srv/a\n"
		"5000-6000 r-xp 00000000 00:00 0 \n"
		"6000-7000 r-xp 00002000 fe:00 13         /srv/b\n"
		"7000-8000 r-xp 00000000 fe:00 12         /srv/a\n"
		"8000-9000 r-xp 00000000 00:00 0 \n"
		"9000-a000 r-xp 00003000 fe:00 12         /srv/a\n"
		"a000-b000 r-xp 00000000 fe:00 12         /srv/a\n"
		"b000-c000 r-xp 00000000 00:00 0 \n"
		"c100-d000 r-xp 00002100 fe:00 12         /srv/a\n"
		"e000-f000 r-xp 00000000 00:00 0 \n";
	static const struct {
		const char *path;
		uint64_t offset;
	} want[] = {
		{ "/srv/node", 0x6010 }, { "[anon]", 0x5010 },
		{ "[anon]", 0x8010 },	 { "[anon]", 0xb010 },
		{ "[anon]", 0xe010 },
	};
	struct heap_profile p;
	size_t i;

	hs_ck_ok(read_text(text, &p));
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		const struct heap_location *loc = frame(&p, 0, i);

		ck_assert_str_eq(p.modules[loc->module].path, want[i].path);
		ck_assert_uint_eq(loc->offset, want[i].offset);
	}
	ck_assert(p.maps.items[1].deleted);
	heap_profile_release(&p);
}
END_TEST

/* Windows-looking lines; also in the maps, whose names would keep the CR. */
START_TEST(carriage_returns)
{
	static const char text[] = HEADER
		"@ 0x1010 0x2\n" COUNTS "\nMAPPED_LIBRARIES:\n"
		"1000-2000 r-xp 00005000 fe:00 11         /srv/app\n";
	struct strbuf sb = { 0 };
	struct heap_profile p;
	const char *s;

	for (s = text; *s; s++)
		strbuf_adds(&sb, *s == '\n' ? "\r\n" : (char[]){ *s, '\0' });
	hs_ck_ok(read_text(sb.buf, &p));
	ck_assert_uint_eq(p.n_stacks, 1);
	ck_assert_uint_eq(p.n_modules, 1);
	ck_assert_str_eq(p.modules[0].path, "/srv/app");
	heap_profile_release(&p);
	strbuf_release(&sb);
}
END_TEST

/* What is no mapping costs no more than a remark; what was to be counted is an
 * error. */
START_TEST(lines_behind_the_maps)
{
	struct heap_profile p;

	hs_ck_ok(read_text(HEADER "@ 0x1\n" COUNTS "\nMAPPED_LIBRARIES:\n"
				  "1000-2000 r-xp 0 fe:00 11 /srv/app\n"
				  "\nanything\n# build-id 12 /srv/app\n"
				  "and more\n",
			   &p));
	ck_assert_uint_eq(p.maps.n, 1);
	ck_assert_uint_eq(p.n_remarks, 1);
	ck_assert_str_eq(
		p.remarks[0].text,
		"x.heap:11: not a memory mapping: passed over, and "
		"code there would have no name (and 1 more such line)");
	heap_profile_release(&p);
	hs_ck_ok(read_text(EMPTY "\nMAPPED_LIBRARIES:\n", &p));
	ck_assert_uint_eq(p.maps.n, 0);
	ck_assert_uint_eq(p.n_remarks, 0);
	heap_profile_release(&p);
	hs_ck_err_hint(read_text(EMPTY "\nMAPPED_LIBRARIES:\n" HEADER, &p),
		       HS_ERROR_INPUT, "x.heap:5: another dump begins here",
		       "give each dump as a file of its own");
	hs_ck_err_hint(read_text(EMPTY "\nMAPPED_LIBRARIES:\n"
				       "1: 8 [0: 0] @ 0x1\n",
				 &p),
		       HS_ERROR_INPUT, "x.heap:5: a stack behind the mappings",
		       "give each dump as a file of its own");
	/* After an error there is nothing, and releasing that is allowed. */
	ck_assert_uint_eq(p.n_stacks, 0);
	heap_profile_release(&p);
}
END_TEST

#define WANT_ALL "expected '  t*: OBJECTS: BYTES [OBJECTS: BYTES]'"
#define WANT_ONE "expected '  tTHREAD: OBJECTS: BYTES [OBJECTS: BYTES]'"
#define WANT_STACK "expected a stack ('@ 0x...') or 'MAPPED_LIBRARIES:'"
#define WANT_FRAMES "expected addresses '0x...' behind '@'"
#define CUT "file is cut off here, "

static const struct {
	const char *text, *message;
} damaged[] = {
	{ "heap_v2/\n", "x.heap:1: expected 'heap_v2/BYTES'" },
	{ "heap_v2/0\n", "x.heap:2: " CUT WANT_ALL },
	{ "heap_v2/512 x\n", "x.heap:1: expected 'heap_v2/BYTES'" },
	{ "heap_v2/18446744073709551616\n",
	  "x.heap:1: expected 'heap_v2/BYTES'" },
	{ "heap_v2/1\n", "x.heap:2: " CUT WANT_ALL },
	{ "heap_v2/1\n  t0: 1: 8 [0: 0]\n", "x.heap:2: " WANT_ALL },
	{ "heap_v2/1\n  t*: 1: 8\n", "x.heap:2: " WANT_ALL },
	{ "heap_v2/1\n  t*: 1: 8 [0: 0] name\n", "x.heap:2: " WANT_ALL },
	{ "heap_v2/1\n  t*: -1: 8 [0: 0]\n", "x.heap:2: " WANT_ALL },
	{ "heap_v2/1\n  t*: 0: 0 [18446744073709551616: 0]\n",
	  "x.heap:2: " WANT_ALL },
	{ "heap_v2/1\n  t*: 1: 8 [0: 0]\n  tx: 1: 8 [0: 0]\n",
	  "x.heap:3: " WANT_ONE },
	{ "heap_v2/1\n  t*: 1: 8 [0: 0]\n  t0: 1: 8 [0: 0]name\n",
	  "x.heap:3: " WANT_ONE },
	{ HEADER "rubbish\n", "x.heap:4: " WANT_STACK },
	{ HEADER "heap_v2/1\n", "x.heap:4: " WANT_STACK },
	{ HEADER "\n@ 0x1\n", "x.heap:6: " CUT WANT_ALL },
	{ HEADER "\nMAPPED_LIBRARIE\n", "x.heap:5: " WANT_STACK },
	{ HEADER "@0x1\n" COUNTS, "x.heap:4: " WANT_FRAMES },
	{ HEADER "@ 1\n" COUNTS, "x.heap:4: " WANT_FRAMES },
	{ HEADER "@ 0x\n" COUNTS, "x.heap:4: " WANT_FRAMES },
	{ HEADER "@ 0x1, 0x2\n" COUNTS, "x.heap:4: " WANT_FRAMES },
	{ HEADER "@ 0x1g\n" COUNTS, "x.heap:4: " WANT_FRAMES },
	{ HEADER "@ 0x11112222333344445\n" COUNTS, "x.heap:4: " WANT_FRAMES },
	{ HEADER "@ 0x1\n", "x.heap:5: " CUT WANT_ALL },
	{ HEADER "@ 0x1\n@ 0x2\n" COUNTS, "x.heap:5: " WANT_ALL },
	{ HEADER "@ 0x1\n  t0: 1: 8 [0: 0]\n", "x.heap:5: " WANT_ALL },
	{ HEADER "@ 0x1\n" COUNTS "@ 0x2\n  t*: 1: 8 [0: 0]\n",
	  "x.heap:9: " CUT WANT_ONE },
	{ HEADER "@ 0x1\n" COUNTS "  t*: 1: 8 [0: 0]\n",
	  "x.heap:7: " WANT_ONE },
	{ HEADER "@ 0x1\n" COUNTS "  t1: 1: 8 [0: 0] name\n",
	  "x.heap:7: " WANT_ONE },
	{ HEADER "@ 0x1\n" COUNTS "  t1: 3: 300 [0: 0] name\n",
	  "x.heap:7: " WANT_ONE },
	{ HEADER "@ 0x1\n" COUNTS "  t18446744073709551616: 3: 300 [0: 0]\n",
	  "x.heap:7: " WANT_ONE },
	{ HEADER "@ 0x1\n" COUNTS "  t: 3: 300 [0: 0]\n",
	  "x.heap:7: " WANT_ONE },
	{ HEADER "@ 0x1\n" COUNTS "  t1: 3: 300 [0: 0]\n rubbish\n",
	  "x.heap:8: " WANT_STACK },
	{ HEADER "@ 0x1 0x5653542292ea\n" COUNTS "@ 0x2 0x5653542292ea\n" COUNTS
		 "@ 0x3 0x5653542292eag\n" COUNTS,
	  "x.heap:10: " WANT_FRAMES },
	{ HEADER "@ 0x1 0x5653542292ea\n" COUNTS
		 "@ 0x2 0x5653542292ea 5653542292ea\n" COUNTS,
	  "x.heap:7: " WANT_FRAMES },
	{ HEADER "@ 0x1 0x5653542292ea\n" COUNTS
		 "@ 0x2 0x5653542292ea\x01\n" COUNTS,
	  "x.heap:7: " WANT_FRAMES },
	{ HEADER "@ 0x1\n  t*: 2: 0 [0: 0]\n  t0: 2: 0 [0: 0]\n",
	  "x.heap:5: 2 objects cannot have 0 bytes" },
	{ HEADER "@ 0x1\n  t*: 0: 8 [0: 0]\n  t0: 0: 8 [0: 0]\n",
	  "x.heap:5: 0 objects cannot have 8 bytes" },
	{ HEADER "@ 0x1\n  t*: 9: 8 [0: 0]\n  t0: 9: 8 [0: 0]\n",
	  "x.heap:5: 9 objects cannot have 8 bytes" },
};

START_TEST(what_is_damaged)
{
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(damaged); i++)
		hs_ck_err(read_text(damaged[i].text, &p), HS_ERROR_INPUT,
			  damaged[i].message);
}
END_TEST

/* Addresses of each length, with each byte at each place. */
START_TEST(every_address)
{
	static const char start[] = HEADER "@ 0x";
	static const char address[] = "7f3A5c9e0b12D468";
	char text[256], *at = text + sizeof(start) - 1;
	struct heap_profile p;
	int len, i, n;

	for (len = 1; len < (int)sizeof(address); len++) {
		for (i = 0; i < len * 256; i++) {
			n = snprintf(text, sizeof(text), "%s%.*s 0x1\n" COUNTS,
				     start, len, address);
			at[i / 256] = (char)(i % 256);
			if (strchr(" \t\r\n", i % 256) && i % 256)
				continue;
			if (!isxdigit(i % 256)) {
				hs_ck_err(heap_read(text, (size_t)n, "x.heap",
						    &p),
					  HS_ERROR_INPUT,
					  "x.heap:4: " WANT_FRAMES);
				continue;
			}
			hs_ck_ok(read_text(text, &p));
			ck_assert_uint_eq(p.stacks[0].depth, 2);
			ck_assert_uint_eq(frame(&p, 0, 0)->address,
					  strtoull(at, NULL, 16));
			heap_profile_release(&p);
		}
	}
}
END_TEST

#define DUMP \
	"mallctl(\"prof.dump\") writes a heap dump, as heapsnap -p PID does"

static const struct {
	const char *text;
	size_t len;
	const char *message, *hint;
} others[] = {
	{ "", 0, "x.heap: file is empty",
	  "jemalloc leaves an empty file behind when the disk is full" },
	{ "\n", 1, "x.heap:1: not a heap dump",
	  "a heap dump of jemalloc begins with 'heap_v2/' or 'heap "
	  "profile:'" },
	{ "heap_v3/1\n", 10,
	  "x.heap:1: seems to be a heap dump in another format than "
	  "'heap_v2', the one that is known",
	  "a later heapsnap may read it" },
	{ "\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24,
	  "x.heap:1: seems to be a CPU profile, not a heap dump",
	  "'go tool pprof -text FILE' reads it" },
	{ "{\n \"schema\": \"heapsnap/1\",\n", 27,
	  "x.heap:1: seems to be a report of heapsnap, not a snapshot",
	  "give the snapshots it was made from" },
	{ "{\"info\":{\"du", 12,
	  "x.heap:1: seems to be JSON, perhaps a log of jemalloc (prof.log), "
	  "not a heap dump",
	  "such a log has the allocations that were freed, not the live ones" },
	{ "{\"sample_interval\": 1", 21,
	  "x.heap:1: seems to be jemalloc's list of recent allocations, not a "
	  "heap dump",
	  DUMP },
	{ "# heapsnap 1\n", 13,
	  "x.heap:1: seems to be a snapshot whose first part, the heap dump, "
	  "is missing",
	  "give the file as heapsnap wrote it" },
	{ "\xfd"
	  "7zXZ\0\0",
	  7, "x.heap:1: seems to be compressed with xz",
	  "decompress it first: unxz" },
	{ "\x7f"
	  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0>\0",
	  20, "x.heap: seems to be a core dump, not a heap dump", DUMP },
	{ "\x7f"
	  "ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\4\0>",
	  20, "x.heap: seems to be a core dump, not a heap dump", DUMP },
	{ "\x7f"
	  "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0",
	  20, "x.heap: seems to be a program or library, not a heap dump",
	  "'heapsnap run COMMAND' starts a program and shows what it leaves" },
};

START_TEST(what_is_something_else)
{
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		hs_ck_err_hint(
			heap_read(others[i].text, others[i].len, "x.heap", &p),
			HS_ERROR_INPUT, others[i].message, others[i].hint);
}
END_TEST

static char *load(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(1 << 20);

	if (!f)
		ck_abort_msg("cannot open %s", path);
	*len = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

/*
 * A dump cut off at any byte before its maps is an error, unless it ends with
 * the last line of a header or stack, as a whole one without maps could: then a
 * remark says what is missing.
 */
START_TEST(cut_off_anywhere)
{
	size_t len, cut, line = 1, accepted = 0;
	char *text = load("tests/data/jemalloc-5.2.1.heap", &len);
	const char *maps = strstr(text, "\nMAPPED_LIBRARIES:\n");
	char message[128];
	struct heap_profile p;

	for (cut = 1; cut <= (size_t)(maps - text); cut++) {
		/* No byte behind the end is readable to a sanitizer. */
		char *part = malloc(cut);
		struct hs_error *err;

		memcpy(part, text, cut);
		err = heap_read(part, cut, "x", &p);
		free(part);
		if (text[cut - 1] == '\n') {
			line++;
			accepted += !err;
			ck_assert(err || p.n_remarks);
			hs_error_free(err);
			heap_profile_release(&p);
			continue;
		}
		snprintf(message, sizeof(message),
			 "x:%zu: file is cut off in this line", line);
		hs_ck_err(err, HS_ERROR_INPUT, message);
	}
	/* 13 lines: 4 of the header, 3 for each of 3 stacks. */
	ck_assert_uint_eq(line, 14);
	/* The header's, the stacks' last lines, "t*" of the first stack. */
	ck_assert_uint_eq(accepted, 3 + 3 + 1);
	free(text);
}
END_TEST

START_TEST(files)
{
	struct heap_profile p;

	hs_ck_err(heap_read_file("tests/data/none.heap", &p), HS_ERROR_INPUT,
		  "cannot open 'tests/data/none.heap': No such file or "
		  "directory");
	hs_ck_err(heap_read_file("tests/data", &p), HS_ERROR_INPUT,
		  "cannot read 'tests/data': Is a directory");
	hs_ck_err(heap_read_file("/dev/null", &p), HS_ERROR_INPUT,
		  "/dev/null: file is empty");
	/* Endless, but refused by its start. */
	hs_ck_err(heap_read_file("/dev/zero", &p), HS_ERROR_INPUT,
		  "/dev/zero:1: not a heap dump");
	heap_profile_release(&p);
}
END_TEST

START_TEST(standard_input)
{
	struct heap_profile p, q;

	ck_assert_ptr_nonnull(
		freopen("tests/data/jemalloc-5.2.1.heap", "r", stdin));
	hs_ck_ok(heap_read_file("-", &p));
	hs_ck_ok(heap_read_file("tests/data/jemalloc-5.2.1.heap", &q));
	ck_assert_str_eq(p.meta.file, "-");
	ck_assert_double_eq(p.total.bytes, q.total.bytes);
	heap_profile_release(&p);
	heap_profile_release(&q);
}
END_TEST

/* Longer than the pieces a file is read in. */
START_TEST(long_file)
{
	char path[] = "/tmp/hs-read-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	struct heap_profile p;
	size_t i, n = 50000;

	fputs(HEADER, f);
	for (i = 0; i < n; i++)
		fprintf(f, "@ 0x1 %#zx\n" COUNTS, i + 2);
	fclose(f);
	hs_ck_ok(heap_read_file(path, &p));
	unlink(path);
	ck_assert_uint_eq(p.n_stacks, n);
	ck_assert_uint_eq(p.n_locations, n);
	ck_assert_double_eq(p.total.bytes, 300.0 * (double)n);
	heap_profile_release(&p);
}
END_TEST

/* More addresses than are remembered by their text, which agree in most of it;
 * all come twice. */
START_TEST(many_addresses)
{
	const size_t n = 20000, step = 7919;
	const uint64_t base = 0x565354000000;
	struct strbuf text = { 0 };
	struct heap_profile p;
	uint64_t want;
	size_t i;

	strbuf_adds(&text, HEADER);
	for (i = 0; i < n; i++)
		strbuf_addf(&text, "@ 0x1 %#" PRIx64 " %#" PRIx64 "\n" COUNTS,
			    base + i * step % n * 4096, base + i * 4096);
	hs_ck_ok(heap_read(text.buf, text.len, "x.heap", &p));
	ck_assert_uint_eq(p.n_stacks, n);
	ck_assert_uint_eq(p.n_locations, 1 + n);
	for (i = 0; i < n; i++) {
		want = base + i * step % n * 4096 - 1;
		ck_assert_uint_eq(frame(&p, i, 1)->address, want);
		want = base + i * 4096 - 1;
		ck_assert_uint_eq(frame(&p, i, 2)->address, want);
	}
	heap_profile_release(&p);
	strbuf_release(&text);
}
END_TEST

START_TEST(zeros_are_no_address)
{
	static const char text[] = HEADER
		"@ 0x1 0x5653542292ea\n" COUNTS
		"@ 0x2 0x5653542292ea \0\0\0\0\0\0\0\0\n" COUNTS;
	struct heap_profile p;

	hs_ck_err(heap_read(text, sizeof(text) - 1, "x.heap", &p),
		  HS_ERROR_INPUT, "x.heap:7: " WANT_FRAMES);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/format/read", every_line,
			    without_sampling_numbers_are_whole,
			    no_stacks_is_an_empty_heap, stack_without_frames,
			    null_frames_at_the_end_are_dropped,
			    same_stack_adds_up, locations_ascend_and_are_unique,
			    modules, moved_code, build_folder, carriage_returns,
			    lines_behind_the_maps, what_is_damaged,
			    every_address, what_is_something_else,
			    cut_off_anywhere, files, standard_input, long_file,
			    many_addresses, zeros_are_no_address);
}
