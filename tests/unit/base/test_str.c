/* The small helpers for strings, and reading and writing whole files, whatever
 * read(2) and write(2) do in one go. */
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "tests/unit/hs_check.h"

START_TEST(starts_and_ends_are_exact)
{
	ck_assert(str_starts_with("libc.so", "libc"));
	ck_assert(str_starts_with("libc", "libc"));
	ck_assert(str_starts_with("", ""));
	ck_assert(!str_starts_with("lib", "libc"));
	ck_assert(str_ends_with("je_malloc_conf", "malloc_conf"));
	ck_assert(str_ends_with("malloc_conf", "malloc_conf"));
	ck_assert(!str_ends_with("conf", "malloc_conf"));
	ck_assert(!str_ends_with("malloc_conf_", "malloc_conf"));
	ck_assert(str_ends_with("x", ""));
}
END_TEST

START_TEST(null_equals_null_alone)
{
	char other[] = "a";

	ck_assert(str_equal(NULL, NULL));
	ck_assert(!str_equal(NULL, ""));
	ck_assert(!str_equal("", NULL));
	ck_assert(str_equal(other, "a"));
	ck_assert(!str_equal("a", "b"));
}
END_TEST

START_TEST(base_names_are_behind_the_last_slash)
{
	ck_assert_str_eq(str_base_name("/usr/lib/libz.so.1"), "libz.so.1");
	ck_assert_str_eq(str_base_name("libz.so.1"), "libz.so.1");
	ck_assert_str_eq(str_base_name("/"), "/");
	ck_assert_str_eq(str_base_name("a/b/"), "a/b/");
	ck_assert_str_eq(str_base_name(""), "");
}
END_TEST

START_TEST(all_is_written_and_read)
{
	enum { LONG = 100000 };
	static char text[LONG];
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	_cleanup_close_ int fd = memfd_create("test", MFD_CLOEXEC);
	size_t i;

	for (i = 0; i < LONG; i++)
		text[i] = (char)('a' + i % 23);
	ck_assert_int_eq(io_write(fd, text, LONG), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	strbuf_addc(&sb, '>');
	ck_assert_int_eq(io_read(fd, &sb), 0);
	ck_assert_uint_eq(sb.len, LONG + 1);
	ck_assert_mem_eq(sb.buf + 1, text, LONG);
}
END_TEST

START_TEST(what_fails_is_errno)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	_cleanup_close_ int full = open("/dev/full", O_RDWR | O_CLOEXEC);
	_cleanup_close_ int folder = open("/", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(io_write(full, "x", 1), ENOSPC);
	ck_assert_int_eq(io_write(full, "", 0), 0);
	ck_assert_int_eq(io_read(folder, &sb), EISDIR);
	ck_assert_int_eq(io_read(-1, &sb), EBADF);
}
END_TEST

int main(void)
{
	return hs_check_run("base/str", starts_and_ends_are_exact,
			    null_equals_null_alone,
			    base_names_are_behind_the_last_slash,
			    all_is_written_and_read, what_fails_is_errno);
}
