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
 *	--rate BYTES	leaks that much a second
 *	--churn BYTES	replaces that much of the stock a second, random objects
 *	--burst BYTES	allocates that much at once, and keeps it, ...
 *	--at MS		... so long after it began (1000)
 *	--cache BYTES	fills a cache up to that size and empties it again ...
 *	--period MS	... in that time (2000)
 *	--slow MS	the rate is reached in that time, from 0
 *	--threads N	so many threads allocate in turn what is leaked (1):
 *each hands over to the next
 *	--turn MS	after so long (500)
 *
 *	begin		prints "begun"
 *	end		all stands still; prints as "truth" does
 *	truth		prints "truth us=N stock=N leaked=N burst=N cache=N
 *			replaced=N": bytes in usable sizes that are live now,
 *and those that were replaced; at N us after it began
 *
 * Stacks: hold_stock and hold_more (the stock, and what replaces it; the leak
 *is of the same place), serve_burst, fill_cache. With several, stack_0 to
 *stack_63 are between main() and those.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/alloc.h"
#include "tests/victims/victim.h"

enum { TICK_MS = 10, MAX_STACKS = 64, PAGE = 4096, CACHE_PIECE = 16384 };

static uint64_t stock_bytes = 1 << 30, object_size = 4096, n_stacks = 1, rate,
		churn, burst, burst_at = 1000, cache_bytes, period = 2000,
		slow_ms, n_threads = 1, turn_ms = 500;
static bool mixed, untouched;

/* Mapped, so that the tables themselves are in no profile. */
static void **stock, **kept, **cache;
static size_t n_stock, n_kept, n_cache, max_kept;
static uint64_t stocked, leaked, bursted, cached, replaced, seed = 1;
static int64_t began; /* us; 0: not yet */
static int64_t stands_at;
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

static size_t pick_size(void)
{
	static const unsigned percent[] = { 50, 62, 75, 87, 100, 125, 150, 175 };

	if (!mixed)
		return object_size;
	return object_size * percent[next_random() % 8] / 100;
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
	size_t size = pick_size();
	void *p = filled(malloc(size), size);

	KEEP_FRAME();
	return p;
}

/* A function for each stack, so that each has a frame of its own. */
#define STACK(n)                                                    \
	__attribute__((noinline)) static void *stack_##n(void)      \
	{                                                           \
		void *p = hold();                                   \
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
static void *(*const stacks[MAX_STACKS])(void) = {
	NAMES8(1), NAMES8(2), NAMES8(3), NAMES8(4),
	NAMES8(5), NAMES8(6), NAMES8(7), NAMES8(8),
};

static void keep(void *p, uint64_t *sum)
{
	pthread_mutex_lock(&lock);
	if (n_kept == max_kept)
		_exit(2);
	kept[n_kept++] = p;
	*sum += malloc_usable_size(p);
	pthread_mutex_unlock(&lock);
}

__attribute__((noinline)) static void hold_stock(void)
{
	size_t i, most = stock_bytes / (object_size / 2) + 1;

	stock = table(most);
	for (i = 0; stocked < stock_bytes && i < most; i++) {
		stock[i] = stacks[i % n_stacks]();
		stocked += malloc_usable_size(stock[i]);
	}
	n_stock = i;
	KEEP_FRAME();
}

/* By the same place as the stock: only the way to it differs. */
__attribute__((noinline)) static void replace_one(void)
{
	size_t i = next_random() % n_stock;
	uint64_t was = malloc_usable_size(stock[i]);

	free(stock[i]);
	stock[i] = stacks[i % n_stacks]();
	pthread_mutex_lock(&lock);
	stocked += malloc_usable_size(stock[i]) - was;
	replaced += was;
	pthread_mutex_unlock(&lock);
	KEEP_FRAME();
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

/* Thread @arg leaks when it is its turn. */
static void *leak(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000 };
	uint64_t number = (uint64_t)(uintptr_t)arg;

	for (;;) {
		int64_t us = victim_now() - began;

		while (began && !stands_at && leaked < due(us) &&
		       (uint64_t)us / (turn_ms * 1000) % n_threads == number)
			keep(stacks[0](), &leaked);
		while (nanosleep(&tick, NULL))
			victim_interrupted();
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
			while (replaced < churn * (uint64_t)us / 1000000)
				replace_one();
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
		{ "--stacks", &n_stacks },   { "--rate", &rate },
		{ "--churn", &churn },	     { "--burst", &burst },
		{ "--at", &burst_at },	     { "--cache", &cache_bytes },
		{ "--period", &period },     { "--slow", &slow_ms },
		{ "--threads", &n_threads }, { "--turn", &turn_ms },
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
	return !strcmp(name, "--sizes") || !strcmp(name, "--touch");
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
	hold_stock();
	for (i = 0; i < n_threads; i++)
		victim_thread(leak, (void *)(uintptr_t)i);
	victim_thread(change, NULL);
	victim_ready();
	victim_obey(command);
	return 0;
}
