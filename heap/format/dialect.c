#include "heap/format/dialect.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"

struct known_start {
	const char *start;
	size_t len;
	heap_dialect *dialect;
	const char *seems; /* without a dialect: the kind of file */
	const char *hint;  /* may be NULL */
};

#define START(text) (text), sizeof(text) - 1

/* The first match counts. Log and recent dumps: jemalloc, prof_log.c and
 * prof_recent.c; the words of a CPU profile: gperftools, profiledata.cc. */
static const struct known_start known_starts[] = {
	{ START("heap_v2/"), heap_read_v2, NULL, NULL },
	{ START("heap profile:"), heap_read_lines, NULL, NULL },
	{ START("--- symbol"), heap_read_raw, NULL, NULL },
	{ START("--- heap"), heap_read_raw, NULL, NULL },
	{ START("--- growth"), heap_read_raw, NULL, NULL },
	{ START("heap_v"), NULL,
	  "a heap dump in another format than 'heap_v2', the one that is known",
	  NULL },
	{ START("--- "), NULL, "a profile of something else than the heap",
	  NULL },
	{ START("{\"sample_interval\""), NULL,
	  "jemalloc's list of recent allocations, not a heap dump", NULL },
	{ START("{\n \"schema\": \"heapsnap/"), NULL,
	  "a report of heapsnap, not a snapshot",
	  "give the snapshots it was made from" },
	{ START("{"), NULL,
	  "JSON, perhaps a log of jemalloc (prof.log), not a heap dump",
	  "such a log has the allocations that were freed, not the live ones" },
	{ START("# heapsnap"), NULL,
	  "a snapshot whose first part, the heap dump, is missing", NULL },
	{ START("heap growth "), NULL, "a report of heapsnap, not a snapshot",
	  "give the snapshots it was made from" },
	{ START("live heap of "), NULL, "a report of heapsnap, not a snapshot",
	  "give the snapshot it was made from" },
	{ START("\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"), NULL,
	  "a CPU profile, not a heap dump", NULL },
	{ START("PERFILE2"), NULL, "a recording of perf, not a heap dump",
	  NULL },
	{ START("desc: "), NULL, "a profile of valgrind's massif", NULL },
	{ START("___ Begin jemalloc statistics"), NULL,
	  "jemalloc's statistics, not a heap dump", NULL },
	{ START("\x1f\x8b"), NULL, "compressed with gzip, twice",
	  "decompress it first: gunzip" },
	{ START("\x28\xb5\x2f\xfd"), NULL, "compressed with zstd, twice",
	  "decompress it first: unzstd" },
	{ START("\xfd"
		"7zXZ"),
	  NULL, "compressed with xz", "decompress it first: unxz" },
	{ START("BZh"), NULL, "compressed with bzip2",
	  "decompress it first: bunzip2" },
};

static struct hs_error *elf_seems(const char *text, size_t len,
				  const char *name)
{
	/* e_type is the 16-bit word behind e_ident, in the file's byte order;
	 * all its values in use fit one of the two bytes. */
	if (len >= EI_NIDENT + 2 &&
	    (unsigned char)text[EI_NIDENT] +
			    (unsigned char)text[EI_NIDENT + 1] ==
		    ET_CORE)
		return hs_error_new(HS_ERROR_INPUT,
				    "%s: seems to be a core dump, not a heap "
				    "dump",
				    name);
	return hs_error_new(HS_ERROR_INPUT,
			    "%s: seems to be a program or library, not a heap "
			    "dump",
			    name);
}

struct hs_error *heap_dialect_find(const char *text, size_t len,
				   const char *name, size_t line,
				   heap_dialect **ret)
{
	struct hs_error *err;
	size_t i;

	if (!len)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT, "%s: file is empty", name),
			"jemalloc leaves an empty file behind when the disk "
			"is full");
	if (len >= SELFMAG && !memcmp(text, ELFMAG, SELFMAG))
		return elf_seems(text, len, name);
	for (i = 0; i < ARRAY_SIZE(known_starts); i++) {
		const struct known_start *k = &known_starts[i];

		/* A file may be cut off within its first word. */
		if (memcmp(text, k->start, len < k->len ? len : k->len))
			continue;
		if (k->dialect) {
			*ret = k->dialect;
			return NULL;
		}
		err = hs_error_new(HS_ERROR_INPUT, "%s:%zu: seems to be %s",
				   name, line, k->seems);
		return k->hint ? hs_error_hint(err, "%s", k->hint) : err;
	}
	return hs_error_hint(hs_error_new(HS_ERROR_INPUT,
					  "%s:%zu: not a heap dump", name,
					  line),
			     "a heap dump of jemalloc begins with 'heap_v2/' "
			     "or 'heap profile:'");
}

/* The leaf's address is exact, its callers' are return addresses: the call is
 * before that. */
struct hs_error *heap_dialect_frames(struct heap_text *t, const char *at,
				     struct heap_builder *b)
{
	const char *start = at;
	size_t zeros = 0, same = 0;
	struct hs_error *err;
	bool leaf;
	uint64_t pc;

	/* jemalloc writes its stacks sorted (prof_gctx_comp()), so most frames
	 * are those of the previous stack. */
	err = heap_builder_repeat(b, heap_text_repeats(t, at), &same);
	at += same;
	leaf = !same;
	while (!err && heap_text_skip(&at, " ")) {
		if (!heap_text_address(&at, &pc))
			return heap_text_expected(
				t, "addresses '0x...' behind '@'");
		/* Some unwinders end a stack with NULL: dropped, unless another
		 * frame follows. */
		if (!pc) {
			zeros++;
			continue;
		}
		for (; !err && zeros; zeros--, leaf = false)
			err = heap_builder_add_frame(b, 0,
						     (size_t)(at - start));
		if (!err)
			err = heap_builder_add_frame(b, leaf ? pc : pc - 1,
						     (size_t)(at - start));
		leaf = false;
	}
	if (err)
		return err;
	if (!heap_text_end_line(t, at))
		return heap_text_expected(t, "addresses '0x...' behind '@'");
	heap_text_keep(t, start, (size_t)(at - start) + 1);
	return NULL;
}

/* No size class is below a byte, and no objects have no bytes; jemalloc's
 * prof_do_unbias() does not change that. */
struct hs_error *heap_dialect_check(const struct heap_text *t, uint64_t objects,
				    uint64_t bytes)
{
	if (bytes >= objects && (objects || !bytes))
		return NULL;
	return heap_text_error(t,
			       "%" PRIu64 " objects cannot have %" PRIu64
			       " bytes",
			       objects, bytes);
}
