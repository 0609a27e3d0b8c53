/*
 * A C++ program whose heap is known: sessions that are cached in a global hash
 * table, requests that are leaked one by one, and steps that are leaked in
 * chains of ten. What it has of each it says ("objects CLASS COUNT"), and what
 * jemalloc counts in each size class while no thread keeps anything in its
 * cache ("class SIZE REGIONS"). Then it frees CACHED regions of CACHED_SIZE
 * bytes, which go into its thread's cache ("cached SIZE REGIONS").
 *
 *	--sessions N	with two requests and two steps each; 20,000
 *
 *	more N		makes so many sessions more, with as much each, and
 *			answers "done REQUESTS": those it has then
 *	end N		ends so many sessions, the oldest: "done SESSIONS"
 *	lose N		forgets so many, the oldest, which are leaked: the same
 */
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <jemalloc/jemalloc.h>
#include <memory>
#include <string>
#include <unordered_map>

extern "C" {
#include "tests/victims/victim.h"
}

namespace shop
{
struct session {
	explicit session(uint64_t number)
	    : number(number),
	      user("user-with-a-long-name-" + std::to_string(number))
	{
	}
	virtual ~session() = default;

	uint64_t number;
	std::string user;
};

struct request {
	explicit request(session *of) : of(of)
	{
	}
	virtual ~request() = default;

	session *of;
	uint64_t parts[4] = { 1, 2, 3, 4 };
};

struct step {
	step *next;
	uint64_t values[6];
};
} // namespace shop

enum { CACHED = 7, CACHED_SIZE = 320, CHAIN = 10 };

std::unordered_map<uint64_t, std::unique_ptr<shop::session>> session_cache;

static uint64_t sessions = 20000, requests, steps, oldest;

/* Nobody has the pointer from now on, nor has the compiler seen that. */
static void leak(void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

static void fill(uint64_t number)
{
	auto made = std::make_unique<shop::session>(number);
	unsigned i;

	for (i = 0; i < 2; i++, requests++)
		leak(new shop::request(made.get()));
	if (number % (CHAIN / 2) == 0) {
		shop::step *chain = nullptr;

		for (i = 0; i < CHAIN; i++, steps++)
			chain = new shop::step{ chain, { number } };
		leak(chain);
	}
	session_cache[number] = std::move(made);
}

static size_t ask(const char *name)
{
	size_t value = 0, len = sizeof(value);
	int errnum = mallctl(name, &value, &len, nullptr, 0);

	if (errnum)
		victim_harmed("mallctl %s: %s", name, strerror(errnum));
	return value;
}

static unsigned ask_unsigned(const char *name)
{
	unsigned value = 0;
	size_t len = sizeof(value);

	if (mallctl(name, &value, &len, nullptr, 0))
		victim_harmed("mallctl %s", name);
	return value;
}

/* Size class @i of those of arenas.@list, of all arenas together. */
static void say_class(const char *list, const char *count, unsigned i)
{
	char name[64];
	size_t size, regions;

	snprintf(name, sizeof(name), "arenas.%s.%u.size", list, i);
	size = ask(name);
	snprintf(name, sizeof(name), "stats.arenas.%u.%ss.%u.%s",
		 (unsigned)MALLCTL_ARENAS_ALL,
		 strcmp(list, "bin") ? "lextent" : "bin", i, count);
	regions = ask(name);
	if (regions)
		victim_say("class %zu %zu", size, regions);
}

static void say_classes()
{
	uint64_t epoch = 1;
	unsigned i;

	mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
	mallctl("epoch", nullptr, nullptr, &epoch, sizeof(epoch));
	for (i = 0; i < ask_unsigned("arenas.nbins"); i++)
		say_class("bin", "curregs", i);
	for (i = 0; i < ask_unsigned("arenas.nlextents"); i++)
		say_class("lextent", "curlextents", i);
}

static bool take_option(const char *name, const char *value)
{
	if (strcmp(name, "--sessions") != 0)
		return false;
	sessions = victim_number(value);
	return true;
}

static bool obey(const char *line)
{
	uint64_t n;

	if (sscanf(line, "more %" SCNu64, &n) == 1) {
		/* The table is as large as it will be. */
		for (; n; n--)
			fill(sessions++);
		victim_say("done %" PRIu64, requests);
		return true;
	}
	if (sscanf(line, "end %" SCNu64, &n) == 1) {
		for (; n; n--)
			session_cache.erase(oldest++);
		victim_say("done %zu", session_cache.size());
		return true;
	}
	if (sscanf(line, "lose %" SCNu64, &n) == 1) {
		for (; n; n--) {
			leak(session_cache[oldest].release());
			session_cache.erase(oldest++);
		}
		victim_say("done %zu", session_cache.size());
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	void *spare[CACHED];
	uint64_t i;

	victim_begin(argc, argv, take_option);
	session_cache.reserve(2 * sessions);
	for (i = 0; i < sessions; i++)
		fill(i);
	for (auto &p : spare)
		p = malloc(CACHED_SIZE);
	victim_say("objects shop::session %" PRIu64, sessions);
	victim_say("objects shop::request %" PRIu64, requests);
	victim_say("objects shop::step %" PRIu64, steps);
	say_classes();
	for (auto p : spare)
		free(p);
	victim_say("cached %d %d", CACHED_SIZE, CACHED);
	victim_ready();
	victim_obey(obey);
	return 0;
}
