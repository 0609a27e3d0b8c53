#include "output/short_path.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "output/style.h"

/* Where the last part of @path[0..len) begins. */
static size_t last_part(const char *path, size_t len)
{
	while (len && path[len - 1] != '/')
		len--;
	return len;
}

static bool is_part(const char *s, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(s, name, len) == 0;
}

/* Takes out of @path each folder that the next part, "..", leaves again. By its
 * text alone: where a folder is a link the file is elsewhere, but who reads
 * "src/../lib/x.c" in a report looks for "lib/x.c" all the same. */
static void straighten(char *path)
{
	size_t from = 0, to = 0, len, last;

	for (;;) {
		len = strcspn(path + from, "/");
		last = to ? last_part(path, to - 1) : 0;
		if (is_part(path + from, len, "..") && to > 1 &&
		    !is_part(path + last, to - 1 - last, "..") &&
		    !is_part(path + last, to - 1 - last, ".") &&
		    path[from + len]) {
			to = last;
			from += len + 1;
			continue;
		}
		memmove(path + to, path + from, len);
		to += len;
		from += len;
		path[to] = path[from];
		if (!path[from])
			return;
		to++;
		from++;
	}
}

void short_path_add(struct strbuf *sb, const char *path, size_t width,
		    bool utf8)
{
	const char *dots = utf8 ? "…" : "...", *p;
	_cleanup_free_ char *straight = NULL;
	size_t left = width;

	if (style_width(path) > width) {
		straight = strdup(path);
		if (!straight) {
			sb->failed = true;
			return;
		}
		straighten(straight);
		path = straight;
	}
	if (style_width(path) <= width) {
		strbuf_adds(sb, path);
		return;
	}
	left -= left < style_width(dots) ? left : style_width(dots);
	p = path;
	do
		p = strchr(p + 1, '/');
	while (p && style_width(p) > left);
	if (p)
		strbuf_adds(sb, dots);
	/* Even the base name may be too long. */
	strbuf_adds(sb, p ? p : str_base_name(path));
}
