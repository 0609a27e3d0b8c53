/*
 * A service with an old stock, that one stack allocated long ago, and that
 * changes in known ways from when it is told to begin.
 *
 *	--stock BYTES	the stock (1 GiB)
 *	--size BYTES	of an object (4096); with --sizes they are that on
 *			average, and of 8 size classes around it
 *	--sizes mixed
 *	--touch no	objects of which only the first page is touched
 *	--stacks N	the stock is of so many stacks (1); the first one leaks
 *	--classes N	of so many size classes (1)
 *	--rate BYTES	leaks that much a second
 *	--spread yes	all stacks leak in turn, instead of the first
 *	--churn BYTES	replaces that much of the stock a second, random objects
 *	--burst BYTES	allocates that much at once, and keeps it, ...
 *	--at MS		... so long after it began (1000)
 *	--cache BYTES	fills a cache up to that size and empties it again ...
 *	--period MS	... in that time (2000)
 *	--slow MS	the rate is reached in that time, from 0
 *	--threads N	so many threads allocate in turn what is leaked (1), and
 *			each hands over to the next ...
 *	--turn MS	... after so long (500)
 *
 *	begin		prints "begun"
 *	end		all stands still; prints as "truth" does
 *	truth		prints "truth us=N stock=N leaked=N burst=N cache=N
 *			replaced=N": bytes in usable sizes that are live
 *			now, or were replaced, at N us after it began
 *
 * The stock, what replaces it and the leak are of the same stacks: hold, one to
 * three of stack_10 to stack_87 (more than one with more than 64 stacks), work.
 * The others are serve_burst and fill_cache.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/alloc.h"
#include "tests/victims/victim.h"

enum {
	TICK_MS = 10,
	BRANCHES = 64, /* functions that a stack goes through one of */
	MAX_STACKS = BRANCHES * BRANCHES * BRANCHES,
	PAGE = 4096,
	CACHE_PIECE = 16384,
};

static uint64_t stock_bytes = 1 << 30, object_size = 4096, n_stacks = 1,
		n_classes = 1, rate, churn, burst, burst_at = 1000, cache_bytes,
		period = 2000, slow_ms, n_threads = 1, turn_ms = 500;
static bool mixed, untouched, spread;

/* Mapped, so that the tables themselves are in no profile. */
static void **stock, **kept, **cache;
static size_t n_stock, n_kept, n_cache, max_kept, max_stock;
static volatile bool full; /* the stock is complete */
static uint64_t stocked, leaked, bursted, cached, replaced, seed = 1;
static int64_t began; /* us; 0: not yet */
static int64_t stands_at;
static __thread size_t wanted;	      /* bytes, of the next object */
static __thread size_t branch, level; /* the way to it, and what is left */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

static uint64_t next_random(void)
{
	/* xorshift64: Marsaglia, "Xorshift RNGs", 2003 */
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void *table(size_t n)
{
	void *p = mmap(NULL, n * sizeof(void *), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(2);
	return p;
}

static const unsigned percents[] = { 100, 50, 75, 62, 87, 125, 150, 175 };

static size_t pick_size(size_t stack)
{
	size_t class = stack * n_classes / n_stacks;

	if (mixed)
		class = next_random() % 8;
	return object_size * percents[class % 8] / 100;
}

static void *filled(void *p, size_t size)
{
	if (!p) {
		victim_harmed("no memory for %zu bytes", size);
		_exit(2);
	}
	memset(p, 's', untouched && size > PAGE ? PAGE : size);
	return p;
}

__attribute__((noinline)) static void *hold(void)
{
	void *p = filled(malloc(wanted), wanted);

	KEEP_FRAME();
	return p;
}

static void *descend(void);

/* A function for each branch, so that each has a frame of its own. */
#define STACK(n)                                                    \
	__attribute__((noinline)) static void *stack_##n(void)      \
	{                                                           \
		void *p = descend();                                \
                                                                    \
		__asm__ volatile("" ::"r"((uint64_t)n) : "memory"); \
		return p;                                           \
	}
#define STACKS8(a)  \
	STACK(a##0) \
	STACK(a##1) \
	STACK(a##2) \
	STACK(a##3) STACK(a##4) STACK(a##5) STACK(a##6) STACK(a##7)
STACKS8(1)
STACKS8(2)
STACKS8(3)
STACKS8(4)
STACKS8(5)
STACKS8(6)
STACKS8(7)
STACKS8(8)
#define NAMES8(a)                                                             \
	stack_##a##0, stack_##a##1, stack_##a##2, stack_##a##3, stack_##a##4, \
		stack_##a##5, stack_##a##6, stack_##a##7
static void *(*const stacks[BRANCHES])(void) = {
	NAMES8(1), NAMES8(2), NAMES8(3), NAMES8(4),
	NAMES8(5), NAMES8(6), NAMES8(7), NAMES8(8),
};

__attribute__((always_inline)) static inline void *descend(void)
{
	const size_t next = branch % BRANCHES;

	if (!level)
		return hold();
	level--;
	branch /= BRANCHES;
	return stacks[next]();
}

/* All stacks go through as many functions. */
static void *allocate(size_t stack)
{
	size_t most;

	wanted = pick_size(stack);
	branch = stack;
	for (most = BRANCHES, level = 1; most < n_stacks; most *= BRANCHES)
		level++;
	return descend();
}

static void keep(void *p, uint64_t *sum)
{
	pthread_mutex_lock(&lock);
	if (n_kept == max_kept)
		_exit(2);
	kept[n_kept++] = p;
	*sum += malloc_usable_size(p);
	pthread_mutex_unlock(&lock);
}

__attribute__((noinline)) static void serve_burst(void)
{
	while (bursted < burst)
		keep(filled(malloc(object_size), object_size), &bursted);
	KEEP_FRAME();
}

/* A triangle would have no edge: it grows, and is emptied at once. */
__attribute__((noinline)) static void fill_cache(int64_t us)
{
	uint64_t part = (uint64_t)us % (period * 1000);
	size_t want = cache_bytes / CACHE_PIECE * part / (period * 1000);

	while (n_cache > want)
		free(cache[--n_cache]);
	while (n_cache < want)
		cache[n_cache++] = filled(malloc(CACHE_PIECE), CACHE_PIECE);
	cached = n_cache * CACHE_PIECE;
	KEEP_FRAME();
}

/* What should be leaked by now. */
static uint64_t due(int64_t us)
{
	double s = (double)us / 1e6, ramp = (double)slow_ms / 1e3;

	if (s < ramp)
		return (uint64_t)((double)rate * s * s / ramp / 2);
	return (uint64_t)((double)rate * (s - ramp / 2));
}

enum job { NOTHING, STOCK, LEAK, REPLACE };

/* What thread @number has to do now, and with which object of the stock. */
static enum job next_job(uint64_t number, size_t *slot)
{
	int64_t us = victim_now() - began;

	*slot = 0;
	if (!full && number)
		return NOTHING;
	if (!full) {
		*slot = n_stock;
		return STOCK;
	}
	if (!began || stands_at ||
	    (uint64_t)us / (turn_ms * 1000) % n_threads != number)
		return NOTHING;
	if (leaked < due(us)) {
		*slot = spread ? n_kept : 0;
		return LEAK;
	}
	if ((double)replaced >= (double)churn * (double)us / 1e6)
		return NOTHING;
	*slot = next_random() % n_stock;
	return REPLACE;
}

static void store(enum job job, size_t slot, void *p)
{
	size_t size = malloc_usable_size(p);

	if (job == LEAK) {
		keep(p, &leaked);
		return;
	}
	pthread_mutex_lock(&lock);
	stock[slot] = p;
	stocked += size;
	n_stock += job == STOCK;
	pthread_mutex_unlock(&lock);
	if (stocked >= stock_bytes || n_stock == max_stock)
		full = true;
}

static void drop(size_t slot)
{
	size_t size = malloc_usable_size(stock[slot]);

	pthread_mutex_lock(&lock);
	stocked -= size;
	replaced += size;
	pthread_mutex_unlock(&lock);
	free(stock[slot]);
}

/* The stock, what replaces it, and the leak: all of one place, by one way. */
static void *work(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000 };
	enum job job;
	size_t slot;
	void *p;

	for (;;) {
		job = next_job((uint64_t)(uintptr_t)arg, &slot);
		if (job == NOTHING) {
			while (nanosleep(&tick, NULL))
				victim_interrupted();
			continue;
		}
		if (job == REPLACE)
			drop(slot);
		p = allocate(slot % n_stacks);
		store(job, slot, p);
	}
	return NULL;
}

static void *change(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000 };

	(void)arg;
	for (;;) {
		int64_t us = victim_now() - began;

		if (began && !stands_at) {
			if (burst && us >= (int64_t)burst_at * 1000)
				serve_burst();
			if (cache_bytes)
				fill_cache(us);
		}
		while (nanosleep(&tick, NULL))
			victim_interrupted();
	}
	return NULL;
}

static bool option(const char *name, const char *value)
{
	static const struct {
		const char *name;
		uint64_t *value;
	} numbers[] = {
		{ "--stock", &stock_bytes }, { "--size", &object_size },
		{ "--stacks", &n_stacks },   { "--classes", &n_classes },
		{ "--rate", &rate },	     { "--churn", &churn },
		{ "--burst", &burst },	     { "--at", &burst_at },
		{ "--cache", &cache_bytes }, { "--period", &period },
		{ "--slow", &slow_ms },	     { "--threads", &n_threads },
		{ "--turn", &turn_ms },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(name, numbers[i].name) != 0)
			continue;
		*numbers[i].value = victim_number(value);
		return true;
	}
	mixed = mixed || !strcmp(name, "--sizes");
	untouched = untouched || !strcmp(name, "--touch");
	spread = spread || !strcmp(name, "--spread");
	return !strcmp(name, "--sizes") || !strcmp(name, "--touch") ||
	       !strcmp(name, "--spread");
}

static void say_truth(void)
{
	int64_t us = stands_at ? stands_at : victim_now();

	pthread_mutex_lock(&lock);
	victim_say("truth us=%lld stock=%llu leaked=%llu burst=%llu "
		   "cache=%llu replaced=%llu",
		   (long long)(began ? us - began : 0),
		   (unsigned long long)stocked, (unsigned long long)leaked,
		   (unsigned long long)bursted, (unsigned long long)cached,
		   (unsigned long long)replaced);
	pthread_mutex_unlock(&lock);
}

static bool command(const char *line)
{
	if (!strcmp(line, "begin")) {
		began = victim_now();
		victim_say("begun");
	} else if (!strcmp(line, "end")) {
		stands_at = victim_now();
		/* What a thread is doing yet is done within a tick. */
		usleep(20 * TICK_MS * 1000);
		say_truth();
	} else if (!strcmp(line, "truth")) {
		say_truth();
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	uint64_t i;

	victim_begin(argc, argv, option);
	if (!n_stacks || n_stacks > MAX_STACKS || object_size < 8)
		return 2;
	max_kept = (size_t)1 << 28;
	kept = table(max_kept);
	cache = table(cache_bytes / CACHE_PIECE + 1);
	max_stock = stock_bytes / (object_size / 2) + 1;
	stock = table(max_stock);
	for (i = 0; i < n_threads; i++)
		victim_thread(work, (void *)(uintptr_t)i);
	while (!full)
		usleep(TICK_MS * 1000);
	victim_thread(change, NULL);
	victim_ready();
	victim_obey(command);
	return 0;
}
