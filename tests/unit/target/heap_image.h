/**
 * @file heap_image.h - the memory of a process with jemalloc's tree of extents,
 * made by hand: as 5.1 and 5.2 lay it out or as 5.3 does, with addresses of 48
 * or 57 bits. The numbers are those of jemalloc's headers, written down anew.
 */
#ifndef TESTS_UNIT_TARGET_HEAP_IMAGE_H
#define TESTS_UNIT_TARGET_HEAP_IMAGE_H

#include <stdlib.h>
#include <string.h>

#include "target/heap_tree.h"

enum { IMAGE_MIB = 1 << 20, IMAGE_HEAP = 64 * IMAGE_MIB };

#define IMAGE_DATA UINT64_C(0x7e0000345000)
#define IMAGE_BASE UINT64_C(0x7e8000200000)
#define IMAGE_HEAP_AT UINT64_C(0x7f2000000000)

struct image {
	bool v53, wide; /* 57 bits */
	bool aligned;	/* large allocations begin where their extents do */
	char *data;	/* owned; 3 MiB at IMAGE_DATA, the root in it */
	char *base;	/* owned; 8 MiB at IMAGE_BASE: nodes and records */
	size_t used;	/* bytes of base */
	uint64_t root;
	unsigned long reads;
	size_t longest; /* bytes of a read */
};

static inline bool image_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct image *im = arg;

	im->reads++;
	im->longest = len > im->longest ? len : im->longest;
	if (addr >= IMAGE_DATA && addr - IMAGE_DATA <= 3 * IMAGE_MIB - len)
		memcpy(buf, im->data + (addr - IMAGE_DATA), len);
	else if (addr >= IMAGE_BASE && addr - IMAGE_BASE <= 8 * IMAGE_MIB - len)
		memcpy(buf, im->base + (addr - IMAGE_BASE), len);
	else if (addr >= IMAGE_HEAP_AT &&
		 addr - IMAGE_HEAP_AT <= IMAGE_HEAP - len)
		memset(buf, 0, len);
	else
		return false;
	return true;
}

static inline void *image_at(struct image *im, uint64_t addr)
{
	return addr >= IMAGE_BASE ? im->base + (addr - IMAGE_BASE)
				  : im->data + (addr - IMAGE_DATA);
}

static inline void image_put(struct image *im, uint64_t addr, uint64_t word)
{
	memcpy(image_at(im, addr), &word, sizeof(word));
}

static inline uint64_t image_get(struct image *im, uint64_t addr)
{
	uint64_t word;

	memcpy(&word, image_at(im, addr), sizeof(word));
	return word;
}

/* A base block, in which memory is taken from the beginning. */
static inline void image_settle_base(struct image *im)
{
	image_put(im, IMAGE_BASE, 8 * IMAGE_MIB);
	image_put(im, IMAGE_BASE + 8, 0);
	image_put(im, IMAGE_BASE + 24, IMAGE_BASE + im->used);
	image_put(im, IMAGE_BASE + 32, 8 * IMAGE_MIB - im->used);
}

static inline uint64_t image_take(struct image *im, size_t size)
{
	uint64_t at = IMAGE_BASE + im->used;

	im->used += size;
	if (im->used > 8 * IMAGE_MIB)
		abort();
	image_settle_base(im);
	return at;
}

static inline void image_make(struct image *im, bool v53, bool wide)
{
	*im = (struct image){ .v53 = v53, .wide = wide, .used = 4096 };
	im->data = calloc(1, 3 * IMAGE_MIB);
	im->base = calloc(1, 8 * IMAGE_MIB);
	/* Before the root: strings, numbers, pointers to code and to base. */
	memcpy(im->data + 64, "<jemalloc>: ", 12);
	image_put(im, IMAGE_DATA + 0x100, IMAGE_BASE);
	image_put(im, IMAGE_DATA + 0x200, UINT64_C(0x7e0000123456));
	image_put(im, IMAGE_DATA + 0x800, IMAGE_BASE + 0x1240);
	im->root = IMAGE_DATA + 0x1078;
	image_put(im, im->root - 8, 1); /* a lock */
	image_put(im, im->root + (wide ? 8 << 15 : 8 << 18), 77);
}

static inline void image_release(struct image *im)
{
	free(im->data);
	free(im->base);
}

static inline uint64_t image_child(struct image *im, uint64_t at, size_t size)
{
	if (!image_get(im, at))
		image_put(im, at, image_take(im, size));
	return image_get(im, at);
}

/* Where the entry of @page is. */
static inline uint64_t image_entry(struct image *im, uint64_t page)
{
	uint64_t node;

	if (!im->wide) {
		node = image_child(im, im->root + (page >> 30) * 8, 8 << 18);
		return node + (page >> 12 & 0x3ffff) * 8;
	}
	node = image_child(im, im->root + (page >> 42) * 8, 8 << 15);
	node = image_child(im, node + (page >> 27 & 0x7fff) * 8, 16 << 15);
	return node + (page >> 12 & 0x7fff) * 16;
}

static inline void image_enter(struct image *im, uint64_t page, uint64_t record,
			       const struct heap_extent *e)
{
	uint64_t at = image_entry(im, page);
	uint64_t szind = e->state ? 232 : e->szind;
	uint64_t flags = im->v53 ? (uint64_t)e->state << 2 : 0;

	flags |= e->slab && !e->state;
	if (!im->wide) {
		image_put(im, at, szind << 48 | record | flags);
		return;
	}
	image_put(im, at, record);
	image_put(im, at + 8,
		  im->v53 ? szind << 5 | flags : szind | flags << 32);
}

/* Adds @e, whose record it makes: returns where. */
static inline uint64_t image_add(struct image *im, const struct heap_extent *e)
{
	uint64_t record = image_take(im, 128), page;
	uint64_t szind = e->state ? 232 : e->szind;
	unsigned state = im->v53 ? 17 : 16, class = im->v53 ? 20 : 18;

	image_put(im, record,
		  e->arena | (uint64_t)e->slab << 12 | 1 << 13 |
			  (uint64_t)e->state << state | szind << class |
			  (uint64_t)e->nfree << (class + 8));
	/* A large allocation is somewhere in its first page. */
	image_put(im, record + 8,
		  e->address + (e->slab || im->aligned ? 0 : 0x340));
	image_put(im, record + 16, e->size | 5);
	if (e->slab)
		memcpy(image_at(im, record + 64), e->free, sizeof(e->free));
	for (page = e->address; page < e->address + e->size; page += 4096) {
		if ((e->slab && !e->state) || page == e->address ||
		    page == e->address + e->size - 4096)
			image_enter(im, page, record, e);
	}
	return record;
}

/* Extents of every kind one after the other, @n of them; *ret[i] as they are.
 * Between them are pages that are nobody's. */
static inline void image_fill(struct image *im, size_t n,
			      struct heap_extent *ret)
{
	uint64_t at = IMAGE_HEAP_AT + 0x10000;
	size_t i;

	for (i = 0; i < n; i++) {
		const uint64_t pages = i % 7 + 1;

		ret[i] = (struct heap_extent){
			.address = at,
			.size = pages * 4096,
			.state =
				(enum heap_extent_state)(i % 5 ? 0 : i / 5 % 4),
			.slab = i % 3,
			.szind = (unsigned)(i % 60),
			.arena = (unsigned)(i % 9),
			.nfree = i % 3 ? (unsigned)(i % 11) : 0,
		};
		ret[i].edata = image_add(im, &ret[i]);
		at += pages * 4096 + (i % 4 ? 0 : 8192);
		if (at >= IMAGE_HEAP_AT + IMAGE_HEAP)
			abort();
	}
}

#endif
