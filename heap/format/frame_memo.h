/**
 * @file frame_memo.h - frames by their text, those that were read not long ago.
 *
 * Internal to heap/. A dump has few addresses, and each of them many times,
 * written the same: what they were is looked up by their text, unread. A text
 * that is not found, for whatever reason, is read; so is one that is too short
 * or too long, which addresses of programs are not.
 */
#ifndef HEAP_FORMAT_FRAME_MEMO_H
#define HEAP_FORMAT_FRAME_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

enum {
	FRAME_TEXT = 16, /* bytes that are looked at, a blank among them */
	FRAME_MEMO_BITS = 12,
};

/** "0x55644fabe6cf": two words, the first bytes in the lowest, zeros behind
 *  the last. No byte of it is zero. */
struct frame_text {
	uint64_t head, tail;
};

/** One text has one place, which the next with that place takes. */
struct frame_memo {
	struct {
		struct frame_text text; /* head 0: none */
		uint32_t frame;
	} slots[1 << FRAME_MEMO_BITS];
};

/* The highest bit of the first byte of @v that is a blank, or another control
 * character; 0: there is none. */
static inline uint64_t frame_text_end(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101;

	return (v - 0x21 * ones) & ~v & 0x80 * ones;
}

/** Takes the text up to a blank at @at, of which FRAME_TEXT bytes can be read.
 *  Returns its length; 0: it has none that is looked for. */
static inline size_t frame_text_take(const char *at, struct frame_text *ret)
{
	uint64_t end;

	memcpy(&ret->head, at, sizeof(ret->head));
	memcpy(&ret->tail, at + sizeof(ret->head), sizeof(ret->tail));
	end = frame_text_end(ret->tail);
	if (frame_text_end(ret->head) || !end)
		return 0;
	/* The first byte is in the lowest, on all supported machines; what is
	 * below the first blank remains. */
	end &= -end;
	ret->tail &= (end >> 7) - 1;
	return sizeof(ret->head) + (size_t)__builtin_ctzll(end) / 8;
}

static inline size_t frame_memo_slot(const struct frame_text *text)
{
	const uint64_t odd = 0x9e3779b97f4a7c15;

	return (text->head * odd ^ text->tail) * odd >> (64 - FRAME_MEMO_BITS);
}

/** Finds the frame of the text at @at, of which FRAME_TEXT bytes can be read.
 *  Returns the text's length; 0: not found. */
static inline size_t frame_memo_find(const struct frame_memo *memo,
				     const char *at, uint32_t *frame)
{
	struct frame_text text;
	const size_t len = frame_text_take(at, &text);
	const size_t slot = frame_memo_slot(&text);

	if (!len || memo->slots[slot].text.head != text.head ||
	    memo->slots[slot].text.tail != text.tail)
		return 0;
	*frame = memo->slots[slot].frame;
	return len;
}

/** The text at @at, @len bytes, is that of @frame. */
static inline void frame_memo_keep(struct frame_memo *memo, const char *at,
				   size_t len, uint32_t frame)
{
	struct frame_text text;
	size_t slot;

	if (frame_text_take(at, &text) != len)
		return;
	slot = frame_memo_slot(&text);
	memo->slots[slot].text = text;
	memo->slots[slot].frame = frame;
}

#endif
