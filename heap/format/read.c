#include "heap/format/read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "heap/format/builder.h"
#include "heap/format/dialect.h"
#include "heap/format/lines.h"
#include "heap/format/read_maps.h"
#include "heap/format/read_pprof.h"
#include "heap/format/snapshot.h"
#include "heap/format/source.h"
#include "heap/format/unpack.h"
#include "heap/large_sizes.h"
#include "heap/remarks.h"
#include "heap/sampling_cost.h"

/* Finds the dump in @t, perhaps behind lines that are not its own: the headers
 * of HTTP, a banner. */
static struct hs_error *find_dialect(struct heap_text *t,
				     struct heap_passed *before,
				     heap_dialect **ret)
{
	struct hs_error *err =
		heap_dialect_find(t->buf, t->len, t->name, 1, ret);

	if (!err || !heap_dialect_is_inside(t->buf, t->len))
		return err;
	hs_error_free(err);
	while (heap_text_data(t) &&
	       !heap_dialect_is_start(t->s, (size_t)(t->end - t->s))) {
		heap_passed_add(before, t->line);
		heap_text_next_line(t);
	}
	return heap_dialect_find(t->s, (size_t)(t->end - t->s), t->name,
				 t->line, ret);
}

static struct hs_error *remark_text(const struct heap_text *t,
				    const struct heap_passed *before,
				    struct heap_profile *p)
{
	struct hs_error *err;

	err = heap_passed_remark(before, p, t->name,
				 "not of the dump, which begins below: passed "
				 "over",
				 NULL);
	return err ? err
		   : heap_passed_remark(
			     &t->messages, p, t->name,
			     "a message of jemalloc's own in the dump: passed "
			     "over",
			     "the process runs without a standard error, so "
			     "the dump got its descriptor: start it with "
			     "2>/dev/null");
}

/* A dump without maps is whole, but a rare one. */
static struct hs_error *remark_no_maps(const struct heap_text *t,
				       const struct heap_builder *b)
{
	if (!b->n_addresses || b->n_named || b->n_symbols)
		return NULL;
	return heap_remark_add(b->profile, NULL,
			       "%s: it ends without MAPPED_LIBRARIES: it was "
			       "cut off, or /proc could not be read; addresses "
			       "have no names",
			       t->name);
}

/* Stacks without frames: the allocator cannot walk them. */
static struct hs_error *remark_no_stacks(struct heap_profile *p,
					 const char *name)
{
	double bytes = 0;
	size_t i;

	for (i = 0; i < p->n_stacks; i++)
		if (!p->stacks[i].depth)
			bytes += p->stacks[i].inuse.bytes;
	if (!(bytes >= p->total.bytes / 100) || !(bytes > 0))
		return NULL;
	return heap_remark_add(
		p,
		"jemalloc: build it with --enable-prof-libunwind, or from "
		"5.3.1 on with --enable-prof-frameptr; gperftools: build it "
		"with libunwind, or set TCMALLOC_STACKTRACE_METHOD=libgcc",
		"%s: for %.0f%% of the bytes no call stack was recorded: this "
		"build of the allocator has no unwinder that works here",
		name, 100 * bytes / p->total.bytes);
}

/*
 * Reads what jemalloc writes after the stacks: a blank line,
 * "MAPPED_LIBRARIES:" and the lines of /proc/self/maps; none of these when it
 * could not open that.
 */
static struct hs_error *read_maps(struct heap_text *t,
				  const struct heap_builder *b)
{
	static const char want[] = "a stack ('@ 0x...') or 'MAPPED_LIBRARIES:'";

	if (!heap_text_data(t))
		return t->failed ? NULL : remark_no_maps(t, b);
	if (heap_text_is_ours(t))
		return NULL;
	if (!heap_maps_begin(t))
		return heap_text_expected(t, want);
	return heap_read_maps(t, b->profile);
}

/* Parses our own lines, the last ones. */
static struct hs_error *read_snapshot_lines(struct heap_text *t,
					    struct heap_profile *p)
{
	struct heap_passed others = { 0 };
	struct heap_snapshot_parser parser = { 0 };
	struct hs_error *err = NULL;
	size_t len, line;
	const char *start;

	while (!err && heap_text_data(t)) {
		start = t->s;
		line = t->line;
		len = heap_text_next_line(t);
		if (heap_snapshot_is_line(start, len + 1))
			err = hs_error_wrap(heap_snapshot_parse_line(
						    &parser, p, start, len),
					    "%s:%zu", t->name, line);
		else
			heap_passed_add(&others, line);
	}
	if (!err)
		err = heap_text_end(t);
	if (!err && parser.begun && !parser.ended)
		err = heap_text_expected(t, "'# heapsnap end'");
	return err ? err
		   : heap_passed_remark(&others, p, t->name,
					"not a line of a snapshot: passed over",
					NULL);
}

static struct hs_error *read_lines(struct heap_text *t,
				   const struct heap_read_options *options,
				   struct heap_profile *p)
{
	_cleanup_heap_builder_ struct heap_builder builder;
	struct heap_passed before = { 0 };
	heap_dialect *dialect;
	struct hs_error *err;

	heap_builder_init(&builder, p);
	builder.want_parts = options && options->threads;
	builder.live_only = options && options->live_only;
	err = find_dialect(t, &before, &dialect);
	if (!err)
		err = intern_text(&p->meta.strings, t->name, &p->meta.file);
	if (!err)
		err = dialect(t, &builder);
	if (!err)
		err = read_maps(t, &builder);
	if (!err)
		err = heap_text_end(t);
	if (!err)
		err = heap_builder_finish(&builder);
	if (!err)
		err = heap_totals_compare(&builder.totals, p, t->size);
	if (!err)
		err = remark_no_stacks(p, t->name);
	if (!err)
		err = read_snapshot_lines(t, p);
	if (!err)
		err = remark_text(t, &before, p);
	if (err)
		return err;
	heap_large_sizes_correct(p, &p->meta);
	heap_sampling_count(p, &p->meta);
	return NULL;
}

static struct hs_error *read_text(struct heap_source *source, const char *name,
				  const struct heap_read_options *options,
				  struct heap_profile *p)
{
	_cleanup_heap_text_ struct heap_text t = { 0 };
	struct hs_error *err = heap_text_open(&t, source, name);

	return err ? err : read_lines(&t, options, p);
}

enum { HEAD = 16 }; /* bytes that tell a file's kind */

/* Makes of @ret all of @source, of which *len bytes are @head. */
static struct hs_error *peek(struct heap_source *source, char head[HEAD],
			     size_t *len, struct heap_joined_source *ret)
{
	struct hs_error *err = NULL;
	size_t got = 1;

	for (*len = 0; !err && got && *len < HEAD; *len += got)
		err = source->read(source, head + *len, HEAD - *len, &got);
	heap_joined_source_init(ret, head, *len, source);
	return err;
}

static struct hs_error *read_plain(struct heap_source *source, const char *name,
				   const struct heap_read_options *options,
				   struct heap_profile *p)
{
	struct heap_joined_source all;
	struct hs_error *err;
	char head[HEAD];
	size_t len;

	err = peek(source, head, &len, &all);
	if (err)
		return err;
	if (heap_pprof_is_start(head, len))
		return heap_read_pprof(&all.source, name,
				       options && options->threads, p);
	return read_text(&all.source, name, options, p);
}

static struct hs_error *read_source(struct heap_source *source,
				    const char *name,
				    const struct heap_read_options *options,
				    struct heap_profile *p)
{
	struct heap_joined_source joined;
	struct heap_unpack *unpack;
	struct hs_error *err;
	char head[HEAD];
	size_t len;

	err = peek(source, head, &len, &joined);
	if (err)
		return err;
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

struct hs_error *heap_open_file(const char *path, int *ret)
{
	if (strcmp(path, "-"))
		*ret = open(path, O_RDONLY | O_CLOEXEC);
	else
		*ret = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	if (*ret >= 0)
		return NULL;
	return hs_error_sys(HS_ERROR_INPUT, errno, "cannot open '%s'", path);
}

static void note_file(int fd, struct heap_meta *meta)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return;
	meta->device = st.st_dev;
	meta->inode = st.st_ino;
	meta->mtime = st.st_mtime;
}

struct hs_error *heap_read_fd(int fd, const char *name,
			      const struct heap_read_options *options,
			      struct heap_profile *ret)
{
	struct heap_file_source source;
	struct hs_error *err;

	heap_profile_init(ret);
	heap_file_source_init(&source, fd, name);
	err = read_source(&source.source, name, options, ret);
	if (err)
		heap_profile_release(ret);
	else
		note_file(fd, &ret->meta);
	return err;
}
