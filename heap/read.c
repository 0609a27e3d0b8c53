#include "heap/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "heap/builder.h"
#include "heap/dialect.h"
#include "heap/snapshot.h"

static const char *line_end(const struct heap_text *t)
{
	return memchr(t->s, '\n', (size_t)(t->end - t->s));
}

static void next_line(struct heap_text *t)
{
	t->s = line_end(t) + 1;
	t->line++;
}

static bool at_line(const struct heap_text *t, const char *want)
{
	size_t len = strlen(want);

	return (size_t)(t->end - t->s) > len && !memcmp(t->s, want, len) &&
	       t->s[len] == '\n';
}

/*
 * What jemalloc writes behind the stacks: a blank line, "MAPPED_LIBRARIES:" and
 * the lines of /proc/self/maps; nothing of it when it could not open that. The
 * maps end with the file or the first line that is blank or a comment.
 */
static struct hs_error *read_maps(struct heap_text *t, struct heap_profile *p)
{
	static const char want[] = "a stack ('@ 0x...') or 'MAPPED_LIBRARIES:'";
	struct heap_text maps;

	if (t->s == t->end || *t->s == '#')
		return NULL;
	while (t->s < t->end && *t->s == '\n')
		next_line(t);
	if (t->s < t->end && *t->s == '#')
		return NULL;
	if (!at_line(t, "MAPPED_LIBRARIES:"))
		return heap_text_expected(t, want);
	next_line(t);
	maps = *t;
	while (t->s < t->end && *t->s != '\n' && *t->s != '#')
		next_line(t);
	return maps_parse(maps.s, (size_t)(t->s - maps.s), t->name, maps.line,
			  &p->maps);
}

/* Our lines. Others behind the maps are somebody else's. */
static struct hs_error *read_snapshot_lines(struct heap_text *t,
					    struct heap_profile *p)
{
	struct heap_snapshot_parser parser = { 0 };
	struct hs_error *err;

	for (; t->s < t->end; next_line(t)) {
		if (!heap_snapshot_is_line(t->s, (size_t)(t->end - t->s)))
			continue;
		err = heap_snapshot_parse_line(&parser, p, t->s,
					       (size_t)(line_end(t) - t->s));
		if (err)
			return hs_error_wrap(err, "%s:%zu", t->name, t->line);
	}
	if (parser.begun && !parser.ended)
		return heap_text_expected(t, "'# heapsnap end'");
	return NULL;
}

static struct hs_error *read_text(struct heap_text *t, heap_dialect *dialect,
				  struct heap_profile *p)
{
	_cleanup_heap_builder_ struct heap_builder builder;
	struct hs_error *err;

	heap_builder_init(&builder, p);
	err = intern_string(&p->strings, t->name, strlen(t->name),
			    &p->origin.file);
	if (!err)
		err = dialect(t, &builder);
	if (!err)
		err = read_maps(t, p);
	if (!err)
		err = heap_builder_finish(&builder);
	if (!err)
		err = read_snapshot_lines(t, p);
	return err;
}

/* Every line must be whole, and none may end in a carriage return. */
static struct hs_error *prepare_text(struct heap_text *t, struct strbuf *copy)
{
	const char *nl = line_end(t);

	if (t->end[-1] != '\n') {
		for (; nl; nl = line_end(t)) {
			t->s = nl + 1;
			t->line++;
		}
		return heap_text_error(t, "file is cut off in this line");
	}
	if (nl == t->s || nl[-1] != '\r')
		return NULL;
	while (t->s < t->end) {
		nl = line_end(t);
		strbuf_add(copy, t->s,
			   (size_t)(nl - t->s) - (nl > t->s && nl[-1] == '\r'));
		strbuf_addc(copy, '\n');
		t->s = nl + 1;
	}
	t->s = copy->buf;
	t->end = copy->buf + copy->len;
	return strbuf_check(copy);
}

struct hs_error *heap_read(const char *text, size_t len, const char *name,
			   struct heap_profile *ret)
{
	_cleanup_strbuf_ struct strbuf copy = { 0 };
	struct heap_text t = { text, text + len, name, 1 };
	heap_dialect *dialect;
	struct hs_error *err;

	heap_profile_init(ret);
	err = heap_dialect_find(text, len, name, &dialect);
	if (!err)
		err = prepare_text(&t, &copy);
	if (!err)
		err = read_text(&t, dialect, ret);
	if (err)
		heap_profile_release(ret);
	return err;
}

enum {
	READ_HEAD = 4096, /* enough for heap_dialect_find() */
	READ_STEP = 1 << 20,
};

struct file_text {
	char *buf; /* owned */
	size_t len, cap;
	const char *path;
};

/* Appends up to @want bytes; *got is less only at the end of the file. */
static struct hs_error *file_text_read(struct file_text *f, int fd, size_t want,
				       size_t *got)
{
	if (!ARRAY_GROW(f->buf, f->cap, f->len + want))
		return hs_error_nomem();
	for (*got = 0; *got < want;) {
		ssize_t n = read(fd, f->buf + f->len, want - *got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return hs_error_sys(HS_ERROR_INPUT, errno,
					    "cannot read '%s'", f->path);
		if (n == 0)
			break;
		f->len += (size_t)n;
		*got += (size_t)n;
	}
	return NULL;
}

static struct hs_error *file_text_read_all(struct file_text *f, int fd)
{
	heap_dialect *dialect;
	struct hs_error *err;
	struct stat st;
	size_t got;

	/* A core dump of 100 GB given by mistake is not read to its end. */
	err = file_text_read(f, fd, READ_HEAD, &got);
	if (!err)
		err = heap_dialect_find(f->buf, f->len, f->path, &dialect);
	if (err || got < READ_HEAD)
		return err;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
		err = file_text_read(f, fd, (size_t)st.st_size, &got);
	for (got = READ_STEP; !err && got == READ_STEP;)
		err = file_text_read(f, fd, READ_STEP, &got);
	return err;
}

struct hs_error *heap_read_file(const char *path, struct heap_profile *ret)
{
	struct file_text f = { .path = path };
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
	err = file_text_read_all(&f, in);
	if (!err)
		err = heap_read(f.buf, f.len, path, ret);
	free(f.buf);
	return err;
}
