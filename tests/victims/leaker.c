/*
 * A service that leaks on demand, by known call stacks, and knows how much.
 *
 *	--busy N	threads in tight malloc, realloc, free loops, which
 *			check their memory, their registers and their errno
 *	--nice N	they leave the CPUs to others that want them, nice(1)
 *	--idle N	threads that sleep
 *	--rate BYTES	leaks that much a second, in objects of 1000 bytes;
 *			struct heartbeat says how much it was so far
 *
 *	leak COUNT SIZE		handle_request -> parse_body -> leak_site
 *	upload COUNT SIZE	handle_upload -> read_chunk -> leak_site
 *	free COUNT		the youngest COUNT objects
 *	compute			the main thread calls nothing, or it
 *	block			waits for a semaphore, until SIGUSR1 comes
 *	dump PATH		has its jemalloc write a profile there
 *
 * Each answers "leaked OBJECTS BYTES": all that is leaked now, BYTES in usable
 * sizes, which is what jemalloc's profile counts.
 */
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/alloc.h"
#include "tests/victims/victim.h"

enum { MAX_OBJECTS = 1 << 22, RATE_SIZE = 1000, RATE_TICK_MS = 10 };

/* Mapped, so that the table itself is in no profile. */
static void **kept;

static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t busy, niceness, idle, rate, running;

/* Keeps a call from becoming a jump: its caller must be on the stack. */
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

__attribute__((noinline)) static void *leak_site(size_t size)
{
	void *p = malloc(size);

	if (!p) {
		victim_harmed("no memory for %zu bytes", size);
		_exit(2);
	}
	memset(p, 'x', size);
	pthread_mutex_lock(&kept_lock);
	if (heartbeat->leaked_objects == MAX_OBJECTS)
		_exit(2);
	kept[heartbeat->leaked_objects++] = p;
	heartbeat->leaked_bytes += malloc_usable_size(p);
	pthread_mutex_unlock(&kept_lock);
	return p;
}

__attribute__((noinline)) static void parse_body(uint64_t count, size_t size)
{
	while (count--)
		leak_site(size);
	KEEP_FRAME();
}

__attribute__((noinline)) static void handle_request(uint64_t count,
						     size_t size)
{
	parse_body(count, size);
	KEEP_FRAME();
}

__attribute__((noinline)) static void read_chunk(uint64_t count, size_t size)
{
	while (count--)
		leak_site(size);
	KEEP_FRAME();
}

__attribute__((noinline)) static void handle_upload(uint64_t count, size_t size)
{
	read_chunk(count, size);
	KEEP_FRAME();
}

static void free_youngest(uint64_t count)
{
	pthread_mutex_lock(&kept_lock);
	for (; count && heartbeat->leaked_objects; count--) {
		void *p = kept[--heartbeat->leaked_objects];

		heartbeat->leaked_bytes -= malloc_usable_size(p);
		free(p);
	}
	pthread_mutex_unlock(&kept_lock);
}

static bool filled(const unsigned char *p, size_t n, unsigned char with)
{
	while (n--) {
		if (p[n] != with)
			return false;
	}
	return true;
}

/*
 * Integers, doubles and errno that nobody but this thread may change: a call
 * run on a thread that is not put back exactly shows here.
 */
static void *be_busy(void *arg)
{
	uint64_t seed = (uintptr_t)arg + 1, turns = 0;
	double half = 0.5, sum = 0.0;

	/* Of this thread alone, in Linux. */
	nice((int)niceness);
	__atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
	for (;; turns++) {
		size_t size = 16 + (seed >> 33) % 2000, more = size * 2;
		unsigned char fill = (unsigned char)seed, *p;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		errno = 77;
		p = malloc(size);
		memset(p, fill, size);
		p = realloc(p, more);
		if (!filled(p, size, fill))
			victim_harmed("memory of a busy thread changed");
		free(p);
		sum += half;
		if (sum != (double)(turns % 1000 + 1) * 0.5)
			victim_harmed("a sum of doubles is %f", sum);
		if (turns % 1000 == 999)
			sum = 0.0;
		if (errno != 77)
			victim_harmed("errno of a busy thread became %d",
				      errno);
	}
	return NULL;
}

static void *be_idle(void *arg)
{
	struct timespec ts = { .tv_sec = 3600 };

	(void)arg;
	__atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		victim_interrupted();
	return NULL;
}

static void *leak_at_rate(void *arg)
{
	struct timespec ts = { .tv_nsec = RATE_TICK_MS * 1000000 };
	int64_t start = victim_now();
	uint64_t due, done = 0;

	(void)arg;
	__atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		due = (uint64_t)(victim_now() - start) * rate / 1000000;
		for (; done + RATE_SIZE <= due; done += RATE_SIZE)
			handle_request(1, RATE_SIZE);
		if (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL) == EINTR)
			victim_interrupted();
	}
	return NULL;
}

static volatile sig_atomic_t signalled;

static void note_signal(int signo)
{
	(void)signo;
	signalled = 1;
}

/* Without SA_RESTART: sem_wait() ends with EINTR. */
static void await_signal(bool computes)
{
	struct sigaction act = { .sa_handler = note_signal };
	sem_t never;

	signalled = 0;
	sigaction(SIGUSR1, &act, NULL);
	sem_init(&never, 0, 0);
	victim_say(computes ? "computes" : "blocks");
	while (!signalled) {
		if (!computes && sem_wait(&never) < 0 && !signalled)
			victim_interrupted();
	}
}

static void dump(const char *path)
{
	int status = ENOENT;

	if (mallctl)
		status = mallctl("prof.dump", NULL, NULL, &path, sizeof(path));
	if (status)
		victim_harmed("cannot dump to '%s': %s", path,
			      strerror(status));
}

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--busy"))
		busy = victim_number(value);
	else if (!strcmp(name, "--nice"))
		niceness = victim_number(value);
	else if (!strcmp(name, "--idle"))
		idle = victim_number(value);
	else if (!strcmp(name, "--rate"))
		rate = victim_number(value);
	else
		return false;
	return true;
}

static bool command(const char *line)
{
	unsigned long long count, size;
	char path[200];

	if (sscanf(line, "leak %llu %llu", &count, &size) == 2)
		handle_request(count, size);
	else if (sscanf(line, "upload %llu %llu", &count, &size) == 2)
		handle_upload(count, size);
	else if (sscanf(line, "free %llu", &count) == 1)
		free_youngest(count);
	else if (sscanf(line, "dump %199s", path) == 1)
		dump(path);
	else if (!strcmp(line, "compute") || !strcmp(line, "block"))
		await_signal(!strcmp(line, "compute"));
	else
		return false;
	victim_say("leaked %llu %llu",
		   (unsigned long long)heartbeat->leaked_objects,
		   (unsigned long long)heartbeat->leaked_bytes);
	return true;
}

int main(int argc, char **argv)
{
	uint64_t i, want;

	victim_begin(argc, argv, option);
	kept = mmap(NULL, MAX_OBJECTS * sizeof(*kept), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (kept == MAP_FAILED)
		return 2;
	want = busy + idle + (rate ? 1 : 0);
	for (i = 0; i < busy; i++)
		victim_thread(be_busy, (void *)(uintptr_t)i);
	for (i = 0; i < idle; i++)
		victim_thread(be_idle, NULL);
	if (rate)
		victim_thread(leak_at_rate, NULL);
	while (__atomic_load_n(&running, __ATOMIC_SEQ_CST) != want)
		usleep(1000);
	victim_ready();
	victim_obey(command);
	return 0;
}
