/*
 * Kept names of any content, with the checksum that makes them be read:
 *refused, or read, and then written again as the same bytes.
 *
 *	tests/fuzz/run names_cache 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "symbol/cache/kept_names.h"
#include "tests/fuzz/fuzz.h"

enum { TAG = 4 }; /* bytes */

/* @data is what follows the tag. */
static void make_file(struct strbuf *ret, const struct strbuf *tag,
		      const uint8_t *data, size_t size)
{
	const uint32_t len = (uint32_t)tag->len;
	uint32_t sum = 0;

	strbuf_adds(ret, "hsnames1");
	strbuf_add(ret, &sum, sizeof(sum));
	strbuf_add(ret, &len, sizeof(len));
	strbuf_add(ret, tag->buf, tag->len);
	strbuf_add(ret, data, size);
	must(!ret->failed);
	sum = (uint32_t)crc32_z(0, (const void *)(ret->buf + 12),
				ret->len - 12);
	memcpy(ret->buf + 8, &sum, sizeof(sum));
}

static void visit(const struct kept_names *names)
{
	size_t i, k, bytes = 0;

	for (i = 0; i < names->answers.n; i++) {
		const struct answer *a = &names->answers.items[i];

		must(answers_find(&names->answers, a->offset) == a);
		must(a->first <= names->answers.n_frames &&
		     a->n <= names->answers.n_frames - a->first);
		for (k = 0; k < a->n; k++) {
			const struct symbol_frame *f =
				&names->answers.frames[a->first + k];

			bytes += f->function ? strlen(f->function) : 0;
			bytes += f->file ? strlen(f->file) : 0;
			must(f->inlined == (k + 1 < a->n));
		}
	}
	must(bytes < SIZE_MAX);
}

/* What is written of it is read as the same: written once more it is the same
 * bytes. (The input may have strings that nobody uses, in any order.) */
static void write_twice(const struct kept_names *names,
			const struct strbuf *tag)
{
	_cleanup_strbuf_ struct strbuf once = { 0 }, twice = { 0 };
	struct kept_names again;

	must(!kept_names_write(names, tag, &once));
	must(kept_names_read(&once, tag, &again));
	must(!kept_names_write(&again, tag, &twice));
	must(once.len == twice.len && !memcmp(once.buf, twice.buf, once.len));
	kept_names_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_strbuf_ struct strbuf tag = { 0 }, file = { 0 }, raw = { 0 };
	struct kept_names names;

	strbuf_add(&tag, "tag!", TAG);
	strbuf_add(&raw, data, size);
	must(!raw.failed);
	if (kept_names_read(&raw, &tag, &names))
		kept_names_release(&names);
	make_file(&file, &tag, data, size);
	if (!kept_names_read(&file, &tag, &names))
		return 0;
	visit(&names);
	write_twice(&names, &tag);
	kept_names_release(&names);
	return 0;
}
