/* Where a control group is mounted, by mountinfo as Linux 6.18 writes it: on a
 * host, in a container that has a mount of its own group alone, and in one with
 * a control group namespace, for which the others' groups are above its top. */
#include "proc/cgroup_mount.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

#define HOST                                                                \
	"25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"         \
	"31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n"        \
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup "       \
	"rw,cpu,cpuacct\n"                                                  \
	"35 31 0:32 / /sys/fs/cgroup/memory rw shared:4 master:2 - cgroup " \
	"cgroup rw,memory\n"                                                \
	"40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup "           \
	"rw,name=systemd\n"                                                 \
	"41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
#define CONTAINER                                                           \
	"31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n"        \
	"35 31 0:32 /docker/beef /sys/fs/cgroup/memory ro - cgroup cgroup " \
	"rw,memory\n"
#define NAMESPACE \
	"41 31 0:38 / /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate\n"

static const struct {
	const char *mountinfo, *controller;
	bool v1;
	const char *group;
	const char *point, *below; /* NULL: it is nowhere */
} cases[] = {
	{ HOST, "memory", true, "/a/b", "/sys/fs/cgroup/memory", "/a/b" },
	{ HOST, "memory", true, "", "/sys/fs/cgroup/memory", "" },
	{ HOST, "cpuacct", true, "/a", "/sys/fs/cgroup/cpu,cpuacct", "/a" },
	{ HOST, "cpuac", true, "/a", NULL, NULL },
	{ HOST, "pids", true, "/a", NULL, NULL },
	{ HOST, "-", false, "/a", "/sys/fs/cgroup/unified", "/a" },
	/* Of a container: its own, and nobody else's. */
	{ CONTAINER, "memory", true, "/docker/beef", "/sys/fs/cgroup/memory",
	  "" },
	{ CONTAINER, "memory", true, "/docker/beef/x", "/sys/fs/cgroup/memory",
	  "/x" },
	{ CONTAINER, "memory", true, "/docker/cafe", NULL, NULL },
	{ CONTAINER, "memory", true, "/docker/beefy", NULL, NULL },
	{ CONTAINER, "memory", true, "/docker", NULL, NULL },
	{ CONTAINER, "memory", true, "/", NULL, NULL },
	{ CONTAINER, "-", false, "/docker/beef", NULL, NULL },
	/* The same with a namespace; and as one's mounts look from another. */
	{ NAMESPACE, "memory", false, "/x", "/sys/fs/cgroup", "/x" },
	{ NAMESPACE, "memory", false, "/../cafe", NULL, NULL },
	{ NAMESPACE, "memory", false, "/..", NULL, NULL },
	{ NAMESPACE, "memory", false, "/..x", "/sys/fs/cgroup", "/..x" },
	{ "1 2 0:38 /../cafe /groups ro - cgroup2 cgroup rw\n", "memory", false,
	  "/../cafe/x", "/groups", "/x" },
	{ "1 2 0:38 /.. /groups ro - cgroup2 cgroup rw\n", "memory", false,
	  "/../cafe", "/groups", "/cafe" },
	{ "1 2 0:38 /../.. /groups ro - cgroup2 cgroup rw\n", "memory", false,
	  "/../cafe", NULL, NULL },
	/* Names as the kernel writes them here, but not in /proc/PID/cgroup. */
	{ "1 2 0:38 /a\\134x2d\\040b /c\\134\\012 ro - cgroup2 cgroup rw\n",
	  "-", false, "/a\\x2d b/c", "/c\\\n", "/c" },
	/* The one with the most above; of equals the last one. */
	{ "1 2 0:38 /a /one ro - cgroup2 cgroup rw\n"
	  "1 2 0:38 / /two ro - cgroup2 cgroup rw\n"
	  "1 2 0:38 / /three ro - cgroup2 cgroup rw\n"
	  "1 2 0:38 /a /four ro - cgroup2 cgroup rw\n",
	  "-", false, "/a/b", "/three", "/a/b" },
	/* What is no such file. */
	{ "", "memory", true, "/a", NULL, NULL },
	{ "\n \n-\n1 2\n1 2 3 / /x -\n", "memory", false, "/a", NULL, NULL },
	{ "1 2 0:38 / /x ro - cgroup2 cgroup rw", "memory", false, "/a", NULL,
	  NULL },
};

START_TEST(finds)
{
	const char *group = cases[_i].group;
	struct cgroup_mount mount;
	bool found = cgroup_mount_find(cases[_i].mountinfo,
				       cases[_i].controller, cases[_i].v1,
				       group, strlen(group), &mount);

	ck_assert_int_eq(found, cases[_i].point != NULL);
	if (!found)
		return;
	ck_assert_str_eq(mount.point, cases[_i].point);
	ck_assert_str_eq(group + mount.above, cases[_i].below);
}
END_TEST

/* A path may be as long as any; one that is longer is none. */
START_TEST(long_paths)
{
	char text[PATH_MAX + 256], point[PATH_MAX + 1];
	struct cgroup_mount mount;

	memset(point, 'x', sizeof(point));
	point[0] = '/';
	point[PATH_MAX] = '\0';
	snprintf(text, sizeof(text), "1 2 0:38 / %s ro - cgroup2 cgroup rw\n",
		 point);
	ck_assert(!cgroup_mount_find(text, "-", false, "/a", 2, &mount));
	snprintf(text, sizeof(text), "1 2 0:38 / %s ro - cgroup2 cgroup rw\n",
		 point + 1);
	ck_assert(cgroup_mount_find(text, "-", false, "/a", 2, &mount));
	ck_assert_str_eq(mount.point, point + 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc/cgroup_mount");
	TCase *tcase = tcase_create("cgroup_mount");

	tcase_add_loop_test(tcase, finds, 0, ARRAY_SIZE(cases));
	tcase_add_test(tcase, long_paths);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
