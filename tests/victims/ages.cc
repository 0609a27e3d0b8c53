/*
 * A program that tells when it allocated: objects of a class, text, and blocks
 * that are large, each by a function of its own.
 *
 *	make KIND N	makes N of "order", "note" or "block" and answers "made
 *			BEFORE AFTER", microseconds of CLOCK_MONOTONIC
 *	free KIND N	frees the N oldest: "freed LEFT"
 *	now		"now MICROSECONDS"
 */
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>

extern "C" {
#include "tests/victims/victim.h"
}

namespace shop
{
struct order {
	virtual ~order() = default;

	uint64_t number = 7;
};
} // namespace shop

enum {
	NOTE = 100,    /* bytes */
	BLOCK = 20000, /* that a thread keeps in its cache when it is freed */
};

static std::deque<void *> orders, notes, blocks;

__attribute__((noinline)) static void *make_order()
{
	return new shop::order;
}

__attribute__((noinline)) static void *make_note()
{
	auto *text = static_cast<char *>(malloc(NOTE));

	memset(text, 'n', NOTE);
	text[NOTE - 1] = '\0';
	return text;
}

__attribute__((noinline)) static void *make_block()
{
	void *block = malloc(BLOCK);

	memset(block, 0, BLOCK);
	return block;
}

static void free_order(void *order)
{
	delete static_cast<shop::order *>(order);
}

struct kind {
	std::deque<void *> *all;
	void *(*make)();
	void (*release)(void *);
};

static const std::map<std::string, kind> kinds = {
	{ "order", { &orders, make_order, free_order } },
	{ "note", { &notes, make_note, free } },
	{ "block", { &blocks, make_block, free } },
};

static bool obey(const char *line)
{
	char name[16];
	uint64_t n;

	if (!strcmp(line, "now")) {
		victim_say("now %" PRId64, victim_now());
		return true;
	}
	if (sscanf(line, "make %15s %" SCNu64, name, &n) == 2) {
		const kind &k = kinds.at(name);
		const int64_t before = victim_now();

		for (; n; n--)
			k.all->push_back(k.make());
		victim_say("made %" PRId64 " %" PRId64, before, victim_now());
		return true;
	}
	if (sscanf(line, "free %15s %" SCNu64, name, &n) == 2) {
		const kind &k = kinds.at(name);

		for (; n; n--) {
			k.release(k.all->front());
			k.all->pop_front();
		}
		victim_say("freed %zu", k.all->size());
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, nullptr);
	victim_ready();
	victim_obey(obey);
	return 0;
}
