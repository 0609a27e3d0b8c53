#include "heap/format/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/new_file.h"
#include "heap/memory_part.h"
#include "heap/meta.h"
#include "heap/samples.h"

/* " WORD"; NULL is "-". */
static void add_word(struct strbuf *sb, const char *s)
{
	strbuf_addc(sb, ' ');
	if (!s)
		strbuf_addc(sb, '-');
	else if (!strcmp(s, "-"))
		strbuf_adds(sb, "\\-");
	else
		escape_word(sb, s, strlen(s));
}

static void add_meta_field(struct strbuf *sb, const struct heap_meta *o,
			   const struct heap_meta_field *field)
{
	const void *at = (const char *)o + field->offset;
	const char *text = NULL;
	char number[32];

	switch (field->kind) {
	case HEAP_META_TEXT:
		text = *(const char *const *)at;
		break;
	case HEAP_META_NUMBER:
		/* What is above could not be read again. */
		if (*(const int64_t *)at >= 0 &&
		    *(const int64_t *)at <= HEAP_NUMBER_MAX)
			text = number;
		snprintf(number, sizeof(number), "%" PRId64,
			 *(const int64_t *)at);
		break;
	case HEAP_META_TICKS:
		if (*(const uint64_t *)at > 0)
			text = number;
		snprintf(number, sizeof(number), "%" PRIu64,
			 *(const uint64_t *)at);
		break;
	case HEAP_META_FLAG:
		if (*(const int *)at >= 0)
			text = *(const int *)at ? "1" : "0";
		break;
	}
	if (!text)
		return;
	strbuf_addf(sb, "# heapsnap %s", field->key);
	add_word(sb, text);
	strbuf_addc(sb, '\n');
}

static void add_memory(struct strbuf *sb, const struct heap_memory *m)
{
	strbuf_addf(sb,
		    "# heapsnap memory %s %" PRId64 " %" PRId64 " %" PRId64
		    " %" PRId64,
		    heap_memory_kind_name(m->kind), m->mappings, m->size,
		    m->rss, m->swap);
	add_word(sb, m->path);
	strbuf_addc(sb, '\n');
}

static void add_class(struct strbuf *sb, const struct heap_class_count *c)
{
	strbuf_addf(sb, "# heapsnap class %" PRIu64 " %" PRId64 "\n", c->size,
		    c->regions);
}

static void add_module(struct strbuf *sb, const struct heap_module *m,
		       size_t number)
{
	size_t i;

	strbuf_addf(sb, "# heapsnap module %zu", number);
	add_word(sb, m->build_id);
	strbuf_addf(sb, " %d ", m->allocator);
	if (!m->n_segments)
		strbuf_addc(sb, '-');
	for (i = 0; i < m->n_segments; i++)
		strbuf_addf(sb, "%s0x%" PRIx64 "+0x%" PRIx64 "@0x%" PRIx64,
			    i ? "," : "", m->segments[i].offset,
			    m->segments[i].size, m->segments[i].address);
	add_word(sb, m->path);
	strbuf_addc(sb, '\n');
}

static void add_names(struct strbuf *sb, const struct heap_profile *p,
		      const struct heap_location *location)
{
	size_t i;

	for (i = 0; i < location->n_names; i++) {
		const struct heap_name *name = &p->names[location->names + i];

		strbuf_addf(sb, "# heapsnap name 0x%" PRIx64,
			    location->address);
		add_word(sb, name->function);
		add_word(sb, name->file);
		strbuf_addf(sb, " %" PRIu32 " %d\n", name->line, name->inlined);
	}
}

/* The mappings alone say that it is a file's. */
static void add_other_code(struct strbuf *sb, const struct heap_profile *p,
			   const struct heap_location *location)
{
	const struct mapping *m;

	if (location->module != HEAP_NO_MODULE)
		return;
	m = maps_find(&p->maps, location->address);
	if (m && m->moved)
		strbuf_addf(sb, "# heapsnap other-code 0x%" PRIx64 "\n",
			    location->address);
}

static void add_age(struct strbuf *sb, int64_t ms)
{
	if (ms == HEAP_AGE_UNKNOWN)
		strbuf_adds(sb, " -");
	else
		strbuf_addf(sb, " %" PRId64, ms);
}

static void add_samples(struct strbuf *sb, const struct heap_samples *s)
{
	strbuf_addf(sb, "# heapsnap samples %" PRIu32 " %" PRIu32, s->stack,
		    s->n);
	add_age(sb, s->median_ms);
	add_age(sb, s->oldest_ms);
	strbuf_addf(sb, " %" PRIu32 " %" PRIu32, s->looked_at, s->of_type);
	add_word(sb, s->type);
	strbuf_addc(sb, '\n');
}

size_t heap_snapshot_drop_lines(char *text, size_t len)
{
	size_t at = 0, kept = 0;

	while (at < len) {
		const char *line = text + at;
		const char *end = memchr(line, '\n', len - at);
		size_t n = end ? (size_t)(end - line) + 1 : len - at;

		if (!heap_snapshot_is_line(line, n)) {
			if (kept < at)
				memmove(text + kept, line, n);
			kept += n;
		}
		at += n;
	}
	return kept;
}

void heap_snapshot_lines(struct strbuf *sb, const struct heap_profile *p)
{
	size_t i;

	strbuf_adds(sb, "# heapsnap 1\n");
	for (i = 0; i < HEAP_META_FIELDS; i++)
		add_meta_field(sb, &p->meta, &heap_meta_fields[i]);
	for (i = 0; i < p->meta.n_memory; i++) {
		add_memory(sb, &p->meta.memory[i]);
		if (p->meta.pss >= 0)
			strbuf_addf(sb, "# heapsnap memory-pss %" PRId64 "\n",
				    p->meta.memory[i].pss);
	}
	for (i = 0; i < p->meta.n_class_counts; i++)
		add_class(sb, &p->meta.class_counts[i]);
	for (i = 0; i < p->n_samples; i++)
		add_samples(sb, &p->samples[i]);
	for (i = 0; i < p->n_modules; i++)
		add_module(sb, &p->modules[i], i);
	for (i = 0; i < p->n_locations; i++)
		add_other_code(sb, p, &p->locations[i]);
	for (i = 0; i < p->n_locations; i++)
		add_names(sb, p, &p->locations[i]);
	strbuf_adds(sb, "# heapsnap end\n");
}

struct hs_error *heap_snapshot_write(const char *path, const char *text,
				     size_t len, const struct heap_profile *p)
{
	_cleanup_strbuf_ struct strbuf lines = { 0 };
	struct hs_error *err;

	/* A dump may end within its last line. */
	if (len && text[len - 1] != '\n')
		strbuf_addc(&lines, '\n');
	heap_snapshot_lines(&lines, p);
	err = strbuf_check(&lines);
	return err ? err : heap_snapshot_write_lines(path, text, len, &lines);
}

struct hs_error *heap_snapshot_write_lines(const char *path, const char *text,
					   size_t len,
					   const struct strbuf *lines)
{
	struct new_file file;
	struct hs_error *err = new_file_open(path, &file);
	int errnum;

	if (err)
		return err;
	errnum = io_write(file.fd, text, len);
	if (!errnum)
		errnum = io_write(file.fd, lines->buf, lines->len);
	if (!errnum)
		return new_file_commit(&file);
	new_file_discard(&file);
	return new_file_error(errnum, path);
}
