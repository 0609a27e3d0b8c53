/* Of a real process that is quiet, what it has leaked is found to a thousandth,
 * direct and in chains, and what it keeps is held by the global that has it.
 * Nothing of it comes into memory by that. */
#include "contents/graph_live.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc/task.h"
#include "symbol/elf_symbols.h"
#include "tests/unit/shop_child.h"

enum { CHAIN = 10 }; /* steps, of which nobody points to the first */

/* A process, and what is found in it. */
struct seen {
	struct victim victim;
	struct identity id;
	struct maps maps;
	struct loaded_files files;
	struct jemallocs jemallocs;
	struct graph_live live;
};

static void seen_begin(struct seen *s)
{
	*s = (struct seen){ 0 };
	shop_start(&s->victim);
	hs_ck_ok(identity_open(s->victim.pid, &s->id));
	hs_ck_ok(maps_read(s->victim.pid, &s->maps));
	hs_ck_ok(loaded_files_open(&s->id, &s->maps, NULL, &s->files));
	hs_ck_ok(jemallocs_find(&s->files, &s->jemallocs));
	ck_assert_uint_eq(s->jemallocs.n, 1);
}

static struct hs_error *look_often(struct seen *s, uint64_t most,
				   unsigned looks, int64_t apart_us)
{
	const struct graph_live_options options = {
		.pid = s->victim.pid,
		.file = s->jemallocs.items[0].file,
		.shared = s->jemallocs.items[0].shared,
		.most = most,
		.looks = looks,
		.apart_us = apart_us,
	};

	return graph_live_look(&options, &s->live);
}

static struct hs_error *look(struct seen *s, uint64_t most)
{
	return look_often(s, most, 2, 10000);
}

static void seen_end(struct seen *s)
{
	graph_live_release(&s->live);
	jemallocs_release(&s->jemallocs);
	loaded_files_release(&s->files);
	maps_release(&s->maps);
	identity_close(&s->id);
	victim_end(&s->victim);
}

static const struct leak_count *count_of(const struct seen *s, uint64_t size)
{
	unsigned i = 0;

	while (heap_class_size(i) != size)
		i++;
	return &s->live.leaks.classes[i];
}

static void check_near(uint64_t got, uint64_t want)
{
	const uint64_t off = got < want ? want - got : got - want;

	ck_assert_msg(off * 1000 <= want, "%" PRIu64 " is not %" PRIu64, got,
		      want);
}

START_TEST(leaked)
{
	const struct leak_count *c;
	uint64_t sessions, requests, steps;
	struct seen s;

	seen_begin(&s);
	hs_ck_ok(look(&s, 256 << 20));
	sessions = shop_objects(&s.victim, "shop::session");
	requests = shop_objects(&s.victim, "shop::request");
	steps = shop_objects(&s.victim, "shop::step");
	c = count_of(&s, 48); /* sessions and requests */
	check_near(c->held, sessions);
	check_near(c->direct, requests);
	ck_assert_uint_le(c->indirect, requests / 1000);
	c = count_of(&s, 64);
	check_near(c->direct, steps / CHAIN);
	check_near(c->indirect, steps / CHAIN * (CHAIN - 1));
	c = count_of(&s, 32); /* names, and nodes of the table */
	check_near(c->held, 2 * sessions);
	c = &s.live.leaks.regions;
	ck_assert_uint_le(c->direct, requests + steps / CHAIN);
	ck_assert_uint_le(c->indirect, steps / CHAIN * (CHAIN - 1));
	ck_assert_uint_eq(c->moved, 0);
	ck_assert_uint_eq(s.live.caches.n_stacks, 1);
	seen_end(&s);
}
END_TEST

enum { LOST = 100, APART_US = 1000000 };

/* Waits until the test itself waits, between its first two looks, and has the
 * victim lose sessions. */
static void *lose(void *arg)
{
	const struct seen *s = arg;
	struct task_syscall call = { 0 };
	char command[32];
	int n;

	do {
		usleep(1000);
		hs_error_free(task_syscall_read(getpid(), getpid(), &call));
	} while (call.activity != TASK_IN_SYSCALL ||
		 call.number != SYS_clock_nanosleep);
	n = snprintf(command, sizeof(command), "lose %d\n", LOST);
	if (write(s->victim.input, command, (size_t)n) != n)
		return NULL;
	return read(s->victim.output, command, sizeof(command)) > 0 ? arg
								    : NULL;
}

/* What the first of three looks reaches is not leaked, though the second and
 * the third do not. */
START_TEST(reached_by_the_first_look)
{
	const struct leak_count *c;
	struct seen s;
	pthread_t loser;
	void *lost;

	seen_begin(&s);
	ck_assert_int_eq(pthread_create(&loser, NULL, lose, &s), 0);
	hs_ck_ok(look_often(&s, 256 << 20, 3, APART_US));
	pthread_join(loser, &lost);
	ck_assert_ptr_nonnull(lost);
	c = count_of(&s, 48); /* sessions and requests */
	ck_assert_uint_ge(c->moved, LOST * 9 / 10);
	ck_assert_uint_le(c->moved, LOST);
	check_near(c->held, shop_objects(&s.victim, "shop::session") - LOST);
	ck_assert_uint_le(c->direct, shop_objects(&s.victim, "shop::request"));
	seen_end(&s);
}
END_TEST

/* The data of the library that is jemalloc come last of all, and only those. */
START_TEST(jemalloc_is_the_weakest)
{
	const struct roots *roots;
	struct seen s;
	size_t i, of_jemalloc = 0;

	seen_begin(&s);
	hs_ck_ok(look(&s, 256 << 20));
	roots = &s.live.roots;
	for (i = 0; i < roots->n; i++) {
		const struct root_range *r = &roots->items[i];
		const bool is_jemallocs =
			r->mapping && strstr(r->mapping->path, "libjemalloc");

		of_jemalloc += is_jemallocs;
		if (is_jemallocs)
			ck_assert_int_eq(r->kind, ROOT_ALLOCATOR);
	}
	ck_assert_uint_ge(of_jemalloc, 1);
	ck_assert_int_eq(roots->items[roots->n - 1].kind, ROOT_ALLOCATOR);
	seen_end(&s);
}
END_TEST

/* The global's address, by its symbol. */
static void find_global(const struct seen *s, const char *name, uint64_t *start,
			uint64_t *end)
{
	struct elf_symbol symbol;
	size_t i;

	for (i = 0; i < s->files.n; i++) {
		const struct loaded_file *f = &s->files.items[i];

		if (!f->main_program)
			continue;
		ck_assert(elf_file_find_symbol(f->symbols, name, &symbol));
		*start = f->bias + symbol.address;
		*end = *start + symbol.size;
		return;
	}
	ck_abort_msg("no program");
}

/* The way from a global to a name: its table, or the node before; a node, the
 * session. */
static void check_path(const struct seen *s, uint32_t region)
{
	const struct graph_live *l = &s->live;
	uint32_t path[64];
	bool whole;
	const size_t n = holders_path(&l->holders, region, path, 64, &whole);

	ck_assert(whole);
	ck_assert_uint_ge(n, 2);
	ck_assert_uint_eq(heap_class_size(l->index.classes[path[0]]), 48);
	ck_assert_uint_eq(heap_class_size(l->index.classes[path[1]]), 32);
}

START_TEST(held)
{
	uint64_t start, end, regions = 0, want;
	const struct graph *g;
	struct seen s;
	uint32_t i, name = GRAPH_NONE;

	seen_begin(&s);
	hs_ck_ok(look(&s, 256 << 20));
	g = &s.live.graph;
	find_global(&s, "session_cache", &start, &end);
	for (i = 0; i < g->n_from; i++) {
		const struct graph_root *r = &g->from[i];

		if (r->address < start || r->address >= end)
			continue;
		ck_assert_int_eq(s.live.roots.items[r->range].kind, ROOT_DATA);
		regions += s.live.holders.sums[i].regions;
	}
	want = 3 * shop_objects(&s.victim, "shop::session") + 1;
	check_near(regions, want);
	/* One of the names, which only sessions point to. */
	for (i = 0; i < g->index->n_regions && name == GRAPH_NONE; i++) {
		uint32_t parent;

		if (!holders_reach(&s.live.holders, i))
			continue;
		parent = s.live.holders.parents[i];
		if (!(parent & HOLDERS_ROOT) &&
		    heap_class_size(g->index->classes[i]) == 32 &&
		    heap_class_size(g->index->classes[parent]) == 48)
			name = i;
	}
	ck_assert_uint_ne(name, GRAPH_NONE);
	check_path(&s, name);
	seen_end(&s);
}
END_TEST

START_TEST(nothing_is_touched)
{
	uint64_t before;
	struct seen s;

	seen_begin(&s);
	before = resident_pages(s.victim.pid);
	hs_ck_ok(look(&s, 256 << 20));
	ck_assert_uint_eq(resident_pages(s.victim.pid), before);
	seen_end(&s);
}
END_TEST

START_TEST(bounded)
{
	struct seen s;

	seen_begin(&s);
	hs_ck_err(look(&s, 1 << 16), HS_ERROR_GREW,
		  "the heap has more than 186 slabs and large allocations");
	graph_live_release(&s.live);
	hs_ck_ok(look(&s, 64 << 20));
	ck_assert_uint_le(graph_bytes(&s.live.graph), 64 << 20);
	seen_end(&s);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/graph_live", leaked,
			    reached_by_the_first_look, jemalloc_is_the_weakest,
			    held, nothing_is_touched, bounded);
}
