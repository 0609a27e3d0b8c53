#include "heap/format/unpack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum {
	PACKED_STEP = 64 * 1024,
};

/*
 * What packed bytes may become. One can stand for thousands; a dump of a
 * million stacks, 20 deep, comes to 24 (gzip) to 51 times its packed size (zstd
 * -19), one of deep recursion to 200 times, with half a line to a byte. So this
 * much is free, and beyond it there are limits to what a byte may be. Time goes
 * by the bytes, memory by the lines: a stack has three, and takes 400 bytes in
 * a report.
 */
enum {
	BYTES_FREE = 512 << 20,
	BYTES_RATIO = 32,
	LINES_FREE = 2 << 20,
	LINES_RATIO = 2,
};

struct heap_unpack {
	struct heap_source source;
	struct heap_source *packed; /* borrowed */
	const char *name;	    /* borrowed */
	ZSTD_DStream *zstd;	    /* owned; NULL: gzip */
	z_stream gzip;		    /* initialised when zstd is NULL */
	char in[PACKED_STEP];
	size_t at, len;		    /* of in: consumed, available */
	uint64_t read, made, lines; /* in all: packed bytes, what they are */
	bool within;		    /* within a member or frame, to be ended */
};

static bool is_gzip(const char *head, size_t len)
{
	return len >= 2 && !memcmp(head, "\x1f\x8b", 2);
}

static bool is_zstd(const char *head, size_t len)
{
	return len >= 4 && !memcmp(head, "\x28\xb5\x2f\xfd", 4);
}

bool heap_unpack_is_packed(const char *head, size_t len)
{
	return is_gzip(head, len) || is_zstd(head, len);
}

static struct hs_error *damaged(const struct heap_unpack *u, const char *why)
{
	return hs_error_new(HS_ERROR_INPUT, "%s: damaged %s file: %s", u->name,
			    u->zstd ? "zstd" : "gzip", why);
}

/* One call of zlib. *made: bytes of output. */
static struct hs_error *gzip_step(struct heap_unpack *u, char *buf, size_t len,
				  size_t *made)
{
	z_stream *z = &u->gzip;
	int rc;

	z->next_in = (unsigned char *)u->in + u->at;
	z->avail_in = (unsigned int)(u->len - u->at);
	z->next_out = (unsigned char *)buf;
	z->avail_out = len > PACKED_STEP ? PACKED_STEP : (unsigned int)len;
	len = z->avail_out;
	rc = inflate(z, Z_NO_FLUSH);
	u->at = u->len - z->avail_in;
	*made = len - z->avail_out;
	u->within = true;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return NULL;
	if (rc == Z_MEM_ERROR)
		return hs_error_nomem();
	if (rc != Z_STREAM_END)
		return damaged(u, z->msg ? z->msg : "no gzip data");
	/* A file that gzip was appended to (as logrotate does) has several
	 * members. */
	u->within = false;
	return inflateReset(z) == Z_OK ? NULL : hs_error_nomem();
}

static struct hs_error *zstd_step(struct heap_unpack *u, char *buf, size_t len,
				  size_t *made)
{
	ZSTD_inBuffer in = { u->in, u->len, u->at };
	ZSTD_outBuffer out = { buf, len, 0 };
	size_t rc = ZSTD_decompressStream(u->zstd, &out, &in);

	u->at = in.pos;
	*made = out.pos;
	if (ZSTD_isError(rc))
		return damaged(u, ZSTD_getErrorName(rc));
	u->within = rc != 0;
	return NULL;
}

/* Counts @made[0..len). */
static struct hs_error *check_made(struct heap_unpack *u, const char *made,
				   size_t len)
{
	struct hs_error *err;
	size_t i;

	u->made += len;
	for (i = 0; i < len; i++)
		u->lines += made[i] == '\n';
	if (u->made > BYTES_FREE && u->made / BYTES_RATIO > u->read)
		err = hs_error_new(HS_ERROR_INPUT,
				   "%s: it unpacks to more than %d MiB and %d "
				   "times its size",
				   u->name, BYTES_FREE >> 20, BYTES_RATIO);
	else if (u->lines > LINES_FREE && u->lines / LINES_RATIO > u->read)
		err = hs_error_new(HS_ERROR_INPUT,
				   "%s: it unpacks to more than %d lines, and "
				   "%d for each of its bytes",
				   u->name, LINES_FREE, LINES_RATIO);
	else
		return NULL;
	return hs_error_hint(err, "few real profiles do; unpack this one first "
				  "with gzip -d or zstd -d if you trust who "
				  "made it");
}

static struct hs_error *unpack_read(struct heap_source *source, char *buf,
				    size_t len, size_t *got)
{
	struct heap_unpack *u = (struct heap_unpack *)source;
	struct hs_error *err = NULL;
	bool more = true;

	for (*got = 0; !err && !*got;) {
		if (u->at == u->len && more) {
			u->at = u->len = 0;
			err = u->packed->read(u->packed, u->in, sizeof(u->in),
					      &u->len);
			if (err)
				return err;
			more = u->len > 0;
			u->read += u->len;
		}
		/* The decompressor may still hold output, which needs no more
		 * input. */
		if (!more && !u->within)
			return NULL;
		err = u->zstd ? zstd_step(u, buf, len, got)
			      : gzip_step(u, buf, len, got);
		if (!err)
			err = check_made(u, buf, *got);
		if (!err && !more && !*got)
			return u->within ? damaged(u, "it is cut off") : NULL;
	}
	return err;
}

struct hs_error *heap_unpack_create(struct heap_source *packed,
				    const char *name, const char *head,
				    size_t len, struct heap_unpack **ret)
{
	struct heap_unpack *u = calloc(1, sizeof(*u));

	if (!u)
		return hs_error_nomem();
	u->source.read = unpack_read;
	u->packed = packed;
	u->name = name;
	if (is_zstd(head, len)) {
		u->zstd = ZSTD_createDStream();
		if (u->zstd) {
			*ret = u;
			return NULL;
		}
	} else if (inflateInit2(&u->gzip, MAX_WBITS + 16) == Z_OK) {
		*ret = u;
		return NULL;
	}
	free(u);
	return hs_error_nomem();
}

void heap_unpack_destroy(struct heap_unpack *u)
{
	if (!u)
		return;
	if (u->zstd)
		ZSTD_freeDStream(u->zstd);
	else
		inflateEnd(&u->gzip);
	free(u);
}

struct heap_source *heap_unpack_source(struct heap_unpack *u)
{
	return &u->source;
}
