#include "heap/meta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"

#define RENAMED(old_key, key, kind, member)                \
	{                                                  \
		key, old_key, HEAP_META_##kind,            \
			offsetof(struct heap_meta, member) \
	}
#define FIELD(key, kind, member) RENAMED(NULL, key, kind, member)
#define LIMIT(limit_key, used_key, kind)              \
	FIELD(limit_key, NUMBER, limits[kind].bytes), \
		FIELD(used_key, NUMBER, limits[kind].used)

/* All but the file name, which is not in the file. */
const struct heap_meta_field heap_meta_fields[HEAP_META_FIELDS] = {
	FIELD("pid", NUMBER, pid),
	FIELD("command", TEXT, command),
	FIELD("command-line", TEXT, command_line),
	RENAMED("host", "hostname", TEXT, hostname),
	FIELD("taken-at", TEXT, taken_at),
	FIELD("taken-at-us", NUMBER, taken_at_us),
	FIELD("start-time", TICKS, start_time),
	FIELD("jemalloc-version", TEXT, jemalloc_version),
	FIELD("mode", TEXT, mode),
	RENAMED("host-tid", "borrowed-tid", NUMBER, borrowed_tid),
	FIELD("pause-us", NUMBER, pause_us),
	FIELD("stopped-thread", TEXT, stopped_thread),
	FIELD("dump-us", NUMBER, dump_us),
	FIELD("dump-bytes", NUMBER, dump_bytes),
	FIELD("counters-us", NUMBER, counters_us),
	FIELD("allocated", NUMBER, allocated),
	FIELD("active", NUMBER, active),
	FIELD("metadata", NUMBER, metadata),
	FIELD("resident", NUMBER, resident),
	FIELD("mapped", NUMBER, mapped),
	FIELD("retained", NUMBER, retained),
	FIELD("rss", NUMBER, rss),
	FIELD("dirty", NUMBER, dirty),
	FIELD("muzzy", NUMBER, muzzy),
	FIELD("dirty-decay-ms", NUMBER, dirty_decay_ms),
	FIELD("muzzy-decay-ms", NUMBER, muzzy_decay_ms),
	FIELD("tcache", NUMBER, tcache),
	FIELD("owned", NUMBER, owned),
	FIELD("active-rss", NUMBER, active_rss),
	FIELD("dirty-rss", NUMBER, dirty_rss),
	FIELD("muzzy-rss", NUMBER, muzzy_rss),
	FIELD("retained-rss", NUMBER, retained_rss),
	FIELD("metadata-rss", NUMBER, metadata_rss),
	FIELD("pss", NUMBER, pss),
	FIELD("parent-pid", NUMBER, parent_pid),
	FIELD("processes", NUMBER, processes),
	LIMIT("limit-memory-max", "used-memory-max", HEAP_LIMIT_GROUP_MAX),
	LIMIT("limit-memory-high", "used-memory-high", HEAP_LIMIT_GROUP_HIGH),
	LIMIT("limit-as", "used-as", HEAP_LIMIT_ADDRESSES),
	LIMIT("limit-data", "used-data", HEAP_LIMIT_DATA),
	LIMIT("limit-machine", "used-machine", HEAP_LIMIT_MACHINE),
	FIELD("prof-active", FLAG, prof_active),
	FIELD("prof-accum", FLAG, prof_accum),
	FIELD("opt-prof-active", FLAG, opt_prof_active),
	FIELD("prof-thread-active-init", FLAG, thread_active_init),
	FIELD("page", NUMBER, page),
	FIELD("large-classes", FLAG, large_classes),
	FIELD("large-allocated", NUMBER, large_allocated),
	FIELD("large-most", NUMBER, large_most),
	FIELD("large-least", NUMBER, large_least),
};

void heap_meta_init(struct heap_meta *meta)
{
	size_t i;

	*meta = (struct heap_meta){ .file = NULL };
	for (i = 0; i < HEAP_META_FIELDS; i++) {
		const struct heap_meta_field *f = &heap_meta_fields[i];
		void *at = (char *)meta + f->offset;

		if (f->kind == HEAP_META_NUMBER)
			*(int64_t *)at = -1;
		else if (f->kind == HEAP_META_FLAG)
			*(int *)at = -1;
	}
}

void heap_meta_release(struct heap_meta *meta)
{
	free(meta->memory);
	free(meta->class_counts);
	intern_release(&meta->strings);
	heap_meta_init(meta);
}

struct hs_error *heap_meta_add_class(struct heap_meta *meta, uint64_t size,
				     uint64_t regions, bool *added)
{
	const size_t n = meta->n_class_counts;
	int64_t bytes;

	*added = size && size <= HEAP_NUMBER_MAX &&
		 (!n || size > meta->class_counts[n - 1].size) &&
		 !__builtin_mul_overflow(size, regions, &bytes) &&
		 bytes <= HEAP_NUMBER_MAX - meta->class_sum;
	if (!*added)
		return NULL;
	if (!ARRAY_GROW(meta->class_counts, meta->class_counts_cap, n + 1))
		return hs_error_nomem();
	meta->class_counts[meta->n_class_counts++] =
		(struct heap_class_count){ size, (int64_t)regions };
	meta->class_sum += bytes;
	return NULL;
}

struct hs_error *heap_meta_set_time(struct heap_meta *meta, int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm = { 0 };
	char text[64];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	meta->taken_at_us = us;
	return intern_text(&meta->strings, text, &meta->taken_at);
}

bool heap_meta_is_recent(const struct heap_meta *meta)
{
	unsigned major, minor, patch;

	if (!meta->jemalloc_version ||
	    sscanf(meta->jemalloc_version, "%u.%u.%u", &major, &minor, &patch) <
		    3)
		return false;
	return major > 5 ||
	       (major == 5 && (minor > 3 || (minor == 3 && patch >= 1)));
}

bool heap_meta_borrowed(const struct heap_meta *meta)
{
	return meta->mode && !strcmp(meta->mode, "borrowed");
}
