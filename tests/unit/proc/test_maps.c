/* Mappings: every field of a line, the names' quirks, what is refused and on
 * which line, that ten thousand lines take no time, and that those of a process
 * which maps all the time are read. */
#include "proc/maps.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/strbuf.h"
#include "tests/unit/hs_check.h"

static struct hs_error *parse(const char *text, struct maps *ret)
{
	return maps_parse(text, strlen(text), "x.heap", 7, ret);
}

START_TEST(every_field)
{
	static const char text[] =
		"7f3db68dd000-7f3db6a33000 r-xp 00026000 fe:00 332835"
		"                     /usr/lib/libc.so.6\n"
		"7f3db6a33000-7f3db6a34000 rw-s 123456789000 103:0a "
		"18446744073709551615 /x\n";
	struct maps maps;
	const struct mapping *m;

	hs_ck_ok(parse(text, &maps));
	ck_assert_uint_eq(maps.n, 2);
	m = &maps.items[0];
	ck_assert_uint_eq(m->start, 0x7f3db68dd000);
	ck_assert_uint_eq(m->end, 0x7f3db6a33000);
	ck_assert(m->read && !m->write && m->exec && !m->shared);
	ck_assert_uint_eq(m->offset, 0x26000);
	ck_assert_uint_eq(m->dev_major, 0xfe);
	ck_assert_uint_eq(m->dev_minor, 0);
	ck_assert_uint_eq(m->inode, 332835);
	ck_assert_str_eq(m->path, "/usr/lib/libc.so.6");
	ck_assert(!m->deleted);
	m = &maps.items[1];
	ck_assert(m->read && m->write && !m->exec && m->shared);
	ck_assert_uint_eq(m->offset, 0x123456789000);
	ck_assert_uint_eq(m->dev_major, 0x103);
	ck_assert_uint_eq(m->dev_minor, 0xa);
	ck_assert_uint_eq(m->inode, UINT64_MAX);
	maps_release(&maps);
}
END_TEST

/* One row: the end of a maps line, and what it means. */
static const struct name_case {
	const char *line, *path;
	bool deleted, has_file;
} names[] = {
	{ "0 ", "", false, false },
	{ "0", "", false, false },
	{ "0      [heap]", "[heap]", false, false },
	{ "0 [vsyscall]", "[vsyscall]", false, false },
	{ "0 [anon:a b: c]", "[anon:a b: c]", false, false },
	{ "9 [anon_shmem:pool]", "[anon_shmem:pool]", false, false },
	{ "9 anon_inode:[perf_event]", "anon_inode:[perf_event]", false,
	  false },
	{ "9   /a b/c  d", "/a b/c  d", false, true },
	{ "9 /trailing space ", "/trailing space ", false, true },
	{ "9 /one\\012two", "/one\ntwo", false, true },
	{ "9 /\\012\\012", "/\n\n", false, true },
	{ "9 /back\\slash\\01\\", "/back\\slash\\01\\", false, true },
	{ "9 /gone (deleted)", "/gone", true, true },
	{ "9 /a\\012b (deleted)", "/a\nb", true, true },
	{ "9 /twice (deleted) (deleted)", "/twice (deleted)", true, true },
	{ "9 /not (deleted) at the end", "/not (deleted) at the end", false,
	  true },
	{ "9 /(deleted)", "/(deleted)", false, true },
	{ "9 / (deleted)", "/", true, true },
	{ "9 /memfd:x (deleted)", "/memfd:x", true, true },
	{ "9 /SYSV00000000 (deleted)", "/SYSV00000000", true, true },
	{ "9 [heap] (deleted)", "[heap] (deleted)", false, false },
};

START_TEST(names_are_what_the_kernel_means)
{
	const struct name_case *c = &names[_i];
	char text[200];
	struct maps maps;

	snprintf(text, sizeof(text), "1000-2000 r--p 00000000 00:00 %s\n",
		 c->line);
	hs_ck_ok(parse(text, &maps));
	ck_assert_uint_eq(maps.n, 1);
	ck_assert_str_eq(maps.items[0].path, c->path);
	ck_assert_int_eq(maps.items[0].deleted, c->deleted);
	ck_assert_int_eq(mapping_has_file(&maps.items[0]), c->has_file);
	maps_release(&maps);
}
END_TEST

START_TEST(ends_without_newline_or_with_many)
{
	static const char *const strings[] = {
		"1000-2000 r--p 0 0:0 0\n2000-3000 r--p 0 0:0 0",
		"1000-2000 r--p 0 0:0 0\n2000-3000 r--p 0 0:0 5 /last",
		"1000-2000 r--p 0 0:0 0\n2000-3000 r--p 0 0:0 0\n\n\n",
	};
	struct maps maps;

	hs_ck_ok(parse(strings[_i], &maps));
	ck_assert_uint_eq(maps.n, 2);
	maps_release(&maps);
}
END_TEST

START_TEST(nothing_is_no_mappings)
{
	struct maps maps;

	hs_ck_ok(maps_parse(NULL, 0, "x", 1, &maps));
	ck_assert_uint_eq(maps.n, 0);
	ck_assert_ptr_null(maps_find(&maps, 0));
	maps_release(&maps);
	hs_ck_ok(parse("\n\n", &maps));
	ck_assert_uint_eq(maps.n, 0);
	maps_release(&maps);
}
END_TEST

#define GOOD "1000-2000 r--p 00000000 00:00 0 \n"

static const struct bad_case {
	const char *text, *message;
} bad[] = {
	{ "hello\n", "x.heap:7: not a memory mapping" },
	{ GOOD "\n" GOOD, "x.heap:8: not a memory mapping" },
	{ GOOD "2000-2000 r--p 0 0:0 0\n", "x.heap:8: not a memory mapping" },
	{ "3000-2000 r--p 0 0:0 0\n", "x.heap:7: not a memory mapping" },
	{ "-2000 r--p 0 0:0 0\n", "x.heap:7: not a memory mapping" },
	{ "0x1000-2000 r--p 0 0:0 0\n", "x.heap:7: not a memory mapping" },
	{ " 1000-2000 r--p 0 0:0 0\n", "x.heap:7: not a memory mapping" },
	{ "11112222333344445-2 r--p 0 0:0 0\n",
	  "x.heap:7: not a memory mapping" },
	{ "1000-2000 r--p- 0 0:0 0\n", "x.heap:7: not a memory mapping" },
	{ "1000-2000 rw-- 0 0:0 0\n", "x.heap:7: not a memory mapping" },
	{ "1000-2000 wr-p 0 0:0 0\n", "x.heap:7: not a memory mapping" },
	{ "1000-2000 r--p 0 0 0\n", "x.heap:7: not a memory mapping" },
	{ "1000-2000 r--p 0 100000000:0 0\n",
	  "x.heap:7: not a memory mapping" },
	{ "1000-2000 r--p 0 0:0 \n", "x.heap:7: not a memory mapping" },
	{ "1000-2000 r--p 0 0:0 0x /a\n", "x.heap:7: not a memory mapping" },
	{ "1000-2000 r--p 0 0:0 18446744073709551616 /a\n",
	  "x.heap:7: not a memory mapping" },
	{ GOOD "1fff-3000 r--p 0 0:0 0\n",
	  "x.heap:8: mapping begins before the end of the one above it" },
	{ GOOD "500-600 r--p 0 0:0 0\n",
	  "x.heap:8: mapping begins before the end of the one above it" },
};

START_TEST(damage_is_told_with_its_line)
{
	struct maps maps;

	hs_ck_err(parse(bad[_i].text, &maps), HS_ERROR_INPUT, bad[_i].message);
}
END_TEST

START_TEST(no_nul_bytes)
{
	static const char text[] = "1000-2000 r--p 0 0:0 5 /a\0b\n";
	struct maps maps;

	hs_ck_err(maps_parse(text, sizeof(text) - 1, "x", 1, &maps),
		  HS_ERROR_INPUT, "x:1: not a memory mapping");
}
END_TEST

START_TEST(find_knows_the_borders)
{
	static const char text[] = "1000-2000 r--p 0 0:0 0\n"
				   "2000-3000 r-xp 0 0:0 0\n"
				   "5000-6000 r--p 0 0:0 0\n"
				   "ffffffffff600000-ffffffffff601000 --xp 0 "
				   "00:00 0 [vsyscall]\n";
	struct maps maps;

	hs_ck_ok(parse(text, &maps));
	ck_assert_ptr_null(maps_find(&maps, 0xfff));
	ck_assert_ptr_eq(maps_find(&maps, 0x1000), &maps.items[0]);
	ck_assert_ptr_eq(maps_find(&maps, 0x1fff), &maps.items[0]);
	ck_assert_ptr_eq(maps_find(&maps, 0x2000), &maps.items[1]);
	ck_assert_ptr_null(maps_find(&maps, 0x3000));
	ck_assert_ptr_eq(maps_find(&maps, 0x5fff), &maps.items[2]);
	ck_assert_ptr_eq(maps_find(&maps, 0xffffffffff600123), &maps.items[3]);
	ck_assert_ptr_null(maps_find(&maps, UINT64_MAX));
	maps_release(&maps);
}
END_TEST

START_TEST(same_file_is_device_inode_and_path)
{
	static const char text[] = "1000-2000 r--p 0 fe:01 7 /a\n"
				   "2000-3000 r-xp 1000 fe:01 7 /a\n"
				   "3000-4000 r--p 0 fe:02 7 /a\n"
				   "4000-5000 r--p 0 fe:01 8 /a\n"
				   "5000-6000 r--p 0 fe:01 7 /b\n"
				   "6000-7000 r--p 0 fd:01 7 /a\n";
	struct maps maps;
	size_t i;

	hs_ck_ok(parse(text, &maps));
	for (i = 0; i < maps.n; i++)
		ck_assert_int_eq(mapping_same_file(&maps.items[0],
						   &maps.items[i]),
				 i < 2);
	maps_release(&maps);
}
END_TEST

/* Far below a second: a service with ten thousand mappings is not rare. */
START_TEST(ten_thousand_lines_are_quick)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct maps maps;
	int64_t before;
	uint64_t at;

	for (at = 0; at < 10000; at++)
		strbuf_addf(&sb,
			    "%" PRIx64 "-%" PRIx64
			    " r-xp 00000000 fe:00 332835     /usr/lib/x.so\n",
			    0x7f0000000000 + at * 4096,
			    0x7f0000000000 + at * 4096 + 4096);
	before = clock_us();
	hs_ck_ok(maps_parse(sb.buf, sb.len, "x", 1, &maps));
	ck_assert_int_lt(clock_us() - before, 200000);
	ck_assert_uint_eq(maps.n, 10000);
	ck_assert_ptr_eq(maps_find(&maps, 0x7f0000000000 + 4096 * 7777 + 5),
			 &maps.items[7777]);
	maps_release(&maps);
}
END_TEST

/* Maps and unmaps pieces of memory, without an end. */
static void *map_all_the_time(void *arg)
{
	struct {
		void *p;
		size_t len;
	} pieces[8] = { 0 };
	unsigned int seed = arg ? 1 : 2;

	for (;;) {
		size_t i = (size_t)rand_r(&seed) % 8;

		if (pieces[i].p)
			munmap(pieces[i].p, pieces[i].len);
		pieces[i].len = (size_t)(1 + rand_r(&seed) % 700) * 4096;
		pieces[i].p = mmap(NULL, pieces[i].len, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (pieces[i].p == MAP_FAILED)
			_exit(2);
	}
	return NULL;
}

/* Its lines are of different moments, and may not fit each other. */
START_TEST(a_process_that_never_rests)
{
	enum { READS = 30000 };
	pid_t pid = fork();
	pthread_t other;
	int i, status;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pthread_create(&other, NULL, map_all_the_time, (void *)1);
		map_all_the_time(NULL);
	}
	ck_assert_int_gt(pid, 0);
	for (i = 0; i < READS; i++) {
		struct maps maps;

		hs_ck_ok(maps_read(pid, &maps));
		maps_release(&maps);
	}
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc/maps");
	TCase *tcase = tcase_create("proc/maps");

	tcase_add_test(tcase, every_field);
	tcase_add_loop_test(tcase, names_are_what_the_kernel_means, 0,
			    (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_loop_test(tcase, ends_without_newline_or_with_many, 0, 3);
	tcase_add_test(tcase, nothing_is_no_mappings);
	tcase_add_loop_test(tcase, damage_is_told_with_its_line, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, no_nul_bytes);
	tcase_add_test(tcase, find_knows_the_borders);
	tcase_add_test(tcase, same_file_is_device_inode_and_path);
	tcase_add_test(tcase, ten_thousand_lines_are_quick);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_process_that_never_rests);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
