/*
 * output/json: what is written parses, and has the keys, types and numbers that
 * schema heapsnap/1 promises.
 */
#include "output/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/hs_check.h"
#include "tests/unit/report_fixture.h"

#define BEFORE "searchd-before.heap"
#define AFTER "searchd-after.heap"

static json_t *write_and_parse(const struct rows *rows, size_t top)
{
	json_error_t error;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	json_t *j;

	hs_ck_ok(json_write(f, rows, top));
	fclose(f);
	j = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(j != NULL, "%s in:\n%s", error.text, text);
	free(text);
	return j;
}

static json_int_t integer(const json_t *j, const char *key)
{
	const json_t *value = json_object_get(j, key);

	ck_assert_msg(json_is_integer(value), "'%s' is no integer", key);
	return json_integer_value(value);
}

static const char *text(const json_t *j, const char *key)
{
	const json_t *value = json_object_get(j, key);

	ck_assert_msg(json_is_string(value), "'%s' is no string", key);
	return json_string_value(value);
}

static const json_t *object(const json_t *j, const char *key)
{
	const json_t *value = json_object_get(j, key);

	ck_assert_msg(json_is_object(value), "'%s' is no object", key);
	return value;
}

START_TEST(diff_has_all_keys)
{
	const json_t *after, *capture, *breakdown, *totals;
	struct fixture f;
	json_t *j;

	fixture_read(&f, BEFORE, AFTER, NULL);
	j = write_and_parse(&f.rows, 0);
	ck_assert_str_eq(text(j, "schema"), "heapsnap/1");
	ck_assert_str_eq(text(j, "kind"), "diff");
	ck_assert_int_eq(integer(object(j, "before"), "pid"), 25861);
	after = object(j, "after");
	ck_assert_str_eq(text(after, "file"), "tests/data/" AFTER);
	ck_assert_str_eq(text(after, "command"), "searchd");
	ck_assert_str_eq(text(after, "taken_at"), "2026-11-23T06:04:27Z");
	ck_assert_int_eq(strncmp(text(after, "jemalloc_version"), "5.3.0-", 6),
			 0);
	ck_assert_int_eq(integer(after, "sample_period"), 524288);
	capture = object(after, "capture");
	ck_assert_str_eq(text(capture, "mode"), "guest");
	ck_assert_int_eq(integer(capture, "host_tid"), 25870);
	ck_assert_int_eq(integer(capture, "pause_us"), 388);
	ck_assert_int_eq(integer(capture, "dump_us"), 21500);
	ck_assert_int_eq(integer(capture, "dump_bytes"), 48211);
	breakdown = object(after, "ledger");
	ck_assert_int_eq(integer(breakdown, "allocated"), 235110400);
	ck_assert_int_eq(integer(breakdown, "retained"), 8000000);
	ck_assert_int_eq(integer(breakdown, "rss"), 276824064);
	ck_assert_str_eq(text(j, "diagnosis"),
			 "malloc: live allocations grew by 187.6 MiB, 93% of "
			 "what grew: a leak through malloc, if that goes on");
	ck_assert(json_is_array(json_object_get(j, "hints")));
	totals = object(j, "totals");
	ck_assert_int_eq(integer(totals, "bytes"),
			 integer(totals, "grown_bytes") -
				 integer(totals, "shrunk_bytes"));
	ck_assert_int_eq(integer(totals, "bytes"),
			 integer(after, "bytes") -
				 integer(object(j, "before"), "bytes"));
	json_decref(j);
	fixture_release(&f);
}
END_TEST

/* The rows add up to the totals, to the byte. */
START_TEST(stacks_add_up)
{
	json_int_t bytes = 0, objects = 0, last = INT64_MAX;
	const json_t *stacks, *stack;
	struct fixture f;
	size_t i;
	json_t *j;

	fixture_read(&f, BEFORE, AFTER, NULL);
	j = write_and_parse(&f.rows, 0);
	stacks = json_object_get(j, "stacks");
	ck_assert_uint_eq(json_array_size(stacks), 5);
	json_array_foreach(stacks, i, stack)
	{
		bytes += integer(stack, "bytes");
		objects += integer(stack, "objects");
		ck_assert_int_eq(integer(stack, "bytes"),
				 integer(object(stack, "after"), "bytes") -
					 integer(object(stack, "before"),
						 "bytes"));
		ck_assert_int_le(integer(stack, "bytes"), last);
		last = integer(stack, "bytes");
		ck_assert(json_is_number(json_object_get(stack, "bytes_se")));
		ck_assert(
			json_is_boolean(json_object_get(stack, "significant")));
	}
	ck_assert_int_eq(bytes, integer(object(j, "totals"), "bytes"));
	ck_assert_int_eq(objects, integer(object(j, "totals"), "objects"));
	json_decref(j);
	fixture_release(&f);
}
END_TEST

static const json_t *frame(const json_t *j, size_t stack, size_t n)
{
	const json_t *s = json_array_get(json_object_get(j, "stacks"), stack);

	return json_array_get(json_object_get(s, "frames"), n);
}

START_TEST(frames)
{
	const json_t *named, *nameless;
	struct fixture f;
	json_t *j;

	fixture_read(&f, BEFORE, AFTER, NULL);
	j = write_and_parse(&f.rows, 0);
	named = frame(j, 0, 0);
	ck_assert_str_eq(text(named, "function"),
			 "std::__new_allocator::allocate");
	ck_assert(json_is_true(json_object_get(named, "inlined")));
	named = frame(j, 0, 1);
	ck_assert_str_eq(text(named, "function"), "search::Cache::put");
	ck_assert_str_eq(text(named, "file"),
			 "/srv/searchd/src/cache/cache.cc");
	ck_assert_int_eq(integer(named, "line"), 214);
	ck_assert_str_eq(text(named, "module"), "/srv/searchd/bin/searchd");
	ck_assert_str_eq(text(named, "offset"), "0x1a2b3");
	ck_assert_str_eq(text(named, "address"), "0x55d0c0dfa2b3");
	ck_assert(json_is_false(json_object_get(named, "inlined")));
	nameless = frame(j, 2, 0);
	ck_assert(json_is_null(json_object_get(nameless, "function")));
	ck_assert(json_is_null(json_object_get(nameless, "file")));
	ck_assert(json_is_null(json_object_get(nameless, "line")));
	ck_assert_str_eq(text(nameless, "module"),
			 "/opt/vendor/lib/libvendor.so.3");
	ck_assert_str_eq(text(nameless, "offset"), "0x5d21");
	json_decref(j);
	fixture_release(&f);
}
END_TEST

START_TEST(report_of_one)
{
	struct fixture f;
	json_t *j;

	fixture_read(&f, NULL, AFTER, NULL);
	j = write_and_parse(&f.rows, 3);
	ck_assert_str_eq(text(j, "kind"), "report");
	ck_assert_ptr_null(json_object_get(j, "before"));
	ck_assert_int_eq(integer(object(j, "snapshot"), "pid"), 25861);
	ck_assert_int_eq(integer(object(j, "totals"), "bytes"),
			 integer(object(j, "snapshot"), "bytes"));
	ck_assert_ptr_null(json_object_get(object(j, "totals"), "grown_bytes"));
	ck_assert_uint_eq(json_array_size(json_object_get(j, "stacks")), 3);
	json_decref(j);
	fixture_release(&f);
}
END_TEST

#define PLAIN                                                    \
	HEAD(1)                                                  \
	"@ 0x1100\n  t*: 2: 128 [0: 0]\n  t0: 2: 128 [0: 0]\n\n" \
	"MAPPED_LIBRARIES:\n"                                    \
	"00001000-00002000 r-xp 00000000 fe:00 7 /srv/app/p\xff\n"

/* A plain dump knows little: null, not 0 or "". Bytes that are no UTF-8 do not
 * make the file unreadable. */
START_TEST(unknown_is_null)
{
	const json_t *snapshot, *stack;
	struct fixture f;
	json_t *j;

	fixture_parse(&f, NULL, PLAIN, NULL);
	j = write_and_parse(&f.rows, 0);
	snapshot = object(j, "snapshot");
	ck_assert(json_is_null(json_object_get(snapshot, "pid")));
	ck_assert(json_is_null(json_object_get(snapshot, "command")));
	ck_assert(json_is_null(
		json_object_get(object(snapshot, "ledger"), "rss")));
	ck_assert(json_is_null(
		json_object_get(object(snapshot, "capture"), "mode")));
	stack = json_array_get(json_object_get(j, "stacks"), 0);
	ck_assert_double_eq(
		json_number_value(json_object_get(stack, "bytes_se")), 0);
	ck_assert_str_eq(text(frame(j, 0, 0), "module"), "/srv/app/p\\xff");
	ck_assert(json_is_null(json_object_get(frame(j, 0, 0), "offset")));
	json_decref(j);
	fixture_release(&f);
}
END_TEST

/* A full disk is an error, and says so. */
START_TEST(full_disk)
{
	FILE *full = fopen("/dev/full", "w");
	struct fixture f;

	ck_assert_ptr_nonnull(full);
	setvbuf(full, NULL, _IONBF, 0);
	fixture_read(&f, BEFORE, AFTER, NULL);
	hs_ck_err(json_write(full, &f.rows, 0), HS_ERROR_SYSTEM,
		  "cannot write the report: No space left on device");
	fixture_release(&f);
	fclose(full);
}
END_TEST

static size_t allocations_left;
static bool failed;

static void *failing_malloc(size_t size)
{
	if (allocations_left--)
		return malloc(size);
	failed = true;
	return NULL;
}

/* The report, when the JSON library gets no memory once, after @n allocations:
 * *ret is what was written; free(3). */
static struct hs_error *write_in_need(const struct rows *rows, size_t n,
				      char **ret)
{
	struct hs_error *err;
	size_t len;
	FILE *f = open_memstream(ret, &len);

	allocations_left = n;
	failed = false;
	json_set_alloc_funcs(failing_malloc, free);
	err = json_write(f, rows, 0);
	json_set_alloc_funcs(malloc, free);
	fclose(f);
	return err;
}

/* Wherever memory runs out, there is an error or the whole report: never one
 * that breaks off, or lacks a key, and seems to succeed. */
START_TEST(memory_that_runs_out_is_an_error)
{
	struct hs_error *err;
	struct fixture f;
	char *whole, *text;
	size_t n;

	fixture_parse(&f, NULL, PLAIN, NULL);
	hs_ck_ok(write_in_need(&f.rows, SIZE_MAX, &whole));
	for (n = 0;; n++) {
		err = write_in_need(&f.rows, n, &text);
		if (!failed)
			break;
		hs_ck_err(err, HS_ERROR_NOMEM, "out of memory");
		free(text);
	}
	ck_assert_uint_gt(n, 100);
	hs_ck_ok(err);
	ck_assert_str_eq(text, whole);
	free(text);
	free(whole);
	fixture_release(&f);
}
END_TEST

int main(void)
{
	return hs_check_run("output/json", diff_has_all_keys, stacks_add_up,
			    frames, report_of_one, unknown_is_null, full_disk,
			    memory_that_runs_out_is_an_error);
}
