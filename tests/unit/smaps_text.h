/**
 * @file smaps_text.h - memory of mappings as the text of /proc/PID/smaps has
 * it: the kernel's own sums, and a short way to write down mappings for a test.
 */
#ifndef TESTS_UNIT_SMAPS_TEXT_H
#define TESTS_UNIT_SMAPS_TEXT_H

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "proc/smaps.h"
#include "tests/unit/hs_check.h"

/** Of @text, proc(5): the mappings, each with its Rss and nothing else. A
 *  mapping's own line begins with an address, in lower case; its fields' names
 *  begin with a capital. *ret: smaps_release(). */
static inline void smaps_from_text(const char *text, struct smaps *ret)
{
	struct strbuf heads = { 0 };
	const char *line, *end;
	unsigned long long kib;

	*ret = (struct smaps){ 0 };
	for (line = text; *line; line = end) {
		end = strchrnul(line, '\n');
		end += *end == '\n';
		if (*line < 'A' || *line > 'Z') {
			strbuf_add(&heads, line, (size_t)(end - line));
			ck_assert(ARRAY_GROW(ret->items, ret->cap, ret->n + 1));
			ret->items[ret->n++] = (struct smap){ 0 };
		} else if (sscanf(line, "Rss: %llu kB", &kib) == 1) {
			ret->items[ret->n - 1].rss = kib * 1024;
		}
	}
	hs_ck_ok(maps_parse(strbuf_str(&heads), heads.len, "smaps", 1,
			    &ret->maps));
	ck_assert_uint_eq(ret->maps.n, ret->n);
	strbuf_release(&heads);
}

#endif
