#include "heap/format/read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "heap/format/builder.h"
#include "heap/format/dialect.h"
#include "heap/format/lines.h"
#include "heap/format/snapshot.h"
#include "heap/format/source.h"
#include "heap/format/unpack.h"
#include "heap/large_sizes.h"

enum { LONGEST_BUILD = 1024 };

/*
 * Adds the next line to @maps. Before the first, gperftools may give the build
 * folder, "build=/home/me/app", and write files below it as "$build/x.so"
 * (jeprof, ParseLibraries()).
 */
static struct hs_error *add_map(struct heap_text *t, struct strbuf *build,
				struct strbuf *maps)
{
	static const char name[] = " $build/";
	const size_t n = sizeof(name) - 1;
	const char *at = t->s, *end, *found;

	end = memchr(at, '\n', (size_t)(t->end - at));
	heap_text_skip_blank(&at);
	if (!maps->len && heap_text_skip(&at, "build=")) {
		if (end - at > LONGEST_BUILD)
			return heap_text_error(t, "path is too long");
		strbuf_clear(build);
		strbuf_add(build, at, (size_t)(end - at));
	} else {
		at = t->s;
		found = memmem(at, (size_t)(end - at), name, n);
		if (found) {
			strbuf_add(maps, at, (size_t)(found + 1 - at));
			strbuf_add(maps, strbuf_str(build), build->len);
			at = found + n - 1;
		}
		strbuf_add(maps, at, (size_t)(end + 1 - at));
	}
	heap_text_end_line(t, end);
	return NULL;
}

/*
 * Reads what jemalloc writes after the stacks: a blank line,
 * "MAPPED_LIBRARIES:" and the lines of /proc/self/maps; none of these when it
 * could not open that. The maps end with the file or the first line that is
 * blank or a comment.
 */
static struct hs_error *read_maps(struct heap_text *t, struct heap_profile *p)
{
	static const char want[] = "a stack ('@ 0x...') or 'MAPPED_LIBRARIES:'";
	_cleanup_strbuf_ struct strbuf maps = { 0 }, build = { 0 };
	struct hs_error *err = NULL;
	size_t first;

	if (!heap_text_more(t) || *t->s == '#')
		return NULL;
	while (heap_text_more(t) && *t->s == '\n')
		heap_text_next_line(t);
	if (heap_text_more(t) && *t->s == '#')
		return NULL;
	if (!heap_text_more(t) || !(heap_text_is_line(t, "MAPPED_LIBRARIES:") ||
				    heap_text_is_line(t, "--- Memory map:")))
		return heap_text_expected(t, want);
	heap_text_next_line(t);
	first = t->line;
	while (!err && heap_text_more(t) && *t->s != '\n' && *t->s != '#') {
		/* Errors in the maps count lines from the file's first one. */
		if (!maps.len)
			first = t->line;
		err = add_map(t, &build, &maps);
	}
	err = hs_error_join(err, strbuf_check(&maps));
	err = hs_error_join(err, strbuf_check(&build));
	if (err)
		return err;
	return maps_parse(strbuf_str(&maps), maps.len, t->name, first,
			  &p->maps);
}

/* Parses our own lines; ignores others after the maps. */
static struct hs_error *read_snapshot_lines(struct heap_text *t,
					    struct heap_profile *p)
{
	struct heap_snapshot_parser parser = { 0 };
	struct hs_error *err = NULL;
	size_t len, line;
	const char *start;

	while (!err && heap_text_more(t)) {
		start = t->s;
		line = t->line;
		len = heap_text_next_line(t);
		if (heap_snapshot_is_line(start, len + 1))
			err = hs_error_wrap(heap_snapshot_parse_line(
						    &parser, p, start, len),
					    "%s:%zu", t->name, line);
	}
	if (!err)
		err = heap_text_end(t);
	if (!err && parser.begun && !parser.ended)
		err = heap_text_expected(t, "'# heapsnap end'");
	return err;
}

static struct hs_error *read_lines(struct heap_text *t,
				   const struct heap_read_options *options,
				   struct heap_profile *p)
{
	_cleanup_heap_builder_ struct heap_builder builder;
	heap_dialect *dialect;
	struct hs_error *err;

	heap_builder_init(&builder, p);
	builder.want_parts = options && options->threads;
	err = heap_dialect_find(t->buf, t->len, t->name, 1, &dialect);
	if (!err)
		err = intern_text(&p->meta.strings, t->name, &p->meta.file);
	if (!err)
		err = dialect(t, &builder);
	if (!err)
		err = read_maps(t, p);
	if (!err)
		err = heap_text_end(t);
	if (!err)
		err = heap_builder_finish(&builder);
	if (!err)
		err = read_snapshot_lines(t, p);
	if (!err)
		heap_large_sizes_correct(p, &p->meta);
	return err;
}

static struct hs_error *read_plain(struct heap_source *source, const char *name,
				   const struct heap_read_options *options,
				   struct heap_profile *p)
{
	_cleanup_heap_text_ struct heap_text t = { 0 };
	struct hs_error *err = heap_text_open(&t, source, name);

	return err ? err : read_lines(&t, options, p);
}

static struct hs_error *read_source(struct heap_source *source,
				    const char *name,
				    const struct heap_read_options *options,
				    struct heap_profile *p)
{
	struct heap_joined_source joined;
	struct heap_unpack *unpack;
	struct hs_error *err = NULL;
	char head[16];
	size_t len = 0, got = 1;

	while (!err && got && len < sizeof(head)) {
		err = source->read(source, head + len, sizeof(head) - len,
				   &got);
		len += got;
	}
	if (err)
		return err;
	heap_joined_source_init(&joined, head, len, source);
	if (!heap_unpack_is_packed(head, len))
		return read_plain(&joined.source, name, options, p);
	err = heap_unpack_create(&joined.source, name, head, len, &unpack);
	if (err)
		return err;
	err = read_plain(heap_unpack_source(unpack), name, options, p);
	heap_unpack_destroy(unpack);
	return err;
}

struct hs_error *heap_read_with(const char *text, size_t len, const char *name,
				const struct heap_read_options *options,
				struct heap_profile *ret)
{
	struct heap_memory_source source;
	struct hs_error *err;

	heap_profile_init(ret);
	heap_memory_source_init(&source, text, len);
	err = read_source(&source.source, name, options, ret);
	if (err)
		heap_profile_release(ret);
	return err;
}

struct hs_error *heap_read_file_with(const char *path,
				     const struct heap_read_options *options,
				     struct heap_profile *ret)
{
	struct heap_file_source source;
	_cleanup_close_ int fd = -1;
	struct hs_error *err;
	int in = STDIN_FILENO;

	heap_profile_init(ret);
	if (strcmp(path, "-")) {
		in = fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return hs_error_sys(HS_ERROR_INPUT, errno,
					    "cannot open '%s'", path);
	}
	heap_file_source_init(&source, in, path);
	err = read_source(&source.source, path, options, ret);
	if (err)
		heap_profile_release(ret);
	return err;
}
