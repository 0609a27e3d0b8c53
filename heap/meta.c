#include "heap/meta.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIELD(key, kind, member)                                              \
	{                                                                     \
		key, HEAP_ORIGIN_##kind, offsetof(struct heap_origin, member) \
	}

/* All but the file's name, which is wherever it is read from. */
const struct heap_origin_field heap_origin_fields[HEAP_ORIGIN_FIELDS] = {
	FIELD("pid", NUMBER, pid),
	FIELD("command", TEXT, command),
	FIELD("command-line", TEXT, command_line),
	FIELD("host", TEXT, host),
	FIELD("taken-at", TEXT, taken_at),
	FIELD("taken-at-us", NUMBER, taken_at_us),
	FIELD("start-time", TICKS, start_time),
	FIELD("jemalloc-version", TEXT, jemalloc_version),
	FIELD("mode", TEXT, mode),
	FIELD("host-tid", NUMBER, host_tid),
	FIELD("pause-us", NUMBER, pause_us),
	FIELD("dump-us", NUMBER, dump_us),
	FIELD("dump-bytes", NUMBER, dump_bytes),
	FIELD("allocated", NUMBER, allocated),
	FIELD("active", NUMBER, active),
	FIELD("metadata", NUMBER, metadata),
	FIELD("resident", NUMBER, resident),
	FIELD("mapped", NUMBER, mapped),
	FIELD("retained", NUMBER, retained),
	FIELD("rss", NUMBER, rss),
	FIELD("dirty", NUMBER, dirty),
	FIELD("muzzy", NUMBER, muzzy),
	FIELD("tcache", NUMBER, tcache),
	FIELD("owned", NUMBER, owned),
	FIELD("prof-active", FLAG, prof_active),
	FIELD("prof-accum", FLAG, prof_accum),
};

void heap_origin_init(struct heap_origin *origin)
{
	size_t i;

	*origin = (struct heap_origin){ .file = NULL };
	for (i = 0; i < HEAP_ORIGIN_FIELDS; i++) {
		const struct heap_origin_field *f = &heap_origin_fields[i];
		void *at = (char *)origin + f->offset;

		if (f->kind == HEAP_ORIGIN_NUMBER)
			*(int64_t *)at = -1;
		else if (f->kind == HEAP_ORIGIN_FLAG)
			*(int *)at = -1;
	}
}

void heap_origin_release(struct heap_origin *origin)
{
	free(origin->memory);
	intern_release(&origin->strings);
	heap_origin_init(origin);
}

struct hs_error *heap_origin_set_time(struct heap_origin *origin, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm = { 0 };
	char text[64];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	origin->taken_at_us = us;
	return intern_text(&origin->strings, text, &origin->taken_at);
}

bool heap_origin_borrowed(const struct heap_origin *origin)
{
	return origin->mode && !strcmp(origin->mode, "borrowed");
}
