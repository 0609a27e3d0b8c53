#include "target/heap_layout.h"

#include <string.h>

#include "base/array.h"

#define STATES_5_1                                                        \
	{                                                                 \
		HEAP_EXTENT_ACTIVE, HEAP_EXTENT_DIRTY, HEAP_EXTENT_MUZZY, \
			HEAP_EXTENT_RETAINED,                             \
	}

/* Since 2026 number 4 is "pinned": not given back, it cannot be. Before, it was
 * "transition". */
#define STATES_5_3                                                        \
	{                                                                 \
		HEAP_EXTENT_ACTIVE, HEAP_EXTENT_DIRTY, HEAP_EXTENT_MUZZY, \
			HEAP_EXTENT_RETAINED, HEAP_EXTENT_MOVING,         \
			HEAP_EXTENT_MOVING, HEAP_EXTENT_MOVING,           \
			HEAP_EXTENT_MOVING,                               \
	}

#define EXTENT_5_1                                             \
	.state_shift = 16, .state_bits = 2, .szind_shift = 18, \
	.nfree_shift = 26, .states = STATES_5_1, .cache_bin = cache_bin_5_1
#define EXTENT_5_3                                             \
	.state_shift = 17, .state_bits = 3, .szind_shift = 20, \
	.nfree_shift = 28, .states = STATES_5_3, .cache_bin = cache_bin_5_3
#define TREE_48 .lg_vaddr = 48, .levels = 2, .bits = 18, .leaf_words = 1
#define TREE_57 .lg_vaddr = 57, .levels = 3, .bits = 15, .leaf_words = 2

static const struct heap_layout layouts[] = {
	{ .versions = "5.3", TREE_48, EXTENT_5_3, .pointer_flags = 127 },
	{ .versions = "5.1, 5.2", TREE_48, EXTENT_5_1, .pointer_flags = 15 },
	{ .versions = "5.3", TREE_57, EXTENT_5_3, .leaf_szind_shift = 5 },
	{ .versions = "5.1, 5.2", TREE_57, EXTENT_5_1, .leaf_slab_shift = 32 },
};

const struct heap_layout *heap_layouts(size_t *n)
{
	*n = ARRAY_SIZE(layouts);
	return layouts;
}

struct heap_leaf heap_layout_leaf(const struct heap_layout *layout,
				  const uint64_t *words)
{
	struct heap_leaf leaf;

	if (layout->leaf_words == 1) {
		/* Above the address is the class; the address is one of
		 * user space, whose highest bit is 0. */
		leaf.edata = words[0] & ((UINT64_C(1) << 47) - 1) &
			     ~layout->pointer_flags;
		leaf.szind = (unsigned)(words[0] >> 48);
		leaf.slab = words[0] & 1;
		return leaf;
	}
	leaf.edata = words[0];
	leaf.szind = (uint32_t)words[1] >> layout->leaf_szind_shift;
	leaf.slab = (words[1] >> layout->leaf_slab_shift) & 1;
	return leaf;
}

static unsigned field(uint64_t bits, unsigned shift, unsigned width)
{
	return (unsigned)(bits >> shift) & ((1U << width) - 1);
}

bool heap_layout_extent(const struct heap_layout *layout, const uint64_t *words,
			struct heap_extent *ret)
{
	const uint64_t in_page = (UINT64_C(1) << HEAP_PAGE_SHIFT) - 1;
	const uint64_t bits = words[0];
	/* What is a slab's bitmap has other meanings in the record of a large
	 * allocation. Behind a list's links, in all versions. */
	enum { BITMAP_WORD = 8 };

	*ret = (struct heap_extent){
		/* That of a large allocation is somewhere in its first page
		 * (opt.cache_oblivious). */
		.address = words[1] & ~in_page,
		/* The lower bits count reuses. */
		.size = words[2] & ~in_page,
		.state = layout->states[field(bits, layout->state_shift,
					      layout->state_bits)],
		.slab = field(bits, 12, 1),
		.szind = field(bits, layout->szind_shift, 8),
		.arena = field(bits, 0, 12),
		.nfree = field(bits, layout->nfree_shift, 10),
		.start = words[1],
	};
	if (ret->slab)
		memcpy(ret->free, words + BITMAP_WORD, sizeof(ret->free));
	else
		memcpy(ret->prof, words + BITMAP_WORD, sizeof(ret->prof));
	return ret->size && ret->address <= UINT64_MAX - ret->size;
}

/* size, next, then an extent of what is left: it ends where the block does
 * (src/base.c, base_extent_bump_alloc_helper). */
uint64_t heap_layout_base_block(uint64_t address, const uint64_t *words)
{
	const uint64_t size = words[0], next = words[1];
	const uint64_t left_at = words[3], left = words[4];

	if (!size || size % HEAP_BASE_ALIGNMENT || size > UINT64_MAX - address)
		return 0;
	if (next % HEAP_BASE_ALIGNMENT || left_at < address ||
	    left_at - address > size || left_at - address + left != size)
		return 0;
	return size;
}
