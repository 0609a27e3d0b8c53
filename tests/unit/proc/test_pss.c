/* The share of a process in what it has together with others, as the kernel
 * says it; and that a kernel which has only the sum is told apart. */
#include "proc/pss.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

/* Linux 6.1 */
static const char rollup[] =
	"56225292c000-7ffd6332f000 ---p 00000000 00:00 0    [rollup]\n"
	"Rss:               29356 kB\n"
	"Pss:               13079 kB\n"
	"Pss_Dirty:          5047 kB\n"
	"Pss_Anon:           1078 kB\n"
	"Pss_File:           8004 kB\n"
	"Pss_Shmem:          3996 kB\n"
	"Shared_Clean:      13584 kB\n";

START_TEST(as_it_is)
{
	struct pss pss;

	hs_ck_ok(pss_parse(rollup, strlen(rollup), "rollup", &pss));
	ck_assert_uint_eq(pss.anon, 1078 << 10);
	ck_assert_uint_eq(pss.file, 8004 << 10);
	ck_assert_uint_eq(pss.shmem, 3996 << 10);
	hs_ck_ok(pss_read(getpid(), &pss));
	ck_assert_uint_gt(pss.anon, 0);
}
END_TEST

START_TEST(only_the_sum)
{
	static const char *const texts[] = {
		"",
		"Rss: 29356 kB\nPss: 13079 kB\n",
		"Pss_Anon: 1 kB\nPss_File: 1 kB\nPss_Shmem: 1 pages\n",
		("Pss_Anon: 1 kB\nPss_File: 1 kB\nPss_Shmem: "
		 "18446744073709551615 kB\n"),
	};
	struct pss pss;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		hs_ck_err(pss_parse(texts[i], strlen(texts[i]), "r", &pss),
			  HS_ERROR_INPUT,
			  "'r' does not say whose share of memory is how "
			  "large");
}
END_TEST

int main(void)
{
	return hs_check_run("proc/pss", as_it_is, only_the_sum);
}
