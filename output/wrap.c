#include "output/wrap.h"

#include <string.h>

#include "output/style.h"

/* The columns of @s[0..len). */
static size_t columns(const char *s, size_t len)
{
	size_t i, n = 0;

	/* Bytes that continue a character begin with the bits 10. */
	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

void wrap_add(struct strbuf *sb, const char *text, size_t width, size_t indent)
{
	static const char blanks[] = " \t\n";
	size_t used = 0, len;

	for (text += strspn(text, blanks); *text;
	     text += strspn(text, blanks)) {
		len = strcspn(text, blanks);
		if (used && used + 1 + columns(text, len) < width) {
			strbuf_addc(sb, ' ');
			used++;
		} else {
			if (used)
				strbuf_addc(sb, '\n');
			style_pad(sb, indent);
			used = indent;
		}
		strbuf_add(sb, text, len);
		used += columns(text, len);
		text += len;
	}
}
