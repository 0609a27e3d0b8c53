/* Names of code made at run time: which line an address gets its name from when
 * memory was used again, and lines that are none. */
#include "symbol/perf_map.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

enum { MANY = 64 };

static int file_of(const char *text, size_t len)
{
	int fd = memfd_create("perf.map", 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, text, len, 0), (ssize_t)len);
	return fd;
}

/* The name that @address gets. Static: valid until the next call. */
static const char *name_in(const char *text, size_t len, uint64_t address)
{
	static char ret[8192];
	struct perf_name name = { .address = address };
	int fd = file_of(text, len);

	hs_ck_ok(perf_map_read(fd, "perf-1.map", &name, 1));
	snprintf(ret, sizeof(ret), "%s", name.name ? name.name : "none");
	perf_names_release(&name, 1);
	close(fd);
	return ret;
}

#define NAME(text, address) name_in(text, sizeof(text) - 1, address)

START_TEST(lines)
{
	ck_assert_str_eq(NAME("1000 10 f\n", 0x1000), "f");
	ck_assert_str_eq(NAME("1000 10 f\n", 0x100f), "f");
	ck_assert_str_eq(NAME("1000 10 f\n", 0x1010), "none");
	ck_assert_str_eq(NAME("1000 10 f\n", 0xfff), "none");
	ck_assert_str_eq(NAME("0x1000 0x10 f\n", 0x1000), "f");
	ck_assert_str_eq(NAME("7fFF1000 A a b:  c\r\n", 0x7fff1009), "a b:  c");
	ck_assert_str_eq(NAME("ffffffffffffff00 ff f\n", 0xffffffffffffff00),
			 "f");
	ck_assert_str_eq(NAME("", 0x1000), "none");
}
END_TEST

START_TEST(no_lines)
{
	/* It is being written. */
	ck_assert_str_eq(NAME("1000 10 f", 0x1000), "none");
	ck_assert_str_eq(NAME("1000 10 f\n1000 10 g", 0x1000), "f");
	ck_assert_str_eq(NAME("1000 0 f\n", 0x1000), "none");
	ck_assert_str_eq(NAME("1000 10\n", 0x1000), "none");
	ck_assert_str_eq(NAME("1000 10 \n", 0x1000), "none");
	ck_assert_str_eq(NAME("1000 -10 f\n", 0x1000), "none");
	ck_assert_str_eq(NAME("1000  10 f\n", 0x1000), "none");
	ck_assert_str_eq(NAME("1000 10 f\0g\n", 0x1000), "none");
	ck_assert_str_eq(NAME("ffffffffffffff00 100 f\n", 0xffffffffffffff00),
			 "none");
	ck_assert_str_eq(NAME("\n\n1000 10 f\n", 0x1000), "f");
}
END_TEST

START_TEST(later_code_takes_the_place_of_older)
{
	ck_assert_str_eq(NAME("1000 10 f\n1000 10 g\n", 0x1000), "g");
	ck_assert_str_eq(NAME("1000 20 f\n1010 10 g\n", 0x1010), "g");
	/* What is left of f is not f any more. */
	ck_assert_str_eq(NAME("1000 20 f\n1010 10 g\n", 0x1000), "none");
	ck_assert_str_eq(NAME("1010 20 f\n1000 11 g\n", 0x1020), "none");
	ck_assert_str_eq(NAME("1010 20 f\n1000 10 g\n", 0x1020), "f");
	ck_assert_str_eq(NAME("1000 10 f\n1010 10 g\n", 0x100f), "f");
}
END_TEST

/* The same by the plain rule: the last line that overlaps decides. */
static const char *plainly(const uint64_t (*code)[2], size_t n, uint64_t at,
			   char *buf)
{
	size_t i, j, best = n;

	for (i = 0; i < n; i++)
		if (code[i][0] <= at && at < code[i][1])
			best = i;
	for (j = best + 1; best < n && j < n; j++)
		if (code[j][0] < code[best][1] && code[j][1] > code[best][0])
			return "none";
	if (best == n)
		return "none";
	snprintf(buf, 32, "f%zu", best);
	return buf;
}

START_TEST(many_pieces)
{
	uint64_t seed = 42, code[MANY][2];
	struct perf_name names[MANY];
	char text[MANY * 64], buf[32];
	size_t round, i, len;
	int fd;

	for (round = 0; round < 2000; round++) {
		for (i = len = 0; i < MANY; i++) {
			seed = seed * 6364136223846793005u +
			       1442695040888963407u;
			code[i][0] = (seed >> 33) % 200;
			code[i][1] = code[i][0] + 1 + (seed >> 48) % 20;
			len += (size_t)snprintf(
				text + len, sizeof(text) - len, "%x %x f%zu\n",
				(unsigned)code[i][0],
				(unsigned)(code[i][1] - code[i][0]), i);
			names[i] = (struct perf_name){ .address = i * 3 };
		}
		fd = file_of(text, len);
		hs_ck_ok(perf_map_read(fd, "m", names, MANY));
		close(fd);
		for (i = 0; i < MANY; i++)
			ck_assert_str_eq(names[i].name ? names[i].name : "none",
					 plainly(code, MANY, i * 3, buf));
		perf_names_release(names, MANY);
	}
}
END_TEST

/* Longer than what is read at once, and a line that is longer still. */
START_TEST(large_files)
{
	enum { SIZE = 1 << 20 };
	char *text = malloc(SIZE);
	size_t len = 0;
	int line;

	ck_assert_ptr_nonnull(text);
	for (line = 0; line < 10000; line++)
		len += (size_t)snprintf(text + len, SIZE - len,
					"%x 10 name of line %d\n",
					0x10000 + line * 16, line);
	ck_assert_str_eq(name_in(text, len, 0x10000 + 7777 * 16),
			 "name of line 7777");
	memcpy(text, "1000 10 ", 8);
	memset(text + 8, 'x', SIZE - 8);
	memcpy(text + SIZE - 11, "\n2000 10 g\n", 11);
	ck_assert_str_eq(name_in(text, SIZE, 0x1000), "none");
	ck_assert_str_eq(name_in(text, SIZE, 0x2000), "g");
	memcpy(text + 5000, "\n2000 10 g\n", 11);
	ck_assert_uint_eq(strlen(name_in(text, 5011, 0x1000)), 4096);
	free(text);
}
END_TEST

int main(void)
{
	return hs_check_run("symbol/perf_map", lines, no_lines,
			    later_code_takes_the_place_of_older, many_pieces,
			    large_files);
}
