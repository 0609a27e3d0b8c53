/*
 * Proves which folder names are kept in, and that none is used which is not our
 * own or into which others can write; that only our own regular files in it are
 * read; and that what was not used for longest goes when there is too much.
 */
#include "symbol/cache/cache_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "tests/unit/hs_check.h"

static char top[64];

static const char *in_top(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

static void set_up(void)
{
	snprintf(top, sizeof(top), "/tmp/heapsnap-cache-XXXXXX");
	hs_ck_mkdtemp(top);
	setenv("XDG_CACHE_HOME", top, 1);
	unsetenv("HOME");
}

static void tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	ck_assert_int_eq(system(command), 0);
}

static int open_folder(void)
{
	int dir;

	hs_ck_ok(cache_folder_open(true, &dir));
	ck_assert_int_ge(dir, 0);
	return dir;
}

/* Refused, with "'PATH' is not used: @why". */
static void check_refused(const char *path, const char *why)
{
	char want[400];
	int create, dir;

	snprintf(want, sizeof(want), "'%s' is not used: %s", path, why);
	for (create = 0; create < 2; create++) {
		hs_ck_err(cache_folder_open(create, &dir), HS_ERROR_NOT_FOUND,
			  want);
		ck_assert_int_eq(dir, -1);
	}
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(it_is_made)
{
	mode_t before = umask(0);
	int dir = -2;

	hs_ck_ok(cache_folder_open(false, &dir));
	ck_assert_int_eq(dir, -1);
	ck_assert_int_ne(access(in_top("heapsnap"), F_OK), 0);
	close(open_folder());
	ck_assert_uint_eq(mode_of(in_top("heapsnap")), 0700);
	close(open_folder());
	hs_ck_ok(cache_folder_open(false, &dir));
	ck_assert_int_ge(dir, 0);
	close(dir);
	umask(before);
}
END_TEST

START_TEST(where_it_is)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	int dir;

	/* Relative ones are to be ignored, the standard says. */
	setenv("HOME", top, 1);
	setenv("XDG_CACHE_HOME", "cache", 1);
	hs_ck_ok(cache_folder_path(&path));
	ck_assert_str_eq(strbuf_str(&path), in_top(".cache/heapsnap"));
	close(open_folder());
	ck_assert_uint_eq(mode_of(in_top(".cache")), 0700);
	ck_assert_uint_eq(mode_of(in_top(".cache/heapsnap")), 0700);
	unsetenv("XDG_CACHE_HOME");
	close(open_folder());
	setenv("HOME", "home", 1);
	hs_ck_err(cache_folder_open(true, &dir), HS_ERROR_NOT_FOUND,
		  "neither XDG_CACHE_HOME nor HOME is set");
	unsetenv("HOME");
	hs_ck_err(cache_folder_open(true, &dir), HS_ERROR_NOT_FOUND,
		  "neither XDG_CACHE_HOME nor HOME is set");
	ck_assert_int_eq(dir, -1);
	setenv("XDG_CACHE_HOME", "/nonexistent", 1);
	check_refused("/nonexistent", "No such file or directory");
}
END_TEST

START_TEST(not_our_own)
{
	const char *folder = in_top("heapsnap");

	close(open_folder());
	ck_assert_int_eq(chmod(folder, 0770), 0);
	check_refused(folder, "others may write to it");
	ck_assert_int_eq(chmod(folder, 0702), 0);
	check_refused(folder, "others may write to it");
	ck_assert_int_eq(chmod(folder, 0755), 0);
	close(open_folder());
	if (geteuid())
		return;
	ck_assert_int_eq(chown(folder, 65534, 0), 0);
	check_refused(folder, "it is another user's");
	ck_assert_int_eq(chown(folder, 0, 0), 0);
	ck_assert_int_eq(chown(top, 65534, 0), 0);
	check_refused(top, "it is another user's");
}
END_TEST

/* Root in the session of a user leaves nothing in his home. */
START_TEST(home_of_another)
{
	if (geteuid())
		return;
	unsetenv("XDG_CACHE_HOME");
	setenv("HOME", top, 1);
	ck_assert_int_eq(chown(top, 65534, 0), 0);
	check_refused(top, "it is another user's");
	ck_assert_int_ne(access(in_top(".cache"), F_OK), 0);
	ck_assert_int_eq(mkdir(in_top(".cache"), 0700), 0);
	check_refused(top, "it is another user's");
}
END_TEST

START_TEST(no_folder)
{
	const char *folder = in_top("heapsnap");

	ck_assert_int_eq(symlink("/", folder), 0);
	check_refused(folder, "Not a directory");
	ck_assert_int_eq(unlink(folder), 0);
	ck_assert_int_eq(mknod(folder, S_IFIFO | 0600, 0), 0);
	check_refused(folder, "Not a directory");
}
END_TEST

/* --- files -------------------------------------------------------------------
 */

static void write_size(int dir, const char *name, size_t size, size_t most)
{
	_cleanup_strbuf_ struct strbuf data = { 0 };

	while (data.len < size)
		strbuf_addc(&data, name[0]);
	(void)cache_folder_write(dir, name, &data);
	cache_folder_trim(dir, most);
}

static bool is_read(int dir, const char *name)
{
	_cleanup_strbuf_ struct strbuf data = { 0 };

	return cache_folder_read(dir, name, false, &data);
}

START_TEST(written_and_read)
{
	_cleanup_close_ int dir = open_folder();
	_cleanup_strbuf_ struct strbuf data = { 0 }, other = { 0 };

	strbuf_add(&data, "a\0b", 3);
	ck_assert(cache_folder_write(dir, "x.names", &data));
	ck_assert(cache_folder_read(dir, "x.names", false, &other));
	ck_assert_uint_eq(other.len, 3);
	ck_assert_mem_eq(other.buf, "a\0b", 3);
	ck_assert_uint_eq(mode_of(in_top("heapsnap/x.names")), 0600);
	ck_assert(!is_read(dir, "y.names"));
	strbuf_addc(&data, 'c');
	ck_assert(cache_folder_write(dir, "x.names", &data));
	strbuf_clear(&other);
	ck_assert(cache_folder_read(dir, "x.names", false, &other));
	ck_assert_uint_eq(other.len, 4);
}
END_TEST

START_TEST(only_our_files_are_read)
{
	_cleanup_close_ int dir = open_folder();
	const char *file = in_top("heapsnap/a.names");

	write_size(dir, "a.names", 100, CACHE_FOLDER_MAX);
	ck_assert(is_read(dir, "a.names"));
	ck_assert_int_eq(symlinkat("a.names", dir, "link.names"), 0);
	ck_assert(!is_read(dir, "link.names"));
	ck_assert_int_eq(mknodat(dir, "fifo.names", S_IFIFO | 0600, 0), 0);
	ck_assert(!is_read(dir, "fifo.names"));
	ck_assert_int_eq(mkdirat(dir, "dir.names", 0700), 0);
	ck_assert(!is_read(dir, "dir.names"));
	ck_assert_int_eq(chmod(file, 0620), 0);
	ck_assert(!is_read(dir, "a.names"));
	ck_assert_int_eq(chmod(file, 0644), 0);
	ck_assert(is_read(dir, "a.names"));
	ck_assert_int_eq(truncate(file, 0), 0);
	ck_assert(!is_read(dir, "a.names"));
	ck_assert_int_eq(truncate(file, CACHE_FILE_MAX), 0);
	ck_assert(is_read(dir, "a.names"));
	ck_assert_int_eq(truncate(file, CACHE_FILE_MAX + 1), 0);
	ck_assert(!is_read(dir, "a.names"));
	ck_assert_int_eq(truncate(file, 100), 0);
	if (geteuid())
		return;
	ck_assert_int_eq(chown(file, 65534, 0), 0);
	ck_assert(!is_read(dir, "a.names"));
}
END_TEST

static void used_at(int dir, const char *name, time_t when)
{
	const struct timespec times[] = { { .tv_sec = when },
					  { .tv_sec = when } };

	ck_assert_int_eq(utimensat(dir, name, times, 0), 0);
}

static bool is_there(int dir, const char *name)
{
	return !faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* Room for three of them: what was read last stays. Files that are not ours are
 * not touched. */
START_TEST(oldest_go)
{
	enum { SIZE = 10000 };
	_cleanup_close_ int dir = open_folder();
	_cleanup_strbuf_ struct strbuf data = { 0 };

	write_size(dir, "a.names", SIZE, CACHE_FOLDER_MAX);
	write_size(dir, "b.names", SIZE, CACHE_FOLDER_MAX);
	write_size(dir, ".heapsnap-left", SIZE, CACHE_FOLDER_MAX);
	write_size(dir, "keys", SIZE, CACHE_FOLDER_MAX);
	used_at(dir, "keys", 1000);
	used_at(dir, ".heapsnap-left", 1500);
	used_at(dir, "a.names", 2000);
	used_at(dir, "b.names", 3000);
	ck_assert(cache_folder_read(dir, "a.names", false, &data));
	write_size(dir, "c.names", SIZE, 4 * SIZE);
	ck_assert(is_there(dir, ".heapsnap-left"));
	write_size(dir, "c.names", SIZE, 3 * SIZE);
	ck_assert(!is_there(dir, ".heapsnap-left"));
	ck_assert(is_there(dir, "a.names"));
	ck_assert(cache_folder_read(dir, "a.names", true, &data));
	write_size(dir, "d.names", SIZE, 3 * SIZE);
	ck_assert(!is_there(dir, "b.names"));
	ck_assert(is_there(dir, "a.names"));
	ck_assert(is_there(dir, "c.names"));
	ck_assert(is_there(dir, "d.names"));
	ck_assert(is_there(dir, "keys"));
}
END_TEST

/* Small ones count as what they take of a disk. */
START_TEST(many_small_ones)
{
	_cleanup_close_ int dir = open_folder();
	char name[32];
	int i, n = 0;

	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.names", i);
		write_size(dir, name, 1, 40960);
	}
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.names", i);
		n += is_there(dir, name);
	}
	ck_assert_int_eq(n, 10);
}
END_TEST

START_TEST(too_large_is_not_written)
{
	_cleanup_close_ int dir = open_folder();

	write_size(dir, "a.names", CACHE_FILE_MAX + 1, CACHE_FOLDER_MAX);
	ck_assert(!is_there(dir, "a.names"));
}
END_TEST

/* A build-id can be of any length, a file's name cannot. */
START_TEST(names_of_files)
{
	char name[CACHE_NAME_MAX];

	cache_folder_name("00ff", 0x1234, name);
	ck_assert_str_eq(name, "00ff-00001234.names");
	cache_folder_name("0123456789012345678901234567890123456789"
			  "0123456789012345678901234567890123456789",
			  UINT32_MAX, name);
	ck_assert_str_eq(name, "0123456789012345678901234567890123456789-"
			       "ffffffff.names");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/cache_folder");
	TCase *tcase = tcase_create("folder");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, it_is_made);
	tcase_add_test(tcase, where_it_is);
	tcase_add_test(tcase, not_our_own);
	tcase_add_test(tcase, home_of_another);
	tcase_add_test(tcase, no_folder);
	tcase_add_test(tcase, written_and_read);
	tcase_add_test(tcase, only_our_files_are_read);
	tcase_add_test(tcase, oldest_go);
	tcase_add_test(tcase, many_small_ones);
	tcase_add_test(tcase, too_large_is_not_written);
	tcase_add_test(tcase, names_of_files);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
