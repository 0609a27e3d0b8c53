/* Without openat2(2) the same files are opened as with it, and the same
 * refused: nothing outside of the root, whatever its links say. */
#include "proc/in_root.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

static char dir[] = "/tmp/heapsnap-root.XXXXXX";
static int root;

static void write_file(const char *path)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static const struct {
	const char *path, *text;
} links[] = {
	{ "absolute", "/a/file" },
	{ "relative", "a/b/../file" },
	{ "a/up", "../../../../outside" },
	{ "a/to-root", "/" },
	{ "a/b/far", "/a/to-root/a/up" },
	{ "loop", "pool" },
	{ "pool", "loop" },
	{ "dangling", "/a/nothing" },
	{ "a/itself", "itself" },
	{ "slash", "a/b/" },
};

/* FOLDER, beside which there is a file "outside", is the root. */
static void make_tree(void)
{
	size_t i;

	hs_ck_mkdtemp(dir);
	root = open(dir, O_PATH | O_DIRECTORY);
	ck_assert_int_eq(mkdirat(root, "root", 0700), 0);
	write_file("outside");
	root = openat(root, "root", O_PATH | O_DIRECTORY);
	ck_assert_int_eq(mkdirat(root, "a", 0700), 0);
	ck_assert_int_eq(mkdirat(root, "a/b", 0700), 0);
	write_file("a/file");
	for (i = 0; i < ARRAY_SIZE(links); i++)
		ck_assert_int_eq(symlinkat(links[i].text, root, links[i].path),
				 0);
}

static void remove_tree(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

/* The inode of what @fd has opened, or the error. */
static long what(int fd)
{
	struct stat st;

	if (fd < 0)
		return -errno;
	ck_assert_int_eq(fstat(fd, &st), 0);
	close(fd);
	return (long)st.st_ino;
}

static const char *const paths[] = {
	"a/file",
	"/a/file",
	"//a//./file",
	"a/b/../file",
	"absolute",
	"relative",
	"/relative",
	"a/up",
	"a/b/far",
	"../outside",
	"a/../../outside",
	"a/to-root/../outside",
	"a/to-root/a/b/far",
	"a/to-root/relative",
	"..",
	".",
	"/",
	"a/b/..",
	"a/b/../..",
	"a/.",
	"loop",
	"a/itself/b",
	"dangling",
	"a/file/b",
	"a/file/..",
	"nothing",
	"nothing/b",
	"",
	"slash",
	"slash/../file",
	"a/b/",
	/* 256 letters */
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

static const int flags[] = {
	O_PATH,
	O_RDONLY,
	O_PATH | O_NOFOLLOW,
	O_RDONLY | O_NOFOLLOW,
	O_PATH | O_DIRECTORY,
};

START_TEST(walks_to_what_the_kernel_opens)
{
	size_t i, j;

	make_tree();
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		for (j = 0; j < ARRAY_SIZE(flags); j++) {
			long kernel =
				what(open_in_root(root, paths[i], flags[j], 0));
			long walk =
				what(walk_in_root(root, paths[i], flags[j], 0));

			ck_assert_msg(kernel == walk,
				      "'%s', flags %o: %ld, walked: %ld",
				      paths[i], (unsigned)flags[j], kernel,
				      walk);
		}
	}
	remove_tree();
}
END_TEST

static const struct {
	const char *path, *made; /* NULL: there is a file */
} new_files[] = {
	{ "new", "new" },	{ "a/to-root/new", "new" },
	{ "../../new", "new" }, { "/a/b/../new", "a/new" },
	{ "absolute", NULL },	{ "dangling", NULL },
	{ "a/b/far", NULL },
};

START_TEST(makes_files_in_the_root)
{
	const int how = O_WRONLY | O_CREAT | O_EXCL;
	size_t i;

	make_tree();
	for (i = 0; i < ARRAY_SIZE(new_files); i++) {
		long made =
			what(walk_in_root(root, new_files[i].path, how, 0600));

		if (!new_files[i].made) {
			ck_assert_int_eq(made, -EEXIST);
			continue;
		}
		ck_assert_int_gt(made, 0);
		ck_assert_int_eq(unlinkat(root, new_files[i].made, 0), 0);
	}
	/* as open(2) does where a link leads nowhere */
	ck_assert_int_gt(
		what(walk_in_root(root, "dangling", O_WRONLY | O_CREAT, 0600)),
		0);
	ck_assert_int_eq(unlinkat(root, "a/nothing", 0), 0);
	remove_tree();
}
END_TEST

START_TEST(follows_no_link_of_procfs)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY);
	char exe[32];

	ck_assert_int_eq(
		what(walk_in_root(proc, "self/root/etc/passwd", O_RDONLY, 0)),
		-EXDEV);
	snprintf(exe, sizeof(exe), "%d/exe", (int)getpid());
	ck_assert_int_eq(what(walk_in_root(proc, exe, O_PATH, 0)), -EXDEV);
	ck_assert_int_gt(what(walk_in_root(proc, "1/status", O_RDONLY, 0)), 0);
	close(proc);
}
END_TEST

START_TEST(too_many_folders_are_refused)
{
	char path[64 * 4 + 2];
	int i, fd;

	make_tree();
	for (i = 0; i < 64; i++)
		memcpy(path + 4 * i, "abc/", 5);
	fd = root;
	for (i = 0; i < 64; i++) {
		ck_assert_int_eq(mkdirat(fd, "abc", 0700), 0);
		fd = openat(fd, "abc", O_PATH | O_DIRECTORY);
	}
	/* the 64th is opened by the caller's flags, and none below it */
	ck_assert_int_gt(what(walk_in_root(root, path, O_PATH, 0)), 0);
	memcpy(path + 4 * 64, "x", 2);
	ck_assert_int_eq(what(walk_in_root(root, path, O_PATH, 0)),
			 -ENAMETOOLONG);
	remove_tree();
}
END_TEST

/* While somebody puts a link that leads out where a folder was, and takes a
 * folder out of the root. */
static void rename_for_ever(void)
{
	int above = open(dir, O_PATH | O_DIRECTORY);

	for (;;) {
		renameat2(root, "a", root, "out", RENAME_EXCHANGE);
		renameat2(root, "leaver", above, "left", 0);
		renameat2(above, "left", root, "leaver", 0);
	}
}

static pid_t start_to_rename(void)
{
	pid_t pid;

	make_tree();
	ck_assert_int_eq(symlinkat("..", root, "out"), 0);
	ck_assert_int_eq(mkdirat(root, "leaver", 0700), 0);
	ck_assert_int_eq(mkdirat(root, "leaver/b", 0700), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		rename_for_ever();
	}
	return pid;
}

static void end_to_rename(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	remove_tree();
}

static const char *const ways_out[] = {
	"a/b/../outside",	  "a/outside",	       "a/../../outside",
	"leaver/b/../../outside", "leaver/../outside", "out/outside",
};

static long inode_above(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return what(open(path, O_PATH));
}

START_TEST(nobody_leads_it_out)
{
	pid_t pid = start_to_rename();
	const long outside = inode_above("outside");
	int n;

	for (n = 0; n < 12000; n++) {
		const char *path = ways_out[n % ARRAY_SIZE(ways_out)];

		ck_assert_msg(what(walk_in_root(root, path, O_PATH, 0)) !=
				      outside,
			      "'%s' leads out", path);
		ck_assert_msg(what(open_in_root(root, path, O_PATH, 0)) !=
				      outside,
			      "'%s' leads out", path);
	}
	end_to_rename(pid);
}
END_TEST

/* Whatever is renamed meanwhile, openat2(2) does not go back by "..": EAGAIN. */
START_TEST(is_found_while_others_rename)
{
	pid_t pid = start_to_rename();
	int n;

	ck_assert_int_eq(mkdirat(root, "still", 0700), 0);
	write_file("file");
	for (n = 0; n < 2000; n++)
		ck_assert_int_gt(
			what(open_in_root(root, "still/../file", O_PATH, 0)),
			0);
	end_to_rename(pid);
}
END_TEST

int main(void)
{
	return hs_check_run("proc/in_root", walks_to_what_the_kernel_opens,
			    makes_files_in_the_root, follows_no_link_of_procfs,
			    too_many_folders_are_refused, nobody_leads_it_out,
			    is_found_while_others_rename);
}
