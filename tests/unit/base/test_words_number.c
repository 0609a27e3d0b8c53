/* Numbers in the lines of /proc/meminfo and memory.stat: by the whole name, and
 * none where there is no such line. */
#include "base/words.h"
#include "tests/unit/hs_check.h"

/* As Linux 6.18 writes them, shortened. */
static const char meminfo[] = "MemTotal:        8148748 kB\n"
			      "SwapTotal:             0 kB\n"
			      "CommitLimit:     4074372 kB\n"
			      "HugePages_Total:       2\n";
static const char stat[] = "inactive_file 4096\n"
			   "total_inactive_file 8192\n"
			   "file_dirty 12288\n"
			   "file 16384\n"
			   "total_active_file 18446744073709551615";

START_TEST(numbers)
{
	ck_assert_uint_eq(words_number(meminfo, "MemTotal:"), 8148748);
	ck_assert_uint_eq(words_number(meminfo, "CommitLimit:"), 4074372);
	ck_assert_uint_eq(words_number(meminfo, "HugePages_Total:"), 2);
	ck_assert_uint_eq(words_number(stat, "inactive_file"), 4096);
	ck_assert_uint_eq(words_number(stat, "total_inactive_file"), 8192);
	ck_assert_uint_eq(words_number(stat, "file"), 16384);
	ck_assert_uint_eq(words_number(stat, "total_active_file"), UINT64_MAX);
}
END_TEST

START_TEST(no_such_line)
{
	static const char *const strings[] = { "",
					       "\n",
					       "active_file",
					       "active_file x\n",
					       "active_file ",
					       "\n\n",
					       "active_file 1x\n",
					       "active_file -1" };
	size_t i;

	ck_assert_uint_eq(words_number(meminfo, "SwapFree:"), 0);
	ck_assert_uint_eq(words_number(meminfo, "Total:"), 0);
	ck_assert_uint_eq(words_number(stat, "active_file"), 0);
	ck_assert_uint_eq(words_number(stat, "total"), 0);
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		ck_assert_uint_eq(words_number(strings[i], "active_file"), 0);
}
END_TEST

int main(void)
{
	return hs_check_run("base/words_number", numbers, no_such_line);
}
