/* Status files: each field used, those that old kernels do not have, and what
 * is refused. */
#include "proc/status.h"

#include <string.h>

#include "tests/unit/hs_check.h"

/* As Linux 6.18 writes it, short_name; the numbers are all different. */
#define HEAD                          \
	"Name:\tmy \\\\ \\n name \n"  \
	"Umask:\t0022\n"              \
	"State:\tS (sleeping)\n"      \
	"Tgid:\t100\n"                \
	"Ngid:\t0\n"                  \
	"Pid:\t101\n"                 \
	"PPid:\t99\n"                 \
	"TracerPid:\t55\n"            \
	"Uid:\t1\t2\t3\t4\n"          \
	"Gid:\t5\t6\t7\t4294967295\n" \
	"Groups:\t \n"
#define MEMORY                   \
	"VmSize:\t    3060 kB\n" \
	"VmHWM:\t    1700 kB\nVmRSS:\t    1688 kB\n"
#define TAIL                          \
	"Threads:\t12\n"              \
	"SigQ:\t0/96365\n"            \
	"SigPnd:\t0000000000000001\n" \
	"ShdPnd:\t0000000000000002\n" \
	"SigBlk:\t0000000000000004\n" \
	"SigIgn:\t0000000000000008\n" \
	"SigCgt:\tfffffffc00000010\n"
#define CAPS "CapEff:\t000001fffeffffff\n"

static struct hs_error *parse(const char *text, struct status *ret)
{
	return status_parse(text, strlen(text), "status", ret);
}

START_TEST(every_field)
{
	struct status st;

	hs_ck_ok(parse(HEAD MEMORY TAIL CAPS
		       "Seccomp:\t2\nNSpid:\t101\t7\t3\n"
		       "x86_Thread_features:\tshstk wrss \n",
		       &st));
	ck_assert_str_eq(st.name, "my \\ \n name ");
	ck_assert_int_eq(st.state, 'S');
	ck_assert_int_eq(st.tgid, 100);
	ck_assert_int_eq(st.pid, 101);
	ck_assert_int_eq(st.inner_pid, 3);
	ck_assert_int_eq(st.ppid, 99);
	ck_assert_int_eq(st.tracer, 55);
	ck_assert_uint_eq(st.uid, 1);
	ck_assert_uint_eq(st.euid, 2);
	ck_assert_uint_eq(st.fsuid, 4);
	ck_assert_uint_eq(st.gid, 5);
	ck_assert_uint_eq(st.egid, 6);
	ck_assert_uint_eq(st.fsgid, UINT32_MAX);
	ck_assert_uint_eq(st.threads, 12);
	ck_assert_uint_eq(st.cap_effective, 0x1fffeffffff);
	ck_assert_uint_eq(st.sig_pending, 1);
	ck_assert_uint_eq(st.sig_shared_pending, 2);
	ck_assert_uint_eq(st.sig_blocked, 4);
	ck_assert_uint_eq(st.sig_ignored, 8);
	ck_assert_uint_eq(st.sig_caught, 0xfffffffc00000010);
	ck_assert_int_eq(st.seccomp, 2);
	ck_assert(st.shadow_stack);
	ck_assert(!st.kernel_thread);
	ck_assert_uint_eq(st.vm_rss, 1688 * 1024);
	ck_assert_uint_eq(st.vm_hwm, 1700 * 1024);
}
END_TEST

START_TEST(what_an_old_kernel_does_not_tell)
{
	struct status st;

	hs_ck_ok(parse(HEAD MEMORY TAIL, &st));
	ck_assert_int_eq(st.seccomp, 0);
	ck_assert_int_eq(st.inner_pid, 0);
	ck_assert(!st.shadow_stack);
	hs_ck_ok(parse(HEAD MEMORY TAIL "x86_Thread_features:\t\n", &st));
	ck_assert(!st.shadow_stack);
	hs_ck_ok(parse(HEAD MEMORY TAIL "x86_Thread_features:\twrss \n", &st));
	ck_assert(!st.shadow_stack);
}
END_TEST

START_TEST(no_memory_is_a_kernel_thread_unless_it_ended)
{
	static const char zombie[] =
		"Name:\tz\nState:\tZ (zombie)\nTgid:\t1\n"
		"Pid:\t1\nPPid:\t0\nTracerPid:\t0\n"
		"Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n" TAIL;
	struct status st;

	hs_ck_ok(parse(HEAD TAIL, &st));
	ck_assert(st.kernel_thread);
	ck_assert_uint_eq(st.vm_rss, 0);
	hs_ck_ok(parse(zombie, &st));
	ck_assert(!st.kernel_thread);
	ck_assert_int_eq(st.state, 'Z');
}
END_TEST

static const struct bad_case {
	const char *text, *message;
} bad[] = {
	{ "", "status: the line 'Name:' is missing" },
	{ HEAD MEMORY, "status: the line 'Threads:' is missing" },
	{ MEMORY TAIL, "status: the line 'Name:' is missing" },
	{ HEAD "no colon\n", "status:12: not a status line" },
	{ HEAD "Threads:\t12", "status:12: not a status line" },
	{ HEAD "Threads: 12\n", "status:12: not a status line" },
	{ HEAD "Threads:\t\n", "status:12: not a status line" },
	{ HEAD "Threads:\t-1\n", "status:12: not a status line" },
	{ HEAD "Threads:\t4294967296\n", "status:12: not a status line" },
	{ "Pid:\t12 13\n", "status:1: not a status line" },
	{ "Pid:\t2147483648\n", "status:1: not a status line" },
	{ "Uid:\t1\t2\t3\n", "status:1: not a status line" },
	{ "State:\tSleeping\n", "status:1: not a status line" },
	{ "Seccomp:\t3\n", "status:1: not a status line" },
	{ "SigBlk:\t10000000000000000\n", "status:1: not a status line" },
	{ "VmRSS:\t12 MB\n", "status:1: not a status line" },
	{ "VmRSS:\t18446744073709551615 kB\n", "status:1: not a status line" },
	{ "Name:\t1234567890123456789012345678901234567890123456789012345678"
	  "901234\n",
	  "status:1: not a status line" },
};

START_TEST(damage_is_told)
{
	struct status st;

	hs_ck_err(parse(bad[_i].text, &st), HS_ERROR_INPUT, bad[_i].message);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc/status");
	TCase *tcase = tcase_create("proc/status");

	tcase_add_test(tcase, every_field);
	tcase_add_test(tcase, what_an_old_kernel_does_not_tell);
	tcase_add_test(tcase, no_memory_is_a_kernel_thread_unless_it_ended);
	tcase_add_loop_test(tcase, damage_is_told, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
