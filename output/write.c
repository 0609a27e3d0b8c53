#include "output/write.h"

#include <errno.h>

struct hs_error *write_bytes(FILE *f, const void *data, size_t len)
{
	if (len && fwrite(data, 1, len, f) != len)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot write the report");
	return NULL;
}

struct hs_error *write_flush(struct strbuf *sb, FILE *f)
{
	struct hs_error *err = strbuf_check(sb);

	if (!err)
		err = write_bytes(f, sb->buf, sb->len);
	if (!err)
		strbuf_clear(sb);
	return err;
}
