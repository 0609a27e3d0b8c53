#include "base/io.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int io_write(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_read(int fd, struct strbuf *sb)
{
	char block[16384];
	ssize_t n;

	while (!sb->failed && (n = read(fd, block, sizeof(block)))) {
		if (n > 0)
			strbuf_add(sb, block, (size_t)n);
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

struct io_link io_link(int fd)
{
	struct io_link link;

	snprintf(link.text, sizeof(link.text), "/proc/self/fd/%d", fd);
	return link;
}
