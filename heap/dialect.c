#include "heap/dialect.h"

#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"

struct hs_error *heap_text_error(const struct heap_text *t, const char *fmt,
				 ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return hs_error_new(HS_ERROR_INPUT, "%s:%zu: %s", t->name, t->line,
			    what);
}

struct hs_error *heap_text_expected(const struct heap_text *t, const char *what)
{
	return heap_text_error(t, "%sexpected %s",
			       t->s == t->end ? "file is cut off here, " : "",
			       what);
}

bool heap_text_skip(const char **s, const char *word)
{
	const char *at = *s;

	/* No word has a newline, so this ends with the line. */
	for (; *word; word++, at++)
		if (*at != *word)
			return false;
	*s = at;
	return true;
}

struct known_start {
	const char *start;
	size_t len;
	heap_dialect *dialect;
	const char *seems; /* without a dialect: what it is */
	const char *hint;  /* may be NULL */
};

#define START(text) (text), sizeof(text) - 1

/* The first that fits. Log and recent dumps: jemalloc, prof_log.c and
 * prof_recent.c. */
static const struct known_start known_starts[] = {
	{ START("heap_v2/"), heap_read_v2, NULL, NULL },
	{ START("heap profile:"), NULL,
	  "a heap profile of jemalloc 3 or gperftools, a format not read by "
	  "this version",
	  NULL },
	{ START("heap_v"), NULL,
	  "a heap dump in another format than 'heap_v2', the one that is known",
	  NULL },
	{ START("--- "), NULL,
	  "a profile symbolized by jeprof --raw, a format not read by this "
	  "version",
	  "give the dump it was made from" },
	{ START("{\"sample_interval\""), NULL,
	  "jemalloc's list of recent allocations, not a heap dump", NULL },
	{ START("{"), NULL,
	  "JSON, perhaps a log of jemalloc (prof.log), not a heap dump",
	  "such a log has the allocations that were freed, not the live ones" },
	{ START("# heapsnap"), NULL,
	  "a snapshot whose first part, the heap dump, is missing", NULL },
	{ START("\x1f\x8b"), NULL, "compressed with gzip",
	  "decompress it first: gunzip" },
	{ START("\x28\xb5\x2f\xfd"), NULL, "compressed with zstd",
	  "decompress it first: unzstd" },
	{ START("\xfd"
		"7zXZ"),
	  NULL, "compressed with xz", "decompress it first: unxz" },
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
				   const char *name, heap_dialect **ret)
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
		err = hs_error_new(HS_ERROR_INPUT, "%s:1: seems to be %s", name,
				   k->seems);
		return k->hint ? hs_error_hint(err, "%s", k->hint) : err;
	}
	return hs_error_hint(hs_error_new(HS_ERROR_INPUT,
					  "%s:1: not a heap dump", name),
			     "a heap dump of jemalloc begins with 'heap_v2/'");
}
