/* Roots are what may be written and is not jemalloc's, the strongest first:
 * data without the extents that happen to follow it, stacks from the stack
 * pointer on, thread-local memory, other mappings without free extents and
 * jemalloc's own blocks; of nothing more than is in memory. */
#include "contents/roots.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "proc/task.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/smaps_text.h"
#include "tests/unit/target/heap_image.h"

enum { PAGE = 4096 };

#define PROGRAM UINT64_C(0x555500000000)
#define BRK UINT64_C(0x555600000000)
#define OTHER UINT64_C(0x7f3000000000)
#define TLS UINT64_C(0x7f4000000000)
#define THREADS UINT64_C(0x7f5000000000) /* stacks below each other */
#define STACK UINT64_C(0x7ffd00000000)
#define HUGE (UINT64_C(17) << 30)

/* Mappings as the kernel lists them. */
enum {
	PROGRAM_CODE,
	PROGRAM_DATA,
	PROGRAM_BSS,
	BRK_HEAP,
	JEMALLOC_CODE,
	JEMALLOC_DATA,
	BASE,
	HEAP,
	SHARED_MAP,
	OTHER_MAP,
	TLS_MAP,
	GUARD_1,
	STACK_1,
	GUARD_2,
	STACK_2,
	LARGE_MAP,
	FIRST_STACK,
	LINES,
};

static const struct line {
	uint64_t start, size;
	const char *rest;
} lines[LINES] = {
	[PROGRAM_CODE] = { PROGRAM, 0x10000, "r-xp 0 fe:00 8 /bin/p" },
	[PROGRAM_DATA] = { PROGRAM + 0x10000, 0x2000,
			   "rw-p 10000 fe:00 8 /bin/p" },
	[PROGRAM_BSS] = { PROGRAM + 0x12000, 0x4000, "rw-p 0 00:00 0 " },
	[BRK_HEAP] = { BRK, 0x21000, "rw-p 0 00:00 0 [heap]" },
	[JEMALLOC_CODE] = { IMAGE_DATA - 0x10000, 0x10000,
			    "r-xp 0 fe:00 9 /lib/libj.so" },
	[JEMALLOC_DATA] = { IMAGE_DATA, 3 * IMAGE_MIB,
			    "rw-p 10000 fe:00 9 /lib/libj.so" },
	[BASE] = { IMAGE_BASE, 8 * IMAGE_MIB, "rw-p 0 00:00 0 " },
	[HEAP] = { IMAGE_HEAP_AT, 32 * IMAGE_MIB, "rw-p 0 00:00 0 " },
	[SHARED_MAP] = { OTHER - 0x100000, 0x4000, "rw-s 0 00:01 7 /dev/zero" },
	[OTHER_MAP] = { OTHER, 16 * IMAGE_MIB, "rw-p 0 00:00 0 " },
	[TLS_MAP] = { TLS, 0x3000, "rw-p 0 00:00 0 " },
	[GUARD_1] = { THREADS, PAGE, "---p 0 00:00 0 " },
	[STACK_1] = { THREADS + PAGE, 0x800000, "rw-p 0 00:00 0 " },
	[GUARD_2] = { THREADS + 0x801000, PAGE, "---p 0 00:00 0 " },
	[STACK_2] = { THREADS + 0x802000, 0x800000, "rw-p 0 00:00 0 " },
	[LARGE_MAP] = { THREADS + (UINT64_C(1) << 32), HUGE,
			"rw-p 0 00:00 0 " },
	[FIRST_STACK] = { STACK, 0x21000, "rw-p 0 00:00 0 [stack]" },
};
/* The mappings are in another order there. */
static int by_start(const void *x, const void *y)
{
	const struct line *a = x, *b = y;

	return a->start < b->start ? -1 : 1;
}

static const struct root_thread threads[] = {
	{ 10, STACK + 0x20123 },
	{ 11, THREADS + PAGE + 0x700008 },
	{ 12, 0 },
	{ 13, OTHER + 0x1000 }, /* on a stack of its own making */
};

struct look {
	struct line lines[LINES];
	struct image im;
	struct usage usage;
	struct heap_tree tree;
	struct heap_regions regions;
	struct roots roots;
	bool tls;	/* there is a control block */
	uint64_t block; /* what looks like a base block is there; 0: none */
};

static bool read_look(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct look *l = arg;
	const uint64_t block = TLS + 0x1740;
	const uint64_t head[] = { 4 * IMAGE_MIB, 0, 0, l->block + PAGE,
				  4 * IMAGE_MIB - PAGE };
	size_t i;

	if (l->block && addr == l->block && len >= sizeof(head)) {
		memcpy(buf, head, sizeof(head));
		return true;
	}
	if (image_read(&l->im, addr, buf, len))
		return true;
	if (addr < OTHER || addr >= STACK)
		return false;
	memset(buf, 0, len);
	for (i = 0; l->tls && i + 8 <= len; i += 8) {
		if (addr + i == block || addr + i == block + 16)
			memcpy((char *)buf + i, &block, 8);
	}
	return true;
}

static void make_usage(struct look *l)
{
	struct strbuf text = { 0 };
	struct smaps smaps;
	struct line sorted[LINES];
	const uint64_t sp[] = { threads[0].sp, threads[1].sp };
	size_t i;

	memcpy(sorted, l->lines, sizeof(sorted));
	qsort(sorted, LINES, sizeof(*sorted), by_start);
	for (i = 0; i < LINES; i++)
		strbuf_addf(&text, "%" PRIx64 "-%" PRIx64 " %s\n",
			    sorted[i].start, sorted[i].start + sorted[i].size,
			    sorted[i].rest);
	smaps_from_text(strbuf_str(&text), &smaps);
	hs_ck_ok(usage_make(&smaps, sp, 2, &l->usage));
	strbuf_release(&text);
}

static void add(struct look *l, uint64_t page, uint64_t pages,
		enum heap_extent_state state)
{
	struct heap_extent e = { .address = IMAGE_HEAP_AT + page * PAGE,
				 .size = pages * PAGE,
				 .state = state };

	/* With a page more than its class has. */
	while (heap_class_size(e.szind) < (pages - 1) * PAGE)
		e.szind++;
	image_add(&l->im, &e);
}

static void look_make(struct look *l)
{
	*l = (struct look){ .tls = true };
	memcpy(l->lines, lines, sizeof(lines));
	image_make(&l->im, true, false);
	add(l, 16, 10, HEAP_EXTENT_ACTIVE);
	add(l, 26, 100, HEAP_EXTENT_DIRTY);
	add(l, 200, 10, HEAP_EXTENT_RETAINED);
}

/* make_usage() before. */
static void look_find(struct look *l)
{
	const struct heap_layout *layouts;
	struct heap_ranges memory = { 0 };
	struct roots_input in = {
		.usage = &l->usage,
		.tree = &l->tree,
		.regions = &l->regions,
		.threads = threads,
		.n_threads = ARRAY_SIZE(threads),
	};
	size_t n;
	bool whole;

	layouts = heap_layouts(&n);
	l->tree = (struct heap_tree){ { read_look, l }, layouts, l->im.root };
	hs_ck_ok(roots_memory(&l->usage, &memory));
	hs_ck_ok(heap_regions_read(&l->tree, &memory, SIZE_MAX, &l->regions,
				   &whole));
	in.allocator = maps_find(&l->usage.smaps.maps, IMAGE_DATA - 1);
	hs_ck_ok(roots_find(&in, &l->roots));
	heap_ranges_release(&memory);
}

static void look_release(struct look *l)
{
	roots_release(&l->roots);
	heap_regions_release(&l->regions);
	usage_release(&l->usage);
	image_release(&l->im);
}

static void check_ranges(const struct look *l, const struct root_range *want,
			 size_t n)
{
	size_t i;

	for (i = 0; i < n && i < l->roots.n; i++) {
		const struct root_range *got = &l->roots.items[i];

		ck_assert_msg(got->start == want[i].start &&
				      got->end == want[i].end &&
				      got->kind == want[i].kind &&
				      got->tid == want[i].tid,
			      "%zu: %" PRIx64 " to %" PRIx64 ", kind %d of %d",
			      i, got->start, got->end, (int)got->kind,
			      (int)got->tid);
		if (got->kind == ROOT_KERNEL)
			ck_assert_ptr_null(got->mapping);
		else
			ck_assert_ptr_eq(got->mapping,
					 maps_find(&l->usage.smaps.maps,
						   got->start));
	}
	ck_assert_uint_eq(l->roots.n, n);
}

/* Of the pages nothing is known. */
START_TEST(all_kinds)
{
	static const struct root_range want[] = {
		{ PROGRAM + 0x10000, PROGRAM + 0x12000, ROOT_DATA, NULL, 0 },
		{ PROGRAM + 0x12000, PROGRAM + 0x16000, ROOT_DATA, NULL, 0 },
		{ BRK, BRK + 0x21000, ROOT_BRK, NULL, 0 },
		{ THREADS + PAGE + 0x700008 - 128, THREADS + PAGE + 0x800000,
		  ROOT_STACK, NULL, 11 },
		{ THREADS + 0x802000, THREADS + 0x1002000, ROOT_STACK, NULL,
		  0 },
		{ STACK + 0x20120 - 128, STACK + 0x21000, ROOT_STACK, NULL,
		  10 },
		{ TLS, TLS + 0x3000, ROOT_TLS, NULL, 0 },
		{ 0, 0, ROOT_KERNEL, NULL, 0 },
		{ IMAGE_HEAP_AT, IMAGE_HEAP_AT + 16 * PAGE, ROOT_OTHER, NULL,
		  0 },
		{ IMAGE_HEAP_AT + 126 * PAGE, IMAGE_HEAP_AT + 200 * PAGE,
		  ROOT_OTHER, NULL, 0 },
		{ IMAGE_HEAP_AT + 210 * PAGE, IMAGE_HEAP_AT + 32 * IMAGE_MIB,
		  ROOT_OTHER, NULL, 0 },
		{ OTHER, OTHER + 16 * IMAGE_MIB, ROOT_OTHER, NULL, 0 },
		{ IMAGE_DATA, IMAGE_DATA + 3 * IMAGE_MIB, ROOT_ALLOCATOR, NULL,
		  0 },
	};
	struct look l;

	look_make(&l);
	make_usage(&l);
	look_find(&l);
	check_ranges(&l, want, ARRAY_SIZE(want));
	ck_assert_uint_eq(l.roots.left_out, HUGE);
	look_release(&l);
}
END_TEST

/* Without a control block it is memory like any other. */
START_TEST(no_tls)
{
	struct look l;
	size_t i;

	look_make(&l);
	make_usage(&l);
	l.tls = false;
	look_find(&l);
	for (i = 0; i < l.roots.n; i++)
		ck_assert_int_ne(l.roots.items[i].kind, ROOT_TLS);
	look_release(&l);
}
END_TEST

static struct smap *smap_at(struct look *l, uint64_t at)
{
	const struct mapping *m = maps_find(&l->usage.smaps.maps, at);

	return &l->usage.smaps.items[m - l->usage.smaps.maps.items];
}

/* Of 16 MiB two pages are there, and of 17 GiB none. */
START_TEST(only_present)
{
	struct look l;
	struct smap *some, *none;
	size_t i, n = 0;

	look_make(&l);
	make_usage(&l);
	some = smap_at(&l, OTHER);
	some->pages = calloc(16 * IMAGE_MIB / PAGE / 64, 8);
	some->pages[5 * 4] = 1;
	some->pages[9 * 4 + 3] = UINT64_C(1) << 63;
	some->n_set = 2;
	none = smap_at(&l, lines[LARGE_MAP].start);
	none->pages = calloc(HUGE / PAGE / 64, 8);
	look_find(&l);
	for (i = 0; i < l.roots.n; i++) {
		const struct root_range *r = &l.roots.items[i];

		if (r->start < OTHER || r->start >= TLS)
			continue;
		ck_assert_uint_eq(r->start, OTHER + (n ? 9 : 5) * IMAGE_MIB);
		ck_assert_uint_eq(r->end, r->start + IMAGE_MIB);
		n++;
	}
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(l.roots.left_out, 0);
	look_release(&l);
}
END_TEST

/* A page amid a large allocation cannot be written, as a guard: behind it the
 * allocation goes on, and what looks like a block of jemalloc's there is none. */
START_TEST(guarded)
{
	enum { GUARD = 2 * IMAGE_MIB, PAGES = 1281 }; /* 5 MiB, and a page */
	const struct root_range want[] = {
		{ .start = 0, .end = 16 },
		{ .start = 126, .end = 200 },
		{ .start = 210, .end = 300 },
		{ .start = 300 + PAGES, .end = 32 * IMAGE_MIB / PAGE },
	};
	struct look l;
	size_t i, n = 0;

	look_make(&l);
	add(&l, 300, PAGES, HEAP_EXTENT_ACTIVE);
	l.block = IMAGE_HEAP_AT + 4 * IMAGE_MIB;
	l.lines[HEAP].size = GUARD;
	l.lines[LARGE_MAP] = lines[HEAP];
	l.lines[LARGE_MAP].start += GUARD + PAGE;
	l.lines[LARGE_MAP].size -= GUARD + PAGE;
	make_usage(&l);
	look_find(&l);
	ck_assert_uint_eq(l.regions.unclear, 0);
	for (i = 0; i < l.roots.n; i++) {
		const struct root_range *r = &l.roots.items[i];

		if (r->start < IMAGE_HEAP_AT ||
		    r->start >= IMAGE_HEAP_AT + IMAGE_HEAP)
			continue;
		ck_assert_uint_lt(n, ARRAY_SIZE(want));
		ck_assert_uint_eq((r->start - IMAGE_HEAP_AT) / PAGE,
				  want[n].start);
		ck_assert_uint_eq((r->end - IMAGE_HEAP_AT) / PAGE,
				  want[n++].end);
	}
	ck_assert_uint_eq(n, ARRAY_SIZE(want));
	look_release(&l);
}
END_TEST

/* Of a thread that waits the stack pointer is known, of one that runs it is
 * not. */
START_TEST(own_threads)
{
	const pid_t waiting = fork(), running = waiting ? fork() : 0;
	struct task_syscall call = { 0 };
	struct root_thread *found;
	size_t n;

	if (!waiting)
		pause();
	while (!running)
		__asm__ volatile("");
	do {
		hs_ck_ok(task_syscall_read(waiting, waiting, &call));
	} while (call.activity != TASK_IN_SYSCALL);
	hs_ck_ok(roots_threads(waiting, &found, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(found[0].tid, waiting);
	ck_assert_uint_eq(found[0].sp, call.sp);
	free(found);
	hs_ck_ok(roots_threads(running, &found, &n));
	ck_assert_uint_eq(found[0].sp, 0);
	free(found);
	kill(waiting, SIGKILL);
	kill(running, SIGKILL);
	waitpid(waiting, NULL, 0);
	waitpid(running, NULL, 0);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/roots", all_kinds, no_tls, only_present,
			    guarded, own_threads);
}
