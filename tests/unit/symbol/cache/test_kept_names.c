/*
 * Proves that kept names come back as they were, and that nothing is taken from
 * bytes that are not whole, were damaged, are another file's, or were made up
 * by somebody who knows the checksum.
 */
#include "symbol/cache/kept_names.h"

#include <stdint.h>
#include <stdio.h>
#include <zlib.h>

#include "base/strbuf.h"
#include "tests/unit/hs_check.h"

static const struct symbol_frame three[] = {
	{ "leaf", "/src/a.c", 7, true },
	{ "middle", "/src/a.c", 4000000000U, true },
	{ "outer", NULL, 0, false },
};
static const struct symbol_frame one[] = { { NULL, "/src/b.S", 3, false } };

static struct strbuf text_of(const char *s)
{
	struct strbuf sb = { 0 };

	strbuf_adds(&sb, s);
	return sb;
}

static struct kept_names sample(void)
{
	const struct file_stamp stamp = { { 1, 2, 3, 4, 5, 6, 7, UINT64_MAX } };
	const struct file_stamp none = { { 0 } };
	struct kept_names names = { .other_root = true };

	search_trace_add(&names.trace, 0, "/d/a.debug", none);
	search_trace_add(&names.trace, 1, "/d/a.debug", stamp);
	search_trace_add(&names.trace, 2, "abcd", none);
	hs_ck_ok(answers_add(&names.answers, 0x1000, three, 3));
	hs_ck_ok(answers_add(&names.answers, UINT64_MAX, NULL, 0));
	hs_ck_ok(answers_add(&names.answers, 5, one, 1));
	return names;
}

static struct strbuf written(const char *tag_text)
{
	struct strbuf tag = text_of(tag_text), data = { 0 };
	struct kept_names names = sample();

	hs_ck_ok(kept_names_write(&names, &tag, &data));
	kept_names_release(&names);
	strbuf_release(&tag);
	return data;
}

static bool is_read(const struct strbuf *data, const char *tag_text)
{
	struct strbuf tag = text_of(tag_text);
	struct kept_names names;
	const bool ok = kept_names_read(data, &tag, &names);

	if (!ok)
		ck_assert_uint_eq(names.answers.n + names.trace.n, 0);
	kept_names_release(&names);
	strbuf_release(&tag);
	return ok;
}

static void check_frames(const struct answers *a, uint64_t offset,
			 const struct symbol_frame *want, size_t n)
{
	const struct answer *answer = answers_find(a, offset);
	size_t i;

	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->n, n);
	for (i = 0; i < n; i++) {
		const struct symbol_frame *f = &a->frames[answer->first + i];

		ck_assert_pstr_eq(f->function, want[i].function);
		ck_assert_pstr_eq(f->file, want[i].file);
		ck_assert_uint_eq(f->line, want[i].line);
		ck_assert_int_eq(f->inlined, want[i].inlined);
	}
}

START_TEST(comes_back)
{
	struct strbuf data = written("tag"), tag = text_of("tag");
	struct kept_names want = sample(), names;
	size_t i;

	ck_assert(kept_names_read(&data, &tag, &names));
	ck_assert(names.other_root);
	ck_assert_uint_eq(names.trace.n, 3);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(names.trace.items[i].where, i);
		ck_assert_str_eq(names.trace.items[i].path,
				 want.trace.items[i].path);
		ck_assert_mem_eq(&names.trace.items[i].stamp,
				 &want.trace.items[i].stamp,
				 sizeof(struct file_stamp));
	}
	ck_assert_uint_eq(names.answers.n, 3);
	check_frames(&names.answers, 0x1000, three, 3);
	check_frames(&names.answers, 5, one, 1);
	check_frames(&names.answers, UINT64_MAX, NULL, 0);
	ck_assert_ptr_null(answers_find(&names.answers, 6));
	kept_names_release(&names);
	kept_names_release(&want);
	strbuf_release(&data);
	strbuf_release(&tag);
}
END_TEST

START_TEST(another_tag)
{
	struct strbuf data = written("tag");

	ck_assert(is_read(&data, "tag"));
	ck_assert(!is_read(&data, "tah"));
	ck_assert(!is_read(&data, "ta"));
	ck_assert(!is_read(&data, "tags"));
	ck_assert(!is_read(&data, ""));
	strbuf_release(&data);
}
END_TEST

/* As much as is there, so that a sanitizer sees a step too far. */
START_TEST(cut_short)
{
	struct strbuf data = written("tag");
	size_t len;

	for (len = 0; len < data.len; len++) {
		struct strbuf part = { 0 };

		part.buf = malloc(len ? len : 1);
		memcpy(part.buf, data.buf, len);
		part.len = len;
		ck_assert_msg(!is_read(&part, "tag"), "%zu bytes", len);
		free(part.buf);
	}
	strbuf_addc(&data, 'x');
	ck_assert(!is_read(&data, "tag"));
	strbuf_release(&data);
}
END_TEST

START_TEST(each_bit_counts)
{
	struct strbuf data = written("tag");
	size_t i;

	for (i = 0; i < data.len * 8; i++) {
		data.buf[i / 8] ^= (char)(1 << i % 8);
		ck_assert_msg(!is_read(&data, "tag"), "bit %zu", i);
		data.buf[i / 8] ^= (char)(1 << i % 8);
	}
	ck_assert(is_read(&data, "tag"));
	strbuf_release(&data);
}
END_TEST

/* --- made up, with its checksum ---------------------------------------------
 */

enum { HEAD = 12 };

static void seal(struct strbuf *data)
{
	uint32_t sum = (uint32_t)crc32_z(0, (const void *)(data->buf + HEAD),
					 data->len - HEAD);

	memcpy(data->buf + 8, &sum, sizeof(sum));
}

static void add_u32(struct strbuf *sb, uint32_t n)
{
	strbuf_add(sb, &n, sizeof(n));
}

/* Up to the answers: tag "t", no step, @strings. */
static struct strbuf made_up(uint32_t n_strings, const char *strings,
			     size_t size)
{
	struct strbuf sb = { 0 };

	strbuf_adds(&sb, "hsnames1");
	add_u32(&sb, 0);
	add_u32(&sb, 1);
	strbuf_addc(&sb, 't');
	strbuf_addc(&sb, '\0');
	add_u32(&sb, 0);
	add_u32(&sb, n_strings);
	strbuf_add(&sb, strings, size);
	return sb;
}

static void add_answer(struct strbuf *sb, uint64_t offset, uint32_t n)
{
	strbuf_add(sb, &offset, sizeof(offset));
	add_u32(sb, n);
}

static void add_frame(struct strbuf *sb, uint32_t function, uint32_t file,
		      uint8_t inlined)
{
	add_u32(sb, function);
	add_u32(sb, file);
	add_u32(sb, 1);
	strbuf_add(sb, &inlined, 1);
}

static void check(struct strbuf *sb, bool want, const char *what)
{
	seal(sb);
	ck_assert_msg(is_read(sb, "t") == want, "%s", what);
	strbuf_release(sb);
}

/* One answer with two frames. */
static struct strbuf two_frames(uint32_t function, uint32_t file, uint8_t first,
				uint8_t second)
{
	struct strbuf sb = made_up(2, "a\0b", 4);

	add_u32(&sb, 1);
	add_answer(&sb, 9, 2);
	add_frame(&sb, function, file, first);
	add_frame(&sb, 1, 1, second);
	return sb;
}

START_TEST(made_up_frames)
{
	struct strbuf sb = two_frames(2, 0, 1, 0);

	check(&sb, true, "as it is written");
	sb = two_frames(3, 0, 1, 0);
	check(&sb, false, "a function beyond the strings");
	sb = two_frames(0, UINT32_MAX, 1, 0);
	check(&sb, false, "a file beyond the strings");
	sb = two_frames(1, 1, 0, 0);
	check(&sb, false, "a frame inside that is not inlined");
	sb = two_frames(1, 1, 1, 1);
	check(&sb, false, "an outermost one that is inlined");
	sb = two_frames(1, 1, 2, 0);
	check(&sb, false, "a flag of 2");
}
END_TEST

START_TEST(made_up_numbers)
{
	struct strbuf sb = made_up(0, "", 0);

	add_u32(&sb, 0);
	check(&sb, true, "nothing");
	sb = made_up(0, "", 0);
	add_u32(&sb, UINT32_MAX);
	check(&sb, false, "answers that are not there");
	sb = made_up(UINT32_MAX, "a", 2);
	add_u32(&sb, 0);
	check(&sb, false, "strings that are not there");
	sb = made_up(1, "a", 1);
	check(&sb, false, "a string without an end");
	sb = made_up(0, "", 0);
	add_u32(&sb, 1);
	add_answer(&sb, 9, UINT32_MAX);
	check(&sb, false, "frames that are not there");
	sb = made_up(0, "", 0);
	add_u32(&sb, 2);
	add_answer(&sb, 9, 0);
	add_answer(&sb, 9, 0);
	check(&sb, false, "an address twice");
	sb = made_up(0, "", 0);
	add_u32(&sb, 0);
	strbuf_addc(&sb, 'x');
	check(&sb, false, "something behind them");
	sb = made_up(0, "", 0);
	sb.buf[HEAD + 5] = 2;
	add_u32(&sb, 0);
	check(&sb, false, "another root of 2");
}
END_TEST

/* A step: where, a stamp, a path. */
static void add_step(struct strbuf *sb, uint8_t where, uint8_t there,
		     const char *path)
{
	const struct file_stamp stamp = { { there } };

	strbuf_add(sb, &where, 1);
	strbuf_add(sb, stamp.words, sizeof(stamp.words));
	strbuf_add(sb, path, strlen(path) + 1);
}

static struct strbuf with_steps(uint32_t n)
{
	struct strbuf sb = made_up(0, "", 0);

	sb.len -= 8;
	add_u32(&sb, n);
	return sb;
}

static void end_steps(struct strbuf *sb)
{
	add_u32(sb, 0);
	add_u32(sb, 0);
}

START_TEST(made_up_steps)
{
	struct strbuf sb = with_steps(2);
	char path[8];
	unsigned i;

	add_step(&sb, 0, 1, "/a");
	add_step(&sb, 1, 0, "/a");
	end_steps(&sb);
	check(&sb, true, "as they are written");
	sb = with_steps(1);
	add_step(&sb, 3, 1, "/a");
	end_steps(&sb);
	check(&sb, false, "a root that there is not");
	sb = with_steps(2);
	add_step(&sb, 1, 1, "/a");
	add_step(&sb, 1, 0, "/a");
	end_steps(&sb);
	check(&sb, false, "one that is there and is not");
	sb = with_steps(UINT32_MAX);
	add_step(&sb, 1, 1, "/a");
	end_steps(&sb);
	check(&sb, false, "steps that are not there");
	sb = with_steps(SEARCH_STEPS_MAX + 1);
	for (i = 0; i <= SEARCH_STEPS_MAX; i++) {
		snprintf(path, sizeof(path), "/%u", i);
		add_step(&sb, 1, 1, path);
	}
	end_steps(&sb);
	check(&sb, false, "too many of them");
}
END_TEST

int main(void)
{
	return hs_check_run("symbol/kept_names", comes_back, another_tag,
			    cut_short, each_bit_counts, made_up_frames,
			    made_up_numbers, made_up_steps);
}
