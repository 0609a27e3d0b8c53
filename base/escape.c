#include "base/escape.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static void escape_byte(struct strbuf *sb, unsigned char c)
{
	strbuf_addf(sb, "\\x%02x", c);
}

/* DEL, C1, and what reorders the text that is shown: the code points with the
 * property Bidi_Control (Unicode Standard Annex 9). */
static bool deceives(uint32_t cp)
{
	return (cp >= 0x7f && cp < 0xa0) || cp == 0x61c || cp == 0x200e ||
	       cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069);
}

/* U+FFFE and U+FFFF are in no text: XML 1.0 forbids them (2.2, Char). */
static bool harmless_on_terminal(uint32_t cp)
{
	return cp >= 0x20 && !deceives(cp) && cp != 0xfffe && cp != 0xffff;
}

static bool valid_in_json(uint32_t cp)
{
	return cp != 0 && !deceives(cp);
}

static bool valid_in_word(uint32_t cp)
{
	return cp > 0x20 && cp < 0x7f && cp != '\\';
}

static void escape_utf8_unless(struct strbuf *sb, const char *s, size_t len,
			       bool (*keep)(uint32_t cp))
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n, i;
	uint32_t cp = 0;

	for (; len; p += n, len -= n) {
		n = utf8_sequence(p, len, &cp);
		if (n && keep(cp)) {
			strbuf_add(sb, p, n);
			continue;
		}
		n = n ? n : 1;
		for (i = 0; i < n; i++)
			escape_byte(sb, p[i]);
	}
}

void escape_terminal(struct strbuf *sb, const char *s, size_t len)
{
	escape_utf8_unless(sb, s, len, harmless_on_terminal);
}

void escape_utf8(struct strbuf *sb, const char *s, size_t len)
{
	escape_utf8_unless(sb, s, len, valid_in_json);
}

/* XML 1.0, 2.4; the characters that it forbids are gone before. */
void escape_markup(struct strbuf *sb, const char *s, size_t len)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	const char *p;

	escape_terminal(&text, s, len);
	for (p = strbuf_str(&text); *p; p++) {
		switch (*p) {
		case '&':
			strbuf_adds(sb, "&amp;");
			break;
		case '<':
			strbuf_adds(sb, "&lt;");
			break;
		case '>':
			strbuf_adds(sb, "&gt;");
			break;
		case '"':
			strbuf_adds(sb, "&quot;");
			break;
		default:
			strbuf_addc(sb, *p);
		}
	}
	sb->failed |= text.failed;
}

void escape_word(struct strbuf *sb, const char *s, size_t len)
{
	if (!len)
		strbuf_adds(sb, "\\e");
	escape_utf8_unless(sb, s, len, valid_in_word);
}

static int low_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of "xNN" at @s; false unless escape_word() would write it so. */
static bool unescape_byte(struct strbuf *sb, const char *s, size_t len)
{
	int high, low;

	if (len < 3 || s[0] != 'x')
		return false;
	high = low_hex_digit(s[1]);
	low = low_hex_digit(s[2]);
	if (high < 0 || low < 0 || valid_in_word((uint32_t)(high << 4 | low)))
		return false;
	strbuf_addc(sb, (char)(high << 4 | low));
	return true;
}

static bool unescape_bytes(struct strbuf *sb, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (valid_in_word((unsigned char)s[i])) {
			strbuf_addc(sb, s[i]);
			continue;
		}
		if (s[i] != '\\' || !unescape_byte(sb, s + i + 1, len - i - 1))
			return false;
		i += 3;
	}
	return len > 0;
}

bool unescape_word(struct strbuf *sb, const char *s, size_t len)
{
	size_t before = sb->len;

	if (len == 2 && !memcmp(s, "\\e", 2))
		return true;
	if (unescape_bytes(sb, s, len))
		return true;
	if (sb->buf) {
		sb->len = before;
		sb->buf[before] = '\0';
	}
	return false;
}
