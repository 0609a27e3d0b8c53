/**
 * @file region.h - a region of the heap, as far as it was read.
 */
#ifndef CONTENTS_REGION_H
#define CONTENTS_REGION_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	REGION_WORDS = 16,
	REGION_BYTES = REGION_WORDS * 8, /* that are looked at */
};

struct region {
	uint64_t address;
	uint64_t size; /* bytes, of its size class */
	uint64_t less; /* the next smaller class: more was asked for */
	size_t len;    /* bytes that were read: the lesser of size and
			  REGION_BYTES; what is behind is 0 */
	union {
		uint64_t words[REGION_WORDS];
		unsigned char bytes[REGION_BYTES];
	};
};

/** What is behind the first @bytes of @r, which are fewer than r->len, as if it
 *  were a region. */
static inline struct region region_behind(const struct region *r, size_t bytes)
{
	struct region ret = {
		.address = r->address + bytes,
		.size = r->size - bytes,
		.less = r->less > bytes ? r->less - bytes : 0,
		.len = r->len - bytes,
	};

	memcpy(ret.bytes, r->bytes + bytes, ret.len);
	return ret;
}

#endif
