#include "heap/format/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "heap/format/snapshot.h"

enum {
	PIECE = 256 * 1024, /* fits the second-level cache of most CPUs */
	/* A stack of a million frames; a longer line is no heap dump. */
	LONGEST_LINE = 64 * 1024 * 1024,
	DIGITS = 8, /* that heap_text_address() reads at once */
};

/* Fills buf until it has @want bytes or the source ends. Behind them are zeros:
 * addresses are read ahead of a line's end. */
static struct hs_error *heap_text_read(struct heap_text *t, size_t want)
{
	struct hs_error *err = NULL;
	size_t got;

	if (!ARRAY_GROW(t->buf, t->cap, want + HEAP_TEXT_AHEAD))
		return hs_error_nomem();
	while (!err && !t->last && t->len < want) {
		err = t->source->read(t->source, t->buf + t->len, want - t->len,
				      &got);
		t->len += got;
		t->size += got;
		t->last = !err && !got;
	}
	memset(t->buf + t->len, 0, HEAP_TEXT_AHEAD);
	return err;
}

struct hs_error *heap_text_open(struct heap_text *t, struct heap_source *source,
				const char *name)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8; by editors */
	const size_t n = sizeof(mark) - 1;
	struct hs_error *err;

	*t = (struct heap_text){ .name = name, .line = 1, .source = source };
	err = heap_text_read(t, PIECE);
	if (!err && t->len >= n && !memcmp(t->buf, mark, n)) {
		t->len -= n;
		memmove(t->buf, t->buf + n, t->len);
	}
	t->s = t->end = t->buf;
	return err;
}

void heap_text_release(struct heap_text *t)
{
	free(t->buf);
	hs_error_free(t->failed);
	*t = (struct heap_text){ 0 };
}

/* Removes the CR of each CR LF from the lines up to @len; returns the new
 * length. */
static size_t drop_carriage_returns(char *buf, size_t len)
{
	size_t from, to = 0;

	for (from = 0; from < len; from++) {
		if (buf[from] == '\n' && to && buf[to - 1] == '\r')
			to--;
		buf[to++] = buf[from];
	}
	return to;
}

static size_t count_lines(const char *from, const char *end)
{
	size_t n = 0;

	while ((from = memchr(from, '\n', (size_t)(end - from)))) {
		from++;
		n++;
	}
	return n;
}

static bool is_message(const char *at, const char *end)
{
	static const char start[] = "<jemalloc>: ";
	const size_t n = sizeof(start) - 1;

	return (size_t)(end - at) >= n && !memcmp(at, start, n);
}

/* Numbers the message at @at, before which @dropped lines were taken out of
 * buf. */
static void heap_text_count_message(struct heap_text *t, const char *at,
				    size_t dropped)
{
	if (!t->messages.n)
		t->messages.first = t->line + dropped + count_lines(t->buf, at);
	t->messages.n++;
	/* Of later ones in the piece the lines are not counted before the next
	 * piece: no more than a number in a message is less exact. */
	if (at == t->buf)
		t->line++;
	else
		t->uncounted++;
}

/*
 * Takes jemalloc's own messages out of buf. It writes them to descriptor 2,
 * which is that of the dump when the process was started without one, and at
 * any moment: between two pieces of the dump, so also within a line, which goes
 * on behind the message. (prof_leakcheck(), malloc_write())
 */
static void heap_text_drop_messages(struct heap_text *t)
{
	const char *from = t->buf, *end = t->buf + t->len, *at = from, *nl;
	char *to = t->buf;
	size_t dropped = 0;

	while ((at = memchr(at, '<', (size_t)(end - at)))) {
		nl = is_message(at, end) ? memchr(at, '\n', (size_t)(end - at))
					 : NULL;
		if (!nl) {
			at++;
			continue;
		}
		memmove(to, from, (size_t)(at - from));
		to += at - from;
		heap_text_count_message(t, to, dropped++);
		at = from = nl + 1;
	}
	if (!dropped)
		return;
	memmove(to, from, (size_t)(end - from));
	t->len = (size_t)(to - t->buf) + (size_t)(end - from);
}

/* Makes the whole lines of buf available. false: there is none. */
static bool heap_text_take_lines(struct heap_text *t)
{
	const char *nl;
	size_t lines, less;

	t->line += t->uncounted;
	t->uncounted = 0;
	heap_text_drop_messages(t);
	nl = t->len ? memrchr(t->buf, '\n', t->len) : NULL;
	lines = nl ? (size_t)(nl - t->buf) + 1 : 0;
	if (lines && memchr(t->buf, '\r', lines)) {
		less = lines - drop_carriage_returns(t->buf, lines);
		memmove(t->buf + lines - less, t->buf + lines, t->len - lines);
		t->len -= less;
		lines -= less;
	}
	t->s = t->buf;
	t->end = t->buf + lines;
	return lines > 0;
}

bool heap_text_fill(struct heap_text *t)
{
	size_t want = PIECE;

	if (t->failed)
		return false;
	t->earlier = NULL;
	/* Moves the bytes after the last whole line to the front. */
	t->len -= (size_t)(t->end - t->buf);
	if (t->len)
		memmove(t->buf, t->end, t->len);
	for (;; want *= 2) {
		if (want > LONGEST_LINE) {
			t->s = t->end = t->buf;
			t->failed = heap_text_error(t, "line is too long");
			return false;
		}
		t->failed = heap_text_read(t, want);
		if (!t->failed && heap_text_take_lines(t))
			return true;
		t->s = t->end = t->buf;
		if (t->failed || t->last)
			break;
	}
	if (!t->failed && t->len) {
		t->failed = heap_text_error(t, "file is cut off in this line");
		t->cut = true;
	}
	return false;
}

bool heap_text_is_ours(const struct heap_text *t)
{
	return heap_snapshot_is_line(t->s, (size_t)(t->end - t->s));
}

/* @text[0..len) begins, as far as it goes, as our own lines do. */
static bool may_be_ours(const char *text, size_t len)
{
	static const char start[] = "# heapsnap";
	const size_t n = sizeof(start) - 1;

	return !memcmp(text, start, len < n ? len : n);
}

bool heap_text_take_cut(struct heap_text *t, const char **text, size_t *len)
{
	if (!t->cut || may_be_ours(t->buf, t->len))
		return false;
	t->cut = false;
	hs_error_free(heap_text_end(t));
	*text = t->buf;
	*len = t->len;
	t->len = 0;
	return true;
}

bool heap_text_seek(struct heap_text *t)
{
	const char *at;
	size_t len;

	while (heap_text_more(t)) {
		at = t->s;
		heap_text_skip_blank(&at);
		if (*at != '\n' && (*at != '#' || heap_text_is_ours(t)))
			return true;
		heap_text_next_line(t);
	}
	if (t->cut && t->buf[0] == '#')
		(void)heap_text_take_cut(t, &at, &len);
	return false;
}

struct hs_error *heap_text_end(struct heap_text *t)
{
	struct hs_error *err = t->failed;

	t->failed = NULL;
	return err;
}

struct hs_error *heap_text_error(const struct heap_text *t, const char *fmt,
				 ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return hs_error_new(HS_ERROR_INPUT, "%s:%zu: %s", t->name, t->line,
			    what);
}

struct hs_error *heap_text_expected(struct heap_text *t, const char *what)
{
	if (t->failed)
		return heap_text_end(t);
	return heap_text_error(t, "%sexpected %s",
			       t->s == t->end ? "file is cut off here, " : "",
			       what);
}

bool heap_text_number(const char **s, uint64_t *ret)
{
	const char *at = *s;
	uint64_t v = 0;

	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v))
			return false;
	}
	*ret = v;
	*s = at;
	return true;
}

/* 1 + the value of a hexadecimal digit; 0: no digit. */
static const unsigned char hex_value[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* Parses DIGITS hexadecimal digits at once, each in its byte of a word. false:
 * not all are digits. */
static bool take_digits(const unsigned char *at, uint64_t *ret)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t text, letters, v;

	memcpy(&text, at, sizeof(text));
	/* Bit 6 tells a letter, whose low bits count from 1. */
	v = (text & 0x0f * ones) + (text >> 6 & ones) * 9;
	if (v & 0xf0 * ones)
		return false;
	letters = (v + 6 * ones) >> 4 & ones;
	if ((text | letters * 0x20) !=
	    v + '0' * ones + letters * ('a' - 10 - '0'))
		return false;
	/* The first digit is in the lowest byte, on all supported machines. */
	v = __builtin_bswap64(v);
	v = (v | v >> 4) & 0x00ff00ff00ff00ff;
	v = (v | v >> 8) & 0x0000ffff0000ffff;
	*ret = (v | v >> 16) & 0xffffffff;
	return true;
}

/* Written by hand, since dumps are almost nothing else. */
bool heap_text_address(const char **s, uint64_t *ret)
{
	const unsigned char *at = (const unsigned char *)*s;
	const unsigned char *digits, *first;
	uint64_t v = 0;
	unsigned int digit;

	if (at[0] != '0' || at[1] != 'x')
		return false;
	digits = at += 2;
	/* jeprof pads its addresses. */
	while (*at == '0')
		at++;
	first = at;
	if (take_digits(at, &v))
		at += DIGITS;
	while ((digit = hex_value[*at])) {
		v = v << 4 | (digit - 1);
		at++;
	}
	if (at == digits || at - first > 16)
		return false;
	*ret = v;
	*s = (const char *)at;
	return true;
}

bool heap_text_end_line(struct heap_text *t, const char *at)
{
	heap_text_skip_blank(&at);
	if (*at != '\n')
		return false;
	t->s = at + 1;
	t->line++;
	return true;
}

size_t heap_text_next_line(struct heap_text *t)
{
	const char *nl = memchr(t->s, '\n', (size_t)(t->end - t->s));
	size_t len = (size_t)(nl - t->s);

	t->s = nl + 1;
	t->line++;
	return len;
}

void heap_text_keep(struct heap_text *t, const char *from, size_t len)
{
	t->earlier = from;
	t->earlier_len = len;
}

size_t heap_text_repeats(const struct heap_text *t, const char *at)
{
	const size_t left = (size_t)(t->end - at);
	const char *earlier = t->earlier;
	size_t i = 0, n;
	uint64_t a, b;

	if (!earlier)
		return 0;
	n = left < t->earlier_len ? left : t->earlier_len;
	for (; i + sizeof(a) <= n; i += sizeof(a)) {
		memcpy(&a, at + i, sizeof(a));
		memcpy(&b, earlier + i, sizeof(b));
		if (a != b)
			break;
	}
	while (i < n && at[i] == earlier[i])
		i++;
	return i;
}

bool heap_text_is_line(const struct heap_text *t, const char *want)
{
	const char *at = t->s;

	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, want))
		return false;
	heap_text_skip_blank(&at);
	return *at == '\n';
}
