/*
 * proc/memory_gauge: what a process uses is what the kernel says elsewhere; of
 * its groups, of both versions, the one nearest to its limit counts, and page
 * cache does not where it matters.
 */
#include "proc/memory_gauge.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/status.h"
#include "tests/unit/hs_check.h"

enum { MIB = 1 << 20 };

static char top[] = "/tmp/heapsnap-gauge.XXXXXX";
static struct memory_gauge gauge;

/* A file of a group, in place of what it had. */
static void put(const char *group, const char *file, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top, group);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", top, group, file);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void add(const char *group, bool v1)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", top, group);
	hs_ck_ok(memory_gauge_add(&gauge, path, v1));
}

/* Groups of the test's own, not those that it is in. */
static void begin(void)
{
	char text[4096] = "";

	hs_ck_mkdtemp(top);
	hs_ck_ok(memory_gauge_open(getpid(), &gauge));
	ck_assert_int_gt(pread(gauge.cgroup, text, sizeof(text) - 1, 0), 0);
	gauge.groups = strdup(text);
}

static void end(void)
{
	char command[64];

	memory_gauge_close(&gauge);
	snprintf(command, sizeof(command), "rm -r %s", top);
	ck_assert_int_eq(system(command), 0);
}

static struct memory_reading look(unsigned percent)
{
	struct memory_reading r;

	hs_ck_ok(memory_gauge_read(&gauge, percent, &r));
	return r;
}

/* So often that a limit which was set meanwhile is known. */
static struct memory_reading look_often(unsigned percent)
{
	int i;

	for (i = 0; i < 9; i++)
		look(percent);
	return look(percent);
}

START_TEST(resident)
{
	struct memory_gauge own;
	struct memory_reading r;
	struct status st;

	hs_ck_ok(memory_gauge_open(getpid(), &own));
	hs_ck_ok(memory_gauge_read(&own, 0, &r));
	hs_ck_ok(status_read(getpid(), &st));
	ck_assert(!r.limited);
	/* The kernel counts in batches. */
	ck_assert_uint_gt(r.rss, st.vm_rss / 2);
	ck_assert_uint_lt(r.rss, st.vm_rss * 2);
	memory_gauge_close(&own);
}
END_TEST

static void is_gone(struct hs_error *err)
{
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_GONE);
	hs_error_free(err);
}

START_TEST(ends)
{
	struct memory_reading r;
	int fds[2];
	pid_t child;

	ck_assert_int_eq(pipe(fds), 0);
	child = fork();
	if (!child) {
		char unused;

		close(fds[1]);
		_exit(read(fds[0], &unused, 1) != 0);
	}
	hs_ck_ok(memory_gauge_open(child, &gauge));
	close(fds[1]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	is_gone(memory_gauge_read(&gauge, 0, &r));
	memory_gauge_close(&gauge);
	is_gone(memory_gauge_open(child, &gauge));
	memory_gauge_close(&gauge);
}
END_TEST

START_TEST(nearest_group)
{
	struct memory_reading r;

	begin();
	put("none", "cgroup.procs", "");
	put("own", "memory.current", "52428800\n");
	put("own", "memory.max", "max\n");
	put("own", "memory.stat", "anon 1\ninactive_file 0\nactive_file 0\n");
	put("above", "memory.current", "62914560\n");
	put("above", "memory.max", "104857600\n");
	put("above", "memory.stat",
	    "anon 1\ninactive_file 5242880\nactive_file 5242880\n");
	add("none", false);
	add("own", false);
	add("above", false);
	ck_assert_uint_eq(gauge.n, 2);
	r = look(50);
	ck_assert(r.limited);
	ck_assert_uint_eq(r.limit, 100 * MIB);
	ck_assert_uint_eq(r.used, 50 * MIB);
	/* Far from what is asked about, nobody subtracts the page cache. */
	ck_assert_uint_eq(look(90).used, 60 * MIB);
	/* A limit that is set meanwhile. */
	put("own", "memory.max", "55574528\n");
	r = look_often(90);
	ck_assert_uint_eq(r.limit, 53 * MIB);
	ck_assert_uint_eq(r.used, 50 * MIB);
	ck_assert(!look(0).limited);
	end();
}
END_TEST

START_TEST(version_1)
{
	struct memory_reading r;

	begin();
	put("own", "memory.usage_in_bytes", "62914560\n");
	put("own", "memory.limit_in_bytes", "9223372036854771712\n");
	put("own", "memory.stat",
	    "inactive_file 9\ntotal_inactive_file 4194304\n"
	    "total_active_file 6291456\n");
	add("own", true);
	ck_assert(!look(50).limited);
	put("own", "memory.limit_in_bytes", "67108864\n");
	r = look_often(50);
	ck_assert(r.limited);
	ck_assert_uint_eq(r.limit, 64 * MIB);
	ck_assert_uint_eq(r.used, 50 * MIB);
	put("own", "memory.usage_in_bytes", "90000000\n");
	ck_assert_uint_eq(look(90).used, 64 * MIB);
	end();
}
END_TEST

int main(void)
{
	return hs_check_run("proc/memory_gauge", resident, ends, nearest_group,
			    version_1);
}
