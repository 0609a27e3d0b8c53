#include "output/style.h"

#include <string.h>

/* Select Graphic Rendition, ECMA-48. Only the eight basic colours, which every
 * terminal theme keeps readable on its background. */
static const char *style_code(enum style style)
{
	switch (style) {
	case STYLE_STRONG:
		return "1";
	case STYLE_GROWN:
		return "31";
	case STYLE_SHRUNK:
		return "32";
	case STYLE_FAINT:
		return "2";
	case STYLE_WARN:
		return "33";
	case STYLE_PLAIN:
		break;
	}
	return NULL;
}

void style_add(struct strbuf *sb, enum style style, bool color, const char *s,
	       size_t len)
{
	const char *code = color && len ? style_code(style) : NULL;

	if (code)
		strbuf_addf(sb, "\033[%sm", code);
	strbuf_add(sb, s, len);
	if (code)
		strbuf_adds(sb, "\033[0m");
}

size_t style_width(const char *s)
{
	size_t n = 0;

	for (; *s; s++) {
		if (*s == '\033') {
			s += strcspn(s, "m");
			if (!*s)
				break;
			continue;
		}
		n += ((unsigned char)*s & 0xc0) != 0x80;
	}
	return n;
}

void style_pad(struct strbuf *sb, size_t n)
{
	while (n--)
		strbuf_addc(sb, ' ');
}

void style_cut(struct strbuf *sb, const char *s, size_t width, bool utf8)
{
	const char *dots = utf8 ? "…" : "...", *p;
	size_t column = 0;

	if (style_width(s) <= width) {
		strbuf_adds(sb, s);
		return;
	}
	for (p = s; *p; p++) {
		/* Bytes that continue a character begin with the bits 10. */
		if (((unsigned char)*p & 0xc0) == 0x80)
			continue;
		if (column++ + style_width(dots) == width)
			break;
	}
	strbuf_add(sb, s, (size_t)(p - s));
	strbuf_adds(sb, dots);
}
