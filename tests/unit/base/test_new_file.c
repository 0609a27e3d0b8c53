/*
 * A file is there whole or not at all. Proves: nothing has the name before the
 * end, the old file is replaced in one step, and what is discarded or cut off
 * leaves nothing in the folder.
 */
#include "base/new_file.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

static char folder[64], path[128];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "new_file.XXXXXX");
	hs_ck_mkdtemp(folder);
	snprintf(path, sizeof(path), "%s/f", folder);
}

static unsigned entries(void)
{
	struct dirent *e;
	unsigned n = 0;
	DIR *d = opendir(folder);

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)))
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(d);
	return n;
}

static void remove_folder(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void put(struct new_file *f, const char *text)
{
	ck_assert_int_eq(write(f->fd, text, strlen(text)),
			 (ssize_t)strlen(text));
}

static void check_text(const char *want)
{
	char text[64] = "";
	FILE *f = fopen(path, "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
	fclose(f);
	ck_assert_str_eq(text, want);
}

START_TEST(has_its_name_only_when_whole)
{
	struct new_file f;
	struct stat st;

	make_folder();
	hs_ck_ok(new_file_open(path, &f));
	put(&f, "first");
	ck_assert_int_ne(access(path, F_OK), 0);
	hs_ck_ok(new_file_commit(&f));
	check_text("first");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_uint_eq(entries(), 1);
	remove_folder();
}
END_TEST

START_TEST(replaces_the_old_one)
{
	struct new_file f;

	make_folder();
	hs_ck_ok(new_file_open(path, &f));
	put(&f, "first");
	hs_ck_ok(new_file_commit(&f));
	hs_ck_ok(new_file_open(path, &f));
	put(&f, "second");
	check_text("first");
	hs_ck_ok(new_file_commit(&f));
	check_text("second");
	ck_assert_uint_eq(entries(), 1);
	remove_folder();
}
END_TEST

START_TEST(discarded_is_nothing)
{
	struct new_file f;

	make_folder();
	hs_ck_ok(new_file_open(path, &f));
	put(&f, "x");
	new_file_discard(&f);
	new_file_discard(&f); /* twice is fine */
	ck_assert_uint_eq(entries(), 0);
	remove_folder();
}
END_TEST

/* Not even by SIGKILL, where the file system has O_TMPFILE. */
START_TEST(killed_is_nothing)
{
	struct new_file f;
	int status;
	pid_t pid;

	make_folder();
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		hs_ck_ok(new_file_open(path, &f));
		put(&f, "half");
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_uint_eq(entries(), 0);
	remove_folder();
}
END_TEST

START_TEST(errors_tell_what_to_do)
{
	struct new_file f;

	hs_ck_err_hint(new_file_open("/nonexistent/f", &f), HS_ERROR_SYSTEM,
		       "cannot write '/nonexistent/f': No such file or "
		       "directory",
		       "its folder must exist");
	hs_ck_err(new_file_open("/dev/null", &f), HS_ERROR_SYSTEM,
		  "cannot write '/dev/null': not a regular file");
}
END_TEST

int main(void)
{
	return hs_check_run("base/new_file", has_its_name_only_when_whole,
			    replaces_the_old_one, discarded_is_nothing,
			    killed_is_nothing, errors_tell_what_to_do);
}
