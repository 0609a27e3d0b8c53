/**
 * @file process_image.h - a process that is made by hand: a program with
 * vtables and type information, an interpreter's types, symbols, and a heap.
 */
#ifndef TESTS_UNIT_CONTENTS_PROCESS_IMAGE_H
#define TESTS_UNIT_CONTENTS_PROCESS_IMAGE_H

#include <string.h>

#include "contents/classify.h"

enum { PAGE = 4096, PAGES = 8, SMALL = 64 };

/* Of the program: constants, code, relocated constants, data, bss; of a
 * library: constants; and two pages of heap. */
#define CONSTANTS UINT64_C(0x555555554000)
#define CODE (CONSTANTS + PAGE)
#define RELRO (CONSTANTS + 2 * PAGE)
#define DATA (CONSTANTS + 3 * PAGE)
#define BSS (CONSTANTS + 4 * PAGE)
#define LIBRARY UINT64_C(0x7f0000000000)
#define HEAP UINT64_C(0x7f2000000000)

static const char maps_text[] =
	"555555554000-555555555000 r--p 00000000 fe:00 7 /bin/shop\n"
	"555555555000-555555556000 r-xp 00001000 fe:00 7 /bin/shop\n"
	"555555556000-555555557000 r--p 00002000 fe:00 7 /bin/shop\n"
	"555555557000-555555558000 rw-p 00003000 fe:00 7 /bin/shop\n"
	"555555558000-555555559000 rw-p 00000000 00:00 0\n"
	"7f0000000000-7f0000001000 r--p 00000000 fe:00 8 /lib/libstdc++.so\n"
	"7f2000000000-7f2000002000 rw-p 00000000 00:00 0\n";

struct process {
	char pages[PAGES * PAGE];
	unsigned reads;
	struct maps maps;
	struct surroundings around;
	struct known known;
	struct region region;
};

static inline char *at(struct process *p, uint64_t address)
{
	if (address >= CONSTANTS && address < CONSTANTS + 5 * PAGE)
		return p->pages + (address - CONSTANTS);
	if (address >= LIBRARY && address < LIBRARY + PAGE)
		return p->pages + 5 * PAGE + (address - LIBRARY);
	if (address >= HEAP && address < HEAP + 2 * PAGE)
		return p->pages + 6 * PAGE + (address - HEAP);
	return NULL;
}

static inline bool read_page(void *arg, uint64_t address, void *buf, size_t len)
{
	struct process *p = arg;
	const char *first = at(p, address);

	p->reads++;
	if (!first || at(p, address + len - 1) != first + len - 1)
		return false;
	memcpy(buf, first, len);
	return true;
}

static inline bool name_of(void *arg, uint64_t address, struct strbuf *name)
{
	(void)arg;
	if (address == RELRO + 0x800)
		strbuf_adds(name, "_ZTVN4shop4stepE");
	else if (address >= DATA + 0x100 && address < DATA + 0x140)
		strbuf_adds(name, "hashDictType");
	else
		return false;
	return true;
}

/* process_release() in any case. */
static inline struct hs_error *process_make(struct process *p)
{
	memset(p, 0, sizeof(*p));
	p->around = (struct surroundings){
		.memory = { read_page, p },
		.constants = { read_page, p },
		.maps = &p->maps,
		.name = name_of,
	};
	p->known.around = &p->around;
	p->region = (struct region){
		.address = HEAP,
		.size = SMALL,
		.less = SMALL - 16,
		.len = SMALL,
	};
	return maps_parse(maps_text, strlen(maps_text), "maps", 1, &p->maps);
}

static inline void process_release(struct process *p)
{
	known_release(&p->known);
	maps_release(&p->maps);
}

static inline void put(struct process *p, uint64_t address, uint64_t word)
{
	memcpy(at(p, address), &word, sizeof(word));
}

static inline void put_text(struct process *p, uint64_t address,
			    const char *text)
{
	memcpy(at(p, address), text, strlen(text) + 1);
}

/* A vtable at @vtable, of the type of this mangled name. */
static inline void put_class(struct process *p, uint64_t vtable,
			     const char *mangled)
{
	const uint64_t information = vtable + 0x40, name = CONSTANTS + 0x100;

	put(p, vtable - 16, 0);
	put(p, vtable - 8, information);
	put(p, vtable, CODE + 0x10);
	put(p, information, LIBRARY + 0x80);
	put(p, information + 8, name);
	put_text(p, name, mangled);
}

/* A type at @address, of type @type. */
static inline void put_type(struct process *p, uint64_t address, uint64_t type,
			    uint64_t name)
{
	put(p, address, 1);
	put(p, address + 8, type);
	put(p, address + 24, name);
}

static inline void put_types(struct process *p)
{
	const uint64_t names = CONSTANTS + 0x200;

	put_text(p, names, "type");
	put_text(p, names + 0x20, "ABCMeta");
	put_text(p, names + 0x40, "collections.OrderedDict");
	put_text(p, names + 0x60, "dict");
	put_type(p, DATA + 0x400, DATA + 0x400, names);
	put_type(p, HEAP + 0x800, DATA + 0x400, names + 0x20);
	put_type(p, HEAP + 0xa00, HEAP + 0x800, names + 0x40);
	put_type(p, DATA + 0x600, DATA + 0x400, names + 0x60);
}

#endif
