/* The headroom that control groups leave, of trees of files as Linux 6.18 has
 * them: version 1, version 2 and both; the group with the least headroom
 * decides, whichever it is above the process. */
#include "proc/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "tests/unit/hs_check.h"

static const uint64_t mib = 1 << 20;

static char mount[32];
static char command[64];

static void make_mount(void)
{
	snprintf(mount, sizeof(mount), "/tmp/test_cgroup.XXXXXX");
	hs_ck_mkdtemp(mount);
}

static void remove_mount(void)
{
	snprintf(command, sizeof(command), "rm -r %s", mount);
	ck_assert_int_eq(system(command), 0);
}

static void make_folder(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", mount, name);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

/* A file of a group, with a number or any text. */
static void put_text(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", mount, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void put(const char *name, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)number);
	put_text(name, text);
}

/* What is mounted where; version 2 in the one or the other. */
#define MOUNT_V1                                                       \
	"31 23 0:28 / / rw - tmpfs tmpfs rw,mode=755\n"                \
	"35 31 0:32 / /memory rw,relatime - cgroup cgroup rw,memory\n" \
	"39 31 0:36 / /pids rw,relatime shared:7 - cgroup cgroup rw,pids\n"
#define MOUNT_V2(point) \
	"41 31 0:38 / /" point " rw shared:9 - cgroup2 cgroup2 rw\n"

static const char *mountinfo;

static void is_left(const char *groups, enum cgroup_resource resource,
		    uint64_t limit, uint64_t used)
{
	struct cgroup_headroom room;

	cgroup_headroom_in(mount, mountinfo, groups, resource, &room);
	ck_assert_int_eq(room.limited, limit > 0);
	ck_assert_uint_eq(room.limit, limit);
	ck_assert_uint_eq(room.used, used);
}

/* Page cache is given back first, shared memory and the kernel's are not: the
 * group's own memory is all else. */
#define STAT_V2                                                           \
	"anon 94371840\nfile 41943040\nkernel 8388608\nshmem 10485760\n"  \
	"inactive_anon 94371840\nactive_anon 0\ninactive_file 20971520\n" \
	"active_file 10485760\nunevictable 0\n"

static void make_v2(const char *top)
{
	const struct {
		const char *name;
		uint64_t number;
	} files[] = {
		{ "memory.current", 300 * mib },
		{ "shop/memory.current", 200 * mib },
		{ "shop/cart/memory.current", 135 * mib },
	};
	char name[128];
	size_t i;

	snprintf(name, sizeof(name), "%sshop", top);
	make_folder(name);
	snprintf(name, sizeof(name), "%sshop/cart", top);
	make_folder(name);
	for (i = 1; i < ARRAY_SIZE(files); i++) {
		snprintf(name, sizeof(name), "%s%s", top, files[i].name);
		put(name, files[i].number);
	}
	snprintf(name, sizeof(name), "%sshop/memory.max", top);
	put_text(name, "max\n");
	snprintf(name, sizeof(name), "%sshop/memory.high", top);
	put_text(name, "max\n");
	snprintf(name, sizeof(name), "%sshop/cart/memory.max", top);
	put(name, 512 * mib);
	snprintf(name, sizeof(name), "%sshop/cart/memory.high", top);
	put(name, 256 * mib);
	snprintf(name, sizeof(name), "%sshop/cart/memory.stat", top);
	put_text(name, STAT_V2);
}

static const char *const tops[] = { "", "unified/" };
static const char *const mounts[] = { MOUNT_V2(""),
				      MOUNT_V1 MOUNT_V2("unified") };

START_TEST(version_2)
{
	static const char groups[] = "0::/shop/cart\n";
	char name[64];

	make_mount();
	mountinfo = mounts[_i];
	if (*tops[_i])
		make_folder("unified");
	make_v2(tops[_i]);
	is_left(groups, CGROUP_MEMORY, 512 * mib, 105 * mib);
	is_left(groups, CGROUP_MEMORY_HIGH, 256 * mib, 105 * mib);
	/* The group above has less left. */
	snprintf(name, sizeof(name), "%sshop/memory.max", tops[_i]);
	put(name, 210 * mib);
	is_left(groups, CGROUP_MEMORY, 210 * mib, 200 * mib);
	is_left(groups, CGROUP_MEMORY_HIGH, 256 * mib, 105 * mib);
	/* It is above its limit: nothing is left, and not less. */
	snprintf(name, sizeof(name), "%sshop/cart/memory.high", tops[_i]);
	put(name, 64 * mib);
	is_left(groups, CGROUP_MEMORY_HIGH, 64 * mib, 64 * mib);
	/* Of the group at the top, as of others, there is no limit. */
	is_left("0::/\n", CGROUP_MEMORY, 0, 0);
	is_left("0::/elsewhere\n", CGROUP_MEMORY_HIGH, 0, 0);
	remove_mount();
}
END_TEST

/* Version 1 has no memory.high, and beside it version 2 has no memory. */
START_TEST(version_1)
{
	static const char groups[] = "9:memory:/shop\n3:pids:/\n"
				     "1:name=systemd:/shop\n0::/shop/cart\n";

	make_mount();
	mountinfo = MOUNT_V1 MOUNT_V2("unified");
	make_folder("unified");
	make_v2("unified/");
	make_folder("memory");
	make_folder("memory/shop");
	put("memory/memory.limit_in_bytes", 9223372036854771712u);
	put("memory/memory.usage_in_bytes", 900 * mib);
	put("memory/shop/memory.limit_in_bytes", 128 * mib);
	put("memory/shop/memory.usage_in_bytes", 100 * mib);
	put_text("memory/shop/memory.stat",
		 "inactive_file 0\nactive_file 0\n"
		 "total_inactive_file 10485760\ntotal_active_file 20971520\n");
	is_left(groups, CGROUP_MEMORY, 128 * mib, 70 * mib);
	is_left(groups, CGROUP_MEMORY_HIGH, 0, 0);
	remove_mount();
}
END_TEST

#define DIGITS_60 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"

/* As docker, containerd, CRI-O, podman and ECS name their groups. */
START_TEST(containers)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "0::/system.slice/docker-beef" DIGITS_60 ".scope\n",
		  "beef01234567" },
		{ "12:pids:/docker/beef" DIGITS_60 "\n0::/\n", "beef01234567" },
		{ "0::/kubepods.slice/kubepods-pod1f2e.slice/"
		  "cri-containerd-beef" DIGITS_60 ".scope\n",
		  "beef01234567" },
		{ "0::/machine.slice/libpod-beef" DIGITS_60
		  ".scope/container\n",
		  "beef01234567" },
		/* The innermost one. */
		{ "0::/docker/cafe" DIGITS_60 "/docker/beef" DIGITS_60 "\n",
		  "beef01234567" },
		{ "1:cpu:/ecs/0123456789abcdef0123456789abcdef/"
		  "beef456789abcdef0123456789abcdef-1234567890\n",
		  "beef456789ab" },
		{ "0::/\n", NULL },
		{ "0::/user.slice/user-1000.slice/session-2.scope\n", NULL },
		{ "0::/lxc/web\n", NULL },
		{ "4:memory:/jobs/5cb477f27f64e0e0587d572551158c40\n", NULL },
		{ "0::/x" DIGITS_60 "\n", NULL },
		{ "", NULL },
	};
	char id[CGROUP_CONTAINER_ID];
	bool found;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		found = cgroup_container(cases[i].text, id);
		ck_assert_msg(found == (cases[i].want != NULL), "case %zu", i);
		if (found)
			ck_assert_str_eq(id, cases[i].want);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc/cgroup");
	TCase *tcase = tcase_create("cgroup");

	tcase_add_loop_test(tcase, version_2, 0, ARRAY_SIZE(tops));
	tcase_add_test(tcase, version_1);
	tcase_add_test(tcase, containers);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
