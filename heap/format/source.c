#include "heap/format/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct hs_error *memory_read(struct heap_source *source, char *buf,
				    size_t len, size_t *got)
{
	struct heap_memory_source *m = (struct heap_memory_source *)source;
	size_t left = (size_t)(m->end - m->s);

	*got = left < len ? left : len;
	if (*got)
		memcpy(buf, m->s, *got);
	m->s += *got;
	return NULL;
}

void heap_memory_source_init(struct heap_memory_source *m, const char *s,
			     size_t len)
{
	*m = (struct heap_memory_source){
		.source = { memory_read },
		.s = s,
		.end = s + len,
	};
}

static struct hs_error *file_read(struct heap_source *source, char *buf,
				  size_t len, size_t *got)
{
	struct heap_file_source *f = (struct heap_file_source *)source;
	ssize_t n;

	do
		n = read(f->fd, buf, len);
	while (n < 0 && errno == EINTR);
	*got = n < 0 ? 0 : (size_t)n;
	if (n < 0)
		return hs_error_sys(HS_ERROR_INPUT, errno, "cannot read '%s'",
				    f->path);
	return NULL;
}

void heap_file_source_init(struct heap_file_source *f, int fd, const char *path)
{
	*f = (struct heap_file_source){
		.source = { file_read },
		.fd = fd,
		.path = path,
	};
}

static struct hs_error *joined_read(struct heap_source *source, char *buf,
				    size_t len, size_t *got)
{
	struct heap_joined_source *j = (struct heap_joined_source *)source;

	if (j->head.s < j->head.end)
		return memory_read(&j->head.source, buf, len, got);
	return j->rest->read(j->rest, buf, len, got);
}

void heap_joined_source_init(struct heap_joined_source *j, const char *head,
			     size_t len, struct heap_source *rest)
{
	*j = (struct heap_joined_source){
		.source = { joined_read },
		.rest = rest,
	};
	heap_memory_source_init(&j->head, head, len);
}
