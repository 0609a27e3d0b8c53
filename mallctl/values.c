#include "mallctl/values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "heap/snapshot_meta.h"

enum { NAME_SIZE = 96 };

struct hs_error *mallctl_get_number(struct session *s, const char *name,
				    size_t size, uint64_t *ret, bool *found)
{
	struct hs_error *err;

	*ret = 0;
	err = mallctl_get(s, name, ret, size, found);
	if (!err || size == sizeof(*ret) || hs_error_errno(err) != EINVAL)
		return err;
	hs_error_free(err);
	return mallctl_get(s, name, ret, sizeof(*ret), found);
}

static struct hs_error *get(struct session *s, const char *name, size_t size,
			    int64_t *ret)
{
	struct hs_error *err;
	uint64_t value;
	bool found;

	err = mallctl_get_number(s, name, size, &value, &found);
	*ret = err || !found || value > HEAP_NUMBER_MAX ? -1 : (int64_t)value;
	return err;
}

struct hs_error *mallctl_get_size(struct session *s, int64_t *ret,
				  const char *fmt, ...)
{
	char name[NAME_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return get(s, name, sizeof(uint64_t), ret);
}

struct hs_error *mallctl_get_unsigned(struct session *s, int64_t *ret,
				      const char *fmt, ...)
{
	char name[NAME_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return get(s, name, sizeof(uint32_t), ret);
}

struct hs_error *mallctl_get_background(struct session *s, int *ret)
{
	struct hs_error *err;
	int64_t n;

	err = mallctl_get_size(s, &n, "stats.background_thread.num_threads");
	*ret = n < 0 ? -1 : n > 0;
	return err;
}

int64_t mallctl_pages(int64_t pages, int64_t page)
{
	int64_t bytes;

	if (pages < 0 || page < 0 ||
	    __builtin_mul_overflow(pages, page, &bytes) ||
	    bytes > HEAP_NUMBER_MAX)
		return -1;
	return bytes;
}

struct hs_error *mallctl_get_bool(struct session *s, const char *name,
				  bool *ret, bool *found)
{
	/* What the target calls a bool may be any byte. */
	uint8_t byte = 0;
	struct hs_error *err = mallctl_get(s, name, &byte, sizeof(byte), found);

	*ret = byte;
	return err;
}

struct hs_error *mallctl_get_flag(struct session *s, const char *name, int *ret)
{
	struct hs_error *err;
	bool value, found;

	err = mallctl_get_bool(s, name, &value, &found);
	*ret = err || !found ? -1 : value;
	return err;
}
