/*
 * The format, little-endian, without padding:
 *
 *	"hsnames1", crc32 of all that follows (u32)
 *	length of the tag (u32), tag
 *	other_root (u8)
 *	number of steps (u32), each: where (u8), stamp (8 u64), path and NUL
 *	number of strings (u32), each with its NUL
 *	number of answers (u32), each: offset (u64), number of frames (u32), and
 *	of each frame: function, file (u32: number of a string from 1 on, 0:
 *none), line (u32), inlined (u8)
 */
#include "symbol/cache/kept_names.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/intern.h"
#include "symbol/cursor.h"
#include "symbol/debug_paths.h"

static const char magic[] = "hsnames1";

enum {
	MAGIC_SIZE = sizeof(magic) - 1,
	HEAD_SIZE = MAGIC_SIZE + 4,
	FRAME_SIZE = 13,
};

void kept_names_release(struct kept_names *names)
{
	search_trace_release(&names->trace);
	answers_release(&names->answers);
	*names = (struct kept_names){ 0 };
}

/* --- writing ---------------------------------------------------------------
 */

static void add_u8(struct strbuf *sb, uint8_t n)
{
	strbuf_add(sb, &n, sizeof(n));
}

static void add_u32(struct strbuf *sb, uint32_t n)
{
	strbuf_add(sb, &n, sizeof(n));
}

static void add_u64(struct strbuf *sb, uint64_t n)
{
	strbuf_add(sb, &n, sizeof(n));
}

/* With its NUL. */
static void add_string(struct strbuf *sb, const char *s)
{
	strbuf_add(sb, s, strlen(s) + 1);
}

static void add_steps(struct strbuf *sb, const struct search_trace *t)
{
	size_t i, k;

	add_u32(sb, (uint32_t)t->n);
	for (i = 0; i < t->n; i++) {
		add_u8(sb, t->items[i].where);
		for (k = 0; k < FILE_STAMP_WORDS; k++)
			add_u64(sb, t->items[i].stamp.words[k]);
		add_string(sb, t->items[i].path);
	}
}

static struct hs_error *number_of(struct intern *strings, const char *s,
				  uint32_t *ret)
{
	struct hs_error *err;

	*ret = 0;
	if (!s)
		return NULL;
	err = intern_number(strings, s, strlen(s), ret);
	++*ret;
	return err;
}

static struct hs_error *add_frame(struct strbuf *sb, struct intern *strings,
				  const struct symbol_frame *frame)
{
	uint32_t function, file;
	struct hs_error *err = number_of(strings, frame->function, &function);

	if (!err)
		err = number_of(strings, frame->file, &file);
	if (err)
		return err;
	add_u32(sb, function);
	add_u32(sb, file);
	add_u32(sb, frame->line);
	add_u8(sb, frame->inlined);
	return NULL;
}

static struct hs_error *add_answers(struct strbuf *sb, struct intern *strings,
				    const struct answers *a)
{
	struct hs_error *err = NULL;
	size_t i, k;

	add_u32(sb, (uint32_t)a->n);
	for (i = 0; i < a->n && !err; i++) {
		const struct answer *answer = &a->items[i];

		add_u64(sb, answer->offset);
		add_u32(sb, answer->n);
		for (k = 0; k < answer->n && !err; k++)
			err = add_frame(sb, strings,
					&a->frames[answer->first + k]);
	}
	return err;
}

static uint32_t checksum(const char *data, size_t size)
{
	return (uint32_t)crc32_z(0, (const void *)(data + HEAD_SIZE),
				 size - HEAD_SIZE);
}

struct hs_error *kept_names_write(const struct kept_names *names,
				  const struct strbuf *tag, struct strbuf *ret)
{
	_cleanup_strbuf_ struct strbuf answers = { 0 };
	_cleanup_intern_ struct intern strings = { 0 };
	struct hs_error *err = add_answers(&answers, &strings, &names->answers);
	uint32_t sum;
	size_t i;

	if (!err)
		err = strbuf_check(&answers);
	if (err)
		return err;
	strbuf_adds(ret, magic);
	add_u32(ret, 0);
	add_u32(ret, (uint32_t)tag->len);
	strbuf_add(ret, tag->buf, tag->len);
	add_u8(ret, names->other_root);
	add_steps(ret, &names->trace);
	add_u32(ret, (uint32_t)strings.n);
	for (i = 0; i < strings.n; i++)
		add_string(ret, strings.items[i]);
	strbuf_add(ret, answers.buf, answers.len);
	err = strbuf_check(ret);
	if (err)
		return err;
	sum = checksum(ret->buf, ret->len);
	memcpy(ret->buf + MAGIC_SIZE, &sum, sizeof(sum));
	return NULL;
}

/* --- reading ---------------------------------------------------------------
 */

/* A number of things of at least @size bytes each, which must be there. */
static uint32_t read_count(struct cursor *c, size_t size)
{
	const uint32_t n = cursor_u32(c);

	if (n > cursor_left(c) / size) {
		cursor_fail(c);
		return 0;
	}
	return n;
}

static bool read_flag(struct cursor *c)
{
	const uint8_t flag = cursor_u8(c);

	if (flag > 1)
		cursor_fail(c);
	return flag;
}

static void read_steps(struct cursor *c, struct search_trace *t)
{
	uint32_t n = read_count(c, 1 + FILE_STAMP_WORDS * 8 + 1);
	struct file_stamp stamp;
	const char *path;
	uint8_t where;
	size_t k;

	for (; n && !c->failed && !t->unsure; n--) {
		where = cursor_u8(c);
		for (k = 0; k < FILE_STAMP_WORDS; k++)
			stamp.words[k] = cursor_u64(c);
		path = cursor_string(c);
		if (where > DEBUG_ROOTS)
			cursor_fail(c);
		if (!c->failed)
			search_trace_add(t, where, path, stamp);
	}
	if (t->unsure)
		cursor_fail(c);
}

/* *ret: owned by the caller; NULL: out of memory. */
static uint32_t read_strings(struct cursor *c, const char ***ret)
{
	const uint32_t n = read_count(c, 1);
	uint32_t i;

	*ret = calloc((size_t)n + 1, sizeof(**ret));
	if (!*ret)
		cursor_fail(c);
	for (i = 0; i < n && !c->failed; i++)
		(*ret)[i + 1] = cursor_string(c);
	return n;
}

static const char *read_string(struct cursor *c, const char *const *strings,
			       uint32_t n)
{
	const uint32_t number = cursor_u32(c);

	if (number <= n)
		return strings[number];
	cursor_fail(c);
	return NULL;
}

/* Into @frames, which is used again for each answer. */
static void read_frames(struct cursor *c, const char *const *strings,
			uint32_t n_strings, struct frame_list *frames)
{
	uint32_t n = read_count(c, FRAME_SIZE), i;
	struct symbol_frame frame;
	struct hs_error *err;

	frames->n = 0;
	for (i = 0; i < n && !c->failed; i++) {
		frame.function = read_string(c, strings, n_strings);
		frame.file = read_string(c, strings, n_strings);
		frame.line = cursor_u32(c);
		frame.inlined = read_flag(c);
		if (frame.inlined != (i + 1 < n))
			cursor_fail(c);
		err = frame_list_add(frames, frame);
		if (err)
			cursor_fail(c);
		hs_error_free(err);
	}
}

static void read_answers(struct cursor *c, struct answers *a)
{
	_cleanup_free_ const char **strings = NULL;
	const uint32_t n_strings = read_strings(c, &strings);
	uint32_t n = read_count(c, 8 + 4);
	struct frame_list frames = { 0 };
	struct hs_error *err = NULL;
	uint64_t offset;

	for (; n && !c->failed; n--) {
		offset = cursor_u64(c);
		read_frames(c, strings, n_strings, &frames);
		if (answers_find(a, offset))
			cursor_fail(c);
		if (!c->failed)
			err = answers_add(a, offset, frames.items, frames.n);
		if (err)
			cursor_fail(c);
	}
	hs_error_free(err);
	frame_list_release(&frames);
}

static bool has_head(const struct strbuf *data, const struct strbuf *tag)
{
	uint32_t sum, len;

	if (data->len < HEAD_SIZE + 4 || memcmp(data->buf, magic, MAGIC_SIZE))
		return false;
	memcpy(&sum, data->buf + MAGIC_SIZE, sizeof(sum));
	memcpy(&len, data->buf + HEAD_SIZE, sizeof(len));
	return len == tag->len && data->len - HEAD_SIZE - 4 >= len &&
	       !memcmp(data->buf + HEAD_SIZE + 4, tag->buf, len) &&
	       sum == checksum(data->buf, data->len);
}

bool kept_names_read(const struct strbuf *data, const struct strbuf *tag,
		     struct kept_names *ret)
{
	const struct slice bytes = { (const uint8_t *)data->buf, data->len };
	struct cursor c;

	*ret = (struct kept_names){ 0 };
	if (!has_head(data, tag))
		return false;
	c = cursor_at(bytes, HEAD_SIZE + 4 + tag->len);
	ret->other_root = read_flag(&c);
	read_steps(&c, &ret->trace);
	read_answers(&c, &ret->answers);
	if (!c.failed && !cursor_left(&c))
		return true;
	kept_names_release(ret);
	return false;
}
