/*
 * A region of any content, in a process whose memory has words of any value in
 *the place of some that are right: what it is, is found out within bounds, and
 *has a name that ends. An input is a byte for the style of names and one for
 *the region's size, the region, and words with the offset at which each is put.
 *
 *	tests/fuzz/run contents 60
 */
#include <stdint.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/contents/process_image.h"

enum {
	READS_MAX = 2000, /* of memory, for one region */
	NAME_MAX_BYTES = 1024,
};

/* A word, and where it goes. */
struct patch {
	uint16_t at;
	uint16_t kind; /* what is added to it */
	uint64_t word;
} __attribute__((packed));

static uint64_t moved(uint64_t word, unsigned kind)
{
	const uint64_t added[] = { 0,	  HEAP, CONSTANTS, CODE,
				   RELRO, DATA, BSS,	   LIBRARY };

	return word + added[kind % 8];
}

static void put_patch(struct process *p, const struct patch *patch)
{
	const uint64_t word = moved(patch->word, patch->kind);

	memcpy(p->pages + patch->at % (sizeof(p->pages) - sizeof(word)), &word,
	       sizeof(word));
}

static void check(struct process *p)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };
	const enum contents_kind kind = classify(&p->known, &p->region, &name);
	const unsigned reads = p->reads;

	must(kind < CONTENTS_KINDS && contents_kind_name(kind));
	must(name.len && name.len <= NAME_MAX_BYTES);
	must(reads <= READS_MAX);
	/* The same, without asking again for what is known. */
	strbuf_clear(&name);
	must(classify(&p->known, &p->region, &name) == kind);
	must(p->reads == reads);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static struct process p;
	struct patch patch;
	size_t i;

	if (size < 2 + REGION_BYTES)
		return 0;
	must(!process_make(&p));
	put_class(&p, RELRO + 0x110, "N4shop7sessionE");
	put_types(&p);
	p.around.demangle = (enum demangle_style)(input[0] % 3);
	p.region.len = (size_t)8 * (input[1] % REGION_WORDS + 1);
	p.region.size = p.region.len;
	p.region.less = p.region.len - 8;
	memcpy(p.region.bytes, input + 2, p.region.len);
	for (i = 2 + REGION_BYTES; i + sizeof(patch) <= size;
	     i += sizeof(patch)) {
		memcpy(&patch, input + i, sizeof(patch));
		put_patch(&p, &patch);
	}
	check(&p);
	process_release(&p);
	return 0;
}
