/*
 * Files of suppressions of any content, each with a name behind its first empty
 * line that they are matched with: read or refused, and a pattern that is the
 * whole of a name matches it.
 *
 *	tests/fuzz/run suppressions 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "heap/suppressions.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *end = memmem(data, size, "\n\n", 2);
	const size_t len = end ? (size_t)(end - (const char *)data) + 1 : size;
	struct heap_suppressions s = { 0 };
	struct hs_error *err;
	size_t i;
	char *name;

	err = heap_suppressions_parse(&s, (const char *)data, len, "x");
	if (!err && end) {
		name = strndup(end + 2, size - len - 1);
		must(name);
		heap_suppressions_match(&s, name);
		free(name);
	}
	for (i = 0; !err && i < s.n; i++)
		if (!strpbrk(s.patterns[i], "*^$"))
			must(heap_suppressions_match(&s, s.patterns[i]));
	hs_error_free(err);
	heap_suppressions_release(&s);
	return 0;
}
