/* launch/library: the cache of ld.so is read, and never beyond its end. */
#include "launch/library.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/unit/hs_check.h"

enum { HEAD = 48, ENTRY = 24 };

/* A cache of two libraries of one name, and one of another. */
static size_t make_cache(char *data)
{
	static const char *const strings[] = { "libx.so.1", "/a/libx.so.1",
					       "/b/libx.so.1", "liby.so.1" };
	static const int entries[][2] = { { 0, 1 }, { 0, 2 }, { 3, 3 } };
	uint32_t offsets[4], n = 3, i;
	size_t len = HEAD + 3 * ENTRY;

	memset(data, 0, len);
	memcpy(data, "glibc-ld.so.cache1.1", 20);
	memcpy(data + 20, &n, sizeof(n));
	for (i = 0; i < 4; i++) {
		offsets[i] = (uint32_t)len;
		memcpy(data + len, strings[i], strlen(strings[i]) + 1);
		len += strlen(strings[i]) + 1;
	}
	for (i = 0; i < 3; i++) {
		memcpy(data + HEAD + i * ENTRY + 4, &offsets[entries[i][0]], 4);
		memcpy(data + HEAD + i * ENTRY + 8, &offsets[entries[i][1]], 4);
	}
	return len;
}

struct seen {
	char paths[4][32];
	size_t n, until;
};

static bool see(const char *path, void *arg)
{
	struct seen *seen = arg;

	snprintf(seen->paths[seen->n++], sizeof(seen->paths[0]), "%s", path);
	return seen->n == seen->until;
}

START_TEST(cache_in_order)
{
	struct seen seen = { .until = 9 };
	char data[512];
	size_t len = make_cache(data);

	ck_assert(!library_cache_each(data, len, "libx.so.1", see, &seen));
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_str_eq(seen.paths[0], "/a/libx.so.1");
	ck_assert_str_eq(seen.paths[1], "/b/libx.so.1");
	seen = (struct seen){ .until = 1 };
	ck_assert(library_cache_each(data, len, "libx.so.1", see, &seen));
	ck_assert_uint_eq(seen.n, 1);
}
END_TEST

/* As ldconfig -c compat writes it. */
START_TEST(cache_behind_the_old_form)
{
	struct seen seen = { .until = 9 };
	char data[512] = "ld.so-1.7.0";
	size_t len = 16 + make_cache(data + 16);

	ck_assert(!library_cache_each(data, len, "libx.so.1", see, &seen));
	ck_assert_uint_eq(seen.n, 2);
}
END_TEST

/* Each part of it in memory of its own, where ASan sees the end. */
START_TEST(cache_cut_off)
{
	char data[512];
	size_t len = make_cache(data), n;

	for (n = 0; n <= len; n++) {
		_cleanup_free_ char *part = malloc(n ? n : 1);
		struct seen seen = { .until = 9 };

		memcpy(part, data, n);
		(void)library_cache_each(part, n, "libx.so.1", see, &seen);
		ck_assert_uint_le(seen.n, 2);
	}
}
END_TEST

START_TEST(cache_with_too_many)
{
	struct seen seen = { .until = 9 };
	uint32_t n = UINT32_MAX;
	char data[512];
	size_t len = make_cache(data);

	memcpy(data + 20, &n, sizeof(n));
	ck_assert(!library_cache_each(data, len, "libx.so.1", see, &seen));
	ck_assert_uint_eq(seen.n, 0);
}
END_TEST

START_TEST(libc_is_found)
{
	_cleanup_free_ char *path = NULL, *none = NULL;

	hs_ck_ok(library_find("libc.so.6", &path));
	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(access(path, R_OK), 0);
	hs_ck_ok(library_find("libnothing-of-this-name.so.1", &none));
	ck_assert_ptr_null(none);
}
END_TEST

int main(void)
{
	return hs_check_run("launch/library", cache_in_order,
			    cache_behind_the_old_form, cache_cut_off,
			    cache_with_too_many, libc_is_found);
}
