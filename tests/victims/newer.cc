/*
 * A C++ program that has an operator new of its own, as those do that count: it
 * calls malloc(). Its only thread does nothing but allocate by it.
 */
#include <cstdint>
#include <cstdlib>
#include <new>

extern "C" {
#include "tests/victims/victim.h"
}

static uint64_t allocated;

void *operator new(std::size_t size)
{
	void *p = std::malloc(size);

	if (!p)
		throw std::bad_alloc();
	allocated++;
	return p;
}

void operator delete(void *p) noexcept
{
	std::free(p);
}

void operator delete(void *p, std::size_t) noexcept
{
	std::free(p);
}

struct node {
	node *next;
	uint64_t value;
};

__attribute__((noinline)) static uint64_t work(unsigned n)
{
	node *list = nullptr;
	uint64_t sum = 0;

	while (n--)
		list = new node{ list, n };
	while (list) {
		node *next = list->next;

		sum += list->value;
		delete list;
		list = next;
	}
	return sum;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, nullptr);
	victim_ready();
	do {
		if (work(1000) != 999 * 500)
			victim_harmed("a list has another sum");
		__atomic_add_fetch(&heartbeat->beats, 1, __ATOMIC_SEQ_CST);
	} while (victim_obey_now(nullptr));
	return 0;
}
