/*
 * A process that answers mallctl() as it likes: its size classes, its arenas
 *and how large its large objects are, twice, then the change in between as text
 *and as JSON.
 *
 * An input is the answers, one after the other: a byte, of which 0 is "no such
 * name", 1 "of another size" (jemalloc 3), and any other an answer, whose bytes
 * follow. When there are no more, the time is up.
 *
 *	tests/fuzz/run mallctl 60
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mallctl/classes.h"
#include "mallctl/large_sizes.h"
#include "mallctl/mallctl.h"
#include "mallctl/values.h"
#include "output/stats_json.h"
#include "output/stats_text.h"
#include "tests/fuzz/fuzz.h"

/* What is left of the input. */
static const uint8_t *next, *end;

/* Takes the place of the one that calls into the process. */
struct hs_error *mallctl_get(struct session *s, const char *name, void *value,
			     size_t size, bool *found)
{
	uint8_t kind;

	(void)s;
	*found = false;
	must(name[0] && strlen(name) < 95); /* cut at no buffer's end */
	if (next == end)
		return hs_error_new(HS_ERROR_TIMEOUT, "timed out");
	kind = *next++;
	if (!kind)
		return NULL;
	if (kind == 1 && size < 8)
		return hs_error_sys(HS_ERROR_SYSTEM, EINVAL, "mallctl()");
	if ((size_t)(end - next) < size)
		size = (size_t)(end - next);
	memcpy(value, next, size);
	next += size;
	*found = true;
	return NULL;
}

static struct hs_error *read_stats(struct heap_stats *ret)
{
	struct heap_meta *meta = &ret->meta;
	uint64_t merged = 0;
	bool known = false;
	struct hs_error *err;

	err = mallctl_get_size(NULL, &meta->allocated, "stats.allocated");
	if (!err)
		err = mallctl_get_size(NULL, &meta->resident, "stats.resident");
	if (!err)
		err = mallctl_get_size(NULL, &meta->page, "arenas.page");
	if (!err)
		err = classes_merged_index(NULL, &merged, &known);
	if (!err && known)
		err = large_sizes_read(NULL, merged, meta);
	if (!err && known)
		err = classes_read(NULL, merged, ret);
	if (!err)
		err = classes_count(NULL, meta);
	return err ? err : arenas_read(NULL, ret);
}

static void check_stats(const struct heap_stats *s)
{
	size_t i;

	for (i = 0; i < s->n_classes; i++) {
		must(s->classes[i].size > 0);
		must(s->classes[i].regions >= 0);
		must(s->classes[i].bytes >= 0);
	}
	for (i = 0; i < s->n_arenas; i++)
		must(s->arenas[i].active >= 0 && s->arenas[i].allocated >= -1);
}

static void write_stats(const struct heap_stats *before,
			const struct heap_stats *after)
{
	static const struct text_options options = { .utf8 = true };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	must(f);
	hs_error_free(stats_text_write(f, before, after, &options));
	hs_error_free(stats_json_write(f, before, after));
	must(!fclose(f));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heap_stats before, after;

	next = data;
	end = data + size;
	heap_stats_init(&before);
	heap_stats_init(&after);
	hs_error_free(read_stats(&before));
	hs_error_free(read_stats(&after));
	check_stats(&before);
	check_stats(&after);
	write_stats(NULL, &before);
	write_stats(&before, &after);
	heap_stats_release(&before);
	heap_stats_release(&after);
	return 0;
}
