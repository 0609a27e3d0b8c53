#include "heap/format/dialect.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "heap/remarks.h"

struct known_start {
	const char *start;
	size_t len;
	heap_dialect *dialect;
	const char *seems; /* without a dialect: the kind of file */
	const char *hint;  /* may be NULL */
};

#define START(text) (text), sizeof(text) - 1

#define FROM_SNAPSHOTS "give the snapshots it was made from"
#define DUMP_OF_JEMALLOC \
	"mallctl(\"prof.dump\") writes a heap dump, as heapsnap -p PID does"
#define GO_HEAP "the heap's is at /debug/pprof/heap?debug=1"

/* The first match counts. Log and recent dumps: jemalloc, prof_log.c and
 * prof_recent.c; the words of a CPU profile: gperftools, profiledata.cc. */
static const struct known_start known_starts[] = {
	{ START("heap_v2/"), heap_read_v2, NULL, NULL },
	{ START("heap profile:"), heap_read_lines, NULL, NULL },
	{ START("--- symbol\n"), heap_read_raw, NULL, NULL },
	{ START("--- symbol\r"), heap_read_raw, NULL, NULL },
	{ START("--- symbol "), heap_read_raw, NULL, NULL },
	{ START("--- heap\n"), heap_read_raw, NULL, NULL },
	{ START("--- heap\r"), heap_read_raw, NULL, NULL },
	{ START("--- heap "), heap_read_raw, NULL, NULL },
	{ START("--- growth\n"), heap_read_raw, NULL, NULL },
	{ START("--- growth\r"), heap_read_raw, NULL, NULL },
	{ START("--- growth "), heap_read_raw, NULL, NULL },
	{ START("heap_v"), NULL,
	  "a heap dump in another format than 'heap_v2', the one that is known",
	  "a later heapsnap may read it" },
	{ START("--- heapz "), NULL,
	  "a heap profile of Java (heapz), not one of jemalloc or gperftools",
	  "'go tool pprof -text FILE' reads it" },
	{ START("--- "), NULL, "a profile of something else than the heap",
	  "'go tool pprof -text FILE' reads such profiles" },
	{ START("{\"sample_interval\""), NULL,
	  "jemalloc's list of recent allocations, not a heap dump",
	  DUMP_OF_JEMALLOC },
	{ START("{\n \"$schema\": \"https://json.schemastore.org/sarif"), NULL,
	  "results in SARIF, as heapsnap writes them", FROM_SNAPSHOTS },
	{ START("{\"snapshot\":{\"meta\""), NULL,
	  "a heap snapshot of V8 (node, Chrome), not one of heapsnap",
	  "the Memory panel of Chrome's developer tools reads it" },
	{ START("{\"head\":{\"callFrame\""), NULL,
	  "a heap profile of V8 (node, Chrome), not a heap dump of jemalloc",
	  "the Memory panel of Chrome's developer tools reads it" },
	{ START("JAVA PROFILE 1."), NULL, "a heap dump of Java (hprof)",
	  "Eclipse MAT and VisualVM read it; heapsnap is for the memory that "
	  "the JVM allocates by malloc: heapsnap -p PID" },
	{ START("go1.7 heap dump"), NULL,
	  "a dump of all of Go's objects (debug.WriteHeapDump)", GO_HEAP },
	{ START("{\n \"schema\": \"heapsnap/"), NULL,
	  "a report of heapsnap, not a snapshot", FROM_SNAPSHOTS },
	{ START("{"), NULL,
	  "JSON, perhaps a log of jemalloc (prof.log), not a heap dump",
	  "such a log has the allocations that were freed, not the live ones" },
	{ START("# heapsnap"), NULL,
	  "a snapshot whose first part, the heap dump, is missing",
	  "give the file as heapsnap wrote it" },
	{ START("heap growth "), NULL, "a report of heapsnap, not a snapshot",
	  FROM_SNAPSHOTS },
	{ START("live heap of "), NULL, "a report of heapsnap, not a snapshot",
	  "give the snapshot it was made from" },
	{ START("`heap growth "), NULL, "a report of heapsnap (markdown)",
	  FROM_SNAPSHOTS },
	{ START("`live heap of "), NULL, "a report of heapsnap (markdown)",
	  "give the snapshot it was made from" },
	{ START("<!doctype html"), NULL, "a web page, as heapsnap writes them",
	  FROM_SNAPSHOTS },
	{ START("<!DOCTYPE html"), NULL, "a web page, not a heap dump",
	  "a page of pprof is not the profile: save what its URL with "
	  "'?debug=1' gives" },
	{ START("<html"), NULL, "a web page, not a heap dump",
	  "save what the server gives as text: of Go the URL with '?debug=1'" },
	{ START("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg"), NULL,
	  "a picture (SVG), as heapsnap writes them", FROM_SNAPSHOTS },
	{ START("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"),
	  NULL, "test results (JUnit), as heapsnap writes them",
	  FROM_SNAPSHOTS },
	{ START("<?xml"), NULL, "XML, not a heap dump",
	  "of a picture or a list of test results that heapsnap wrote give the "
	  "snapshots it was made from" },
	{ START("<malloc version="), NULL,
	  "glibc's statistics (malloc_info), not a heap dump",
	  "heapsnap wants a jemalloc that profiles: 'heapsnap run COMMAND' "
	  "starts a program with one" },
	{ START("<svg"), NULL, "a picture (SVG)", FROM_SNAPSHOTS },
	{ START("digraph "), NULL, "a graph for dot, as heapsnap writes them",
	  FROM_SNAPSHOTS },
	{ START("bytes,objects,"), NULL, "a table (CSV) of heapsnap",
	  FROM_SNAPSHOTS },
	{ START("goroutine profile:"), NULL,
	  "a list of goroutines of Go, not a heap dump", GO_HEAP },
	{ START("threadcreate profile:"), NULL,
	  "a list of threads of Go, not a heap dump", GO_HEAP },
	{ START("\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0"), NULL,
	  "a CPU profile, not a heap dump",
	  "'go tool pprof -text FILE' reads it" },
	{ START("PERFILE2"), NULL, "a recording of perf, not a heap dump",
	  "'perf report -i FILE' reads it" },
	{ START("desc: "), NULL, "a profile of valgrind's massif",
	  "ms_print reads it" },
	{ START("<jemalloc>: "), NULL,
	  "a message of jemalloc's own, without a dump behind it",
	  DUMP_OF_JEMALLOC },
	{ START("___ Begin jemalloc statistics"), NULL,
	  "jemalloc's statistics, not a heap dump", DUMP_OF_JEMALLOC },
	{ START("\xff\xfeh\0"), NULL, "text in UTF-16",
	  "convert it first: iconv -f UTF-16 -t UTF-8" },
	{ START("\x1f\x8b"), NULL, "compressed with gzip, twice",
	  "decompress it first: gunzip" },
	{ START("\x28\xb5\x2f\xfd"), NULL, "compressed with zstd, twice",
	  "decompress it first: unzstd" },
	{ START("\xfd"
		"7zXZ"),
	  NULL, "compressed with xz", "decompress it first: unxz" },
	{ START("BZh"), NULL, "compressed with bzip2",
	  "decompress it first: bunzip2" },
	{ START("PK\3\4"), NULL, "an archive of zip",
	  "take the dump out of it first: unzip" },
};

static struct hs_error *elf_seems(const char *text, size_t len,
				  const char *name)
{
	/* e_type is the 16-bit word behind e_ident, in the file's byte order;
	 * all its values in use fit one of the two bytes. */
	const bool core = len >= EI_NIDENT + 2 &&
			  (unsigned char)text[EI_NIDENT] +
					  (unsigned char)text[EI_NIDENT + 1] ==
				  ET_CORE;

	return hs_error_hint(
		hs_error_new(HS_ERROR_INPUT,
			     "%s: seems to be a %s, not a heap "
			     "dump",
			     name, core ? "core dump" : "program or library"),
		core ? DUMP_OF_JEMALLOC
		     : "'heapsnap run COMMAND' starts a program "
		       "and shows what it leaves");
}

/* "main;f;g 4096" */
static bool is_folded(const char *text, size_t len)
{
	const char *nl = memchr(text, '\n', len), *at = nl;

	if (!nl || !memchr(text, ';', (size_t)(nl - text)))
		return false;
	while (at > text && at[-1] >= '0' && at[-1] <= '9')
		at--;
	return at < nl && at > text && at[-1] == ' ';
}

/* Kinds of files that are not told by how they begin alone. */
static struct hs_error *other_seems(const char *text, size_t len,
				    const char *name)
{
	if (!is_folded(text, len))
		return NULL;
	return hs_error_hint(hs_error_new(HS_ERROR_INPUT,
					  "%s: seems to be folded stacks, not "
					  "a heap dump",
					  name),
			     FROM_SNAPSHOTS);
}

/* Steps over the blanks that a quotation begins with. */
static void skip_blanks(const char **text, size_t *len)
{
	for (; *len && (**text == ' ' || **text == '\t'); ++*text)
		--*len;
}

bool heap_dialect_is_start(const char *text, size_t len)
{
	size_t i;

	skip_blanks(&text, &len);
	for (i = 0; i < ARRAY_SIZE(known_starts) && known_starts[i].dialect;
	     i++)
		if (len > known_starts[i].len &&
		    !memcmp(text, known_starts[i].start, known_starts[i].len))
			return true;
	return false;
}

bool heap_dialect_is_inside(const char *text, size_t len)
{
	const char *end = text + len, *nl;

	for (; text < end && (nl = memchr(text, '\n', (size_t)(end - text)));
	     text = nl + 1) {
		if (memchr(text, '\0', (size_t)(nl - text)))
			return false;
		if (heap_dialect_is_start(text, (size_t)(end - text)))
			return true;
	}
	return false;
}

struct hs_error *heap_dialect_find(const char *text, size_t len,
				   const char *name, size_t line,
				   heap_dialect **ret)
{
	struct hs_error *err;
	size_t i;

	skip_blanks(&text, &len);
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
	err = other_seems(text, len, name);
	if (err)
		return err;
	return hs_error_hint(hs_error_new(HS_ERROR_INPUT,
					  "%s:%zu: not a heap dump", name,
					  line),
			     "a heap dump of jemalloc begins with 'heap_v2/' "
			     "or 'heap profile:'");
}

static const char want_frames[] = "addresses '0x...' behind '@'";

/* The frames of a line that is read. */
struct frames_line {
	const char *start; /* behind '@' */
	size_t zeros;	   /* NULL so often before the next frame */
	bool leaf;	   /* the next one is */
};

/* The leaf's address is exact, its callers' are return addresses: the call is
 * before that. @text[0..len): that of @pc. */
static struct hs_error *add_pc(struct heap_builder *b, struct frames_line *line,
			       uint64_t pc, const char *text, size_t len)
{
	const size_t end = (size_t)(text - line->start) + len;
	struct hs_error *err = NULL;
	bool leaf;

	/* Some unwinders end a stack with NULL: dropped, unless another frame
	 * follows. */
	if (!pc) {
		line->zeros++;
		return NULL;
	}
	for (; !err && line->zeros; line->zeros--, line->leaf = false)
		err = heap_builder_add_frame(b, 0, end);
	leaf = line->leaf;
	line->leaf = false;
	if (!err)
		err = heap_builder_add_frame(b, leaf ? pc : pc - 1, end);
	if (!err && !leaf)
		heap_builder_know_frame(b, text, len);
	return err;
}

struct hs_error *heap_dialect_frames(struct heap_text *t, const char *at,
				     struct heap_builder *b)
{
	struct frames_line line = { .start = at };
	struct hs_error *err;
	const char *text;
	size_t same = 0;
	uint64_t pc;

	/* jemalloc writes its stacks sorted (prof_gctx_comp()), so most frames
	 * are those of the previous stack. */
	err = heap_builder_repeat(b, heap_text_repeats(t, at), &same);
	at += same;
	line.leaf = !same && !b->calls;
	while (!err) {
		if (!line.leaf && !line.zeros)
			at = heap_builder_add_known(b, line.start, at);
		if (*at != ' ' && *at != '\t')
			break;
		heap_text_skip_blank(&at);
		if (*at == '\n')
			break;
		text = at;
		if (!heap_text_address(&at, &pc))
			return heap_text_expected(t, want_frames);
		err = add_pc(b, &line, pc, text, (size_t)(at - text));
	}
	if (err && hs_error_code(err) == HS_ERROR_INPUT)
		return hs_error_wrap(err, "%s:%zu", t->name, t->line);
	if (err)
		return err;
	heap_builder_complete_stack(b);
	heap_text_keep(t, line.start, (size_t)(at - line.start) + 1);
	if (!heap_text_end_line(t, at))
		return heap_text_expected(t, want_frames);
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

struct hs_error *heap_dialect_not_sampled(struct heap_profile *p,
					  const char *name, size_t line,
					  const char *hint)
{
	return heap_remark_add(
		p, hint, "%s:%zu: the heap was not sampled%s", name, line,
		p->n_stacks ? ": the numbers are as they were written"
			    : ", so there is nothing in it");
}
