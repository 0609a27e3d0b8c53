#include "output/gzip.h"

#include <string.h>

#include "output/write.h"

/* zlib.h: 16 more than the window's bits asks for gzip's header. */
enum { WINDOW_BITS = 15 + 16, MEM_LEVEL = 8 };

struct hs_error *gzip_init(struct gzip *g, FILE *f)
{
	memset(g, 0, sizeof(*g));
	g->f = f;
	if (deflateInit2(&g->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS,
			 MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return hs_error_nomem();
	return NULL;
}

void gzip_release(struct gzip *g)
{
	if (g->f)
		deflateEnd(&g->z);
}

static struct hs_error *deflate_all(struct gzip *g, int flush)
{
	struct hs_error *err = NULL;
	unsigned char buf[16384];

	do {
		g->z.next_out = buf;
		g->z.avail_out = sizeof(buf);
		/* A full buf is no error: Z_BUF_ERROR. */
		(void)deflate(&g->z, flush);
		err = write_bytes(g->f, buf, sizeof(buf) - g->z.avail_out);
	} while (!err && g->z.avail_out == 0);
	return err;
}

struct hs_error *gzip_write(struct gzip *g, const void *data, size_t len)
{
	g->z.next_in = (unsigned char *)data;
	g->z.avail_in = (uInt)len;
	return deflate_all(g, Z_NO_FLUSH);
}

struct hs_error *gzip_finish(struct gzip *g)
{
	g->z.avail_in = 0;
	return deflate_all(g, Z_FINISH);
}
