/**
 * @file cursor.h - reads numbers and strings one after the other, never beyond
 * the end.
 *
 * A value beyond the end is 0 or "" and marks the cursor as failed: a reader
 * checks once, when it is done. Little-endian, as all machines heapsnap is for.
 */
#ifndef SYMBOL_CURSOR_H
#define SYMBOL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Bytes of a file, borrowed. */
struct slice {
	const uint8_t *data;
	size_t size;
};

struct cursor {
	const uint8_t *at, *end;
	bool failed;
};

/** @size bytes of @slice from @offset on; empty when they are not there. */
static inline struct slice slice_part(struct slice slice, uint64_t offset,
				      uint64_t size)
{
	if (!slice.data || offset > slice.size || size > slice.size - offset)
		return (struct slice){ 0 };
	return (struct slice){ slice.data + offset, (size_t)size };
}

/** From @offset to the end of @slice; failed when that is beyond it. */
static inline struct cursor cursor_at(struct slice slice, uint64_t offset)
{
	static const uint8_t nothing[1];

	if (offset > slice.size || !slice.data)
		return (struct cursor){ nothing, nothing, true };
	return (struct cursor){
		.at = slice.data + offset,
		.end = slice.data + slice.size,
	};
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static inline void cursor_fail(struct cursor *c)
{
	c->failed = true;
	c->at = c->end;
}

static inline void cursor_skip(struct cursor *c, uint64_t n)
{
	if (n > cursor_left(c))
		cursor_fail(c);
	else
		c->at += n;
}

/** A number of @n bytes, 1 to 8. */
static inline uint64_t cursor_uint(struct cursor *c, size_t n)
{
	uint64_t v = 0;

	if (n > cursor_left(c)) {
		cursor_fail(c);
		return 0;
	}
	memcpy(&v, c->at, n);
	c->at += n;
	return v;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	if (c->at == c->end) {
		c->failed = true;
		return 0;
	}
	return *c->at++;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)cursor_uint(c, 2);
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)cursor_uint(c, 4);
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	return cursor_uint(c, 8);
}

/** LEB128; bits above the 64th are lost. */
static inline uint64_t cursor_uleb(struct cursor *c)
{
	uint64_t v = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = cursor_u8(c);
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

static inline int64_t cursor_sleb(struct cursor *c)
{
	uint64_t v = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = cursor_u8(c);
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (shift < 64 && byte & 0x40)
		v |= ~(uint64_t)0 << shift;
	return (int64_t)v;
}

/** Up to the next NUL. */
static inline const char *cursor_string(struct cursor *c)
{
	const uint8_t *start = c->at, *nul;

	nul = cursor_left(c) ? memchr(start, 0, cursor_left(c)) : NULL;
	if (!nul) {
		cursor_fail(c);
		return "";
	}
	c->at = nul + 1;
	return (const char *)start;
}

/** Longer names than any program has: a damaged file may have thousands that
 *  all end at one NUL, a gigabyte away. */
#define SLICE_STRING_MAX (1 << 20)

/** The string at @offset of @slice; NULL when there is none, or one of more
 *  than SLICE_STRING_MAX bytes. */
static inline const char *slice_string(struct slice slice, uint64_t offset)
{
	struct cursor c = cursor_at(slice, offset);
	const char *s;

	if (cursor_left(&c) > SLICE_STRING_MAX)
		c.end = c.at + SLICE_STRING_MAX;
	s = cursor_string(&c);

	return c.failed ? NULL : s;
}

#endif
