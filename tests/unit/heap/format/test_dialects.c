/* Dumps that are not heap_v2: what jemalloc 2 and 3 and gperftools wrote, dumps
 * behind the names that belong to them, compressed ones; how each corrects its
 * numbers, and with which words what is damaged is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "heap/format/read.h"
#include "heap/unbias.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

static struct hs_error *read_text(const char *text, struct heap_profile *ret)
{
	return heap_read(text, strlen(text), "x.heap", ret);
}

static const struct heap_location *frame(const struct heap_profile *p,
					 size_t stack, size_t i)
{
	return &p->locations[p->frames[p->stacks[stack].first + i]];
}

/* As jemalloc 3.6.0 writes it; the last frame is NULL. */
START_TEST(a_line_a_stack)
{
	struct heap_profile p;

	hs_ck_ok(
		read_text("heap profile: 7: 27262976 [9: 30] @ heap_v2/524288\n"
			  "26: 27262976 [0: 0] @ 0x1010 0x2011 0x0\n"
			  "6: 384 [8: 512] @ 0x1010\n"
			  "\nMAPPED_LIBRARIES:\n"
			  "1000-3000 r-xp 00005000 fe:00 11 /srv/app\n",
			  &p));
	ck_assert_uint_eq(p.sample_period, 524288);
	ck_assert_uint_eq(p.n_stacks, 2);
	ck_assert_uint_eq(p.stacks[0].depth, 2);
	ck_assert_uint_eq(frame(&p, 0, 0)->address, 0x1010);
	ck_assert_uint_eq(frame(&p, 0, 1)->address, 0x2010);
	ck_assert_uint_eq(frame(&p, 0, 1)->offset, 0x6010);
	ck_assert_uint_eq(p.stacks[0].inuse.samples, 26);
	ck_assert_double_eq_tol(p.stacks[0].inuse.bytes,
				27262976 / (1 - exp(-2)), 1);
	ck_assert_ptr_nonnull(p.allocated);
	ck_assert_uint_eq(p.allocated[0].samples, 0);
	ck_assert_uint_eq(p.allocated[1].samples, 8);
	heap_profile_release(&p);
}
END_TEST

/* As gperftools pads it. */
START_TEST(padding)
{
	struct heap_profile p;

	hs_ck_ok(read_text("heap profile:      2:     2048 [     4:     8192]"
			   " @ heapprofile\n"
			   "     1:     1024 [     3:     7168] @"
			   " 0x0000000000401000 0x0000000000402001\n"
			   "     1:     1024 [     1:     1024] @ 0x401000\n"
			   "\nMAPPED_LIBRARIES:\n",
			   &p));
	ck_assert_uint_eq(p.sample_period, 1);
	ck_assert_uint_eq(p.n_stacks, 2);
	ck_assert_uint_eq(p.n_locations, 2);
	ck_assert_uint_eq(frame(&p, 0, 1)->address, 0x402000);
	ck_assert_double_eq(p.total.bytes, 2048);
	ck_assert_double_eq(p.total.bytes_variance, 0);
	ck_assert_double_eq(p.allocated[0].bytes, 7168);
	heap_profile_release(&p);
}
END_TEST

/* 10 objects of 16 KiB, by what is behind the '@'. */
static const struct {
	const char *type;
	uint64_t period;
	double bytes;
} types[] = {
	{ "@ heapprofile", 1, 163840 },
	{ "@ heap_v2/16384", 16384, 163840 / 0.6321205588285577 },
	{ "@ heapz_v2/16384", 16384, 163840 / 0.6321205588285577 },
	{ "@ heap_v2", 131072, 163840 / 0.1175030974154046 },
	{ "@ heap_v2/1", 1, 163840 },
	/* Go's: twice the mean is written. */
	{ "@ heap/32768", 16384, 163840 / 0.6321205588285577 },
	{ "@ heap/16384", 8192, 163840 / 0.8646647167633873 },
	{ "@ heap/1", 1, 163840 },
	{ "@ heap", 131072, 163840 / 0.1175030974154046 },
	{ "@ heapz/32768", 16384, 163840 / 0.6321205588285577 },
	{ "@ heap/0", 1, 163840 },
	{ "@ heap_v2/0", 1, 163840 },
	{ "@ growth", 1, 163840 },
	{ "@ growthz", 1, 163840 },
	{ "@ fragmentationz", 1, 163840 },
	{ "@", 131072, 163840 / 0.12109375 },
	{ "", 131072, 163840 / 0.12109375 },
};

START_TEST(types_of_heap_profiles)
{
	struct heap_profile p;
	char text[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		snprintf(text, sizeof(text),
			 "heap profile: 10: 163840 [10: 163840] %s\n"
			 "10: 163840 [10: 163840] @ 0x1\n",
			 types[i].type);
		hs_ck_ok(read_text(text, &p));
		ck_assert_uint_eq(p.sample_period, types[i].period);
		ck_assert_double_eq_tol(p.total.bytes, types[i].bytes, 0.01);
		heap_profile_release(&p);
	}
	/* Early gperftools pads: seen are 1 - (1 - 1/2)^2. */
	hs_ck_ok(read_text("heap profile:     10:   163840 "
			   "[    10:   163840] @ heap/32768\n"
			   "    10:   163840 [    10:   163840] @ 0x1\n",
			   &p));
	ck_assert_double_eq_tol(p.total.bytes, 163840 / 0.75, 0.01);
	heap_profile_release(&p);
	/* Without a type, numbers that differ come from all allocations. */
	hs_ck_ok(read_text("heap profile: 10: 163840 [11: 163850] @ \n"
			   "10: 163840 [11: 163850] @ 0x1\n",
			   &p));
	ck_assert_double_eq(p.total.bytes, 163840);
	heap_profile_release(&p);
}
END_TEST

/* Simulates the sampler of "heap/P": the correction finds the truth, within
 * four deviations of a mean of 400 runs. */
START_TEST(uniform_sampling_is_unbiased)
{
	const double most = 4096, sizes[] = { 16, 1024, 3000, 5000 };
	uint64_t state = 7;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		double error = 0, variance = 0, wait = 0;
		int run, object, objects = 2000;

		for (run = 0; run < 400; run++) {
			struct heap_counts c;
			uint64_t n = 0;

			for (object = 0; object < objects; object++) {
				wait -= sizes[i];
				if (wait >= 0)
					continue;
				n++;
				/* The samples that fell into it as well. */
				while (wait < 0) {
					state = state * 6364136223846793005u +
						1442695040888963407u;
					wait += most * (double)(state >> 11) *
						0x1p-53;
				}
			}
			c = heap_unbias_uniform(n, n * (uint64_t)sizes[i],
						(uint64_t)most);
			error += c.bytes - objects * sizes[i];
			variance += c.bytes_variance;
		}
		ck_assert_double_le(fabs(error), 4 * sqrt(variance) + 1e-6);
	}
}
END_TEST

#define RAW                                             \
	"--- symbol\n"                                  \
	"binary=/srv/bin/searchd\n"                     \
	"0x0000000000401000 malloc\n"                   \
	"0x40200f main--Foo::operator--(int)--handle\n" \
	"0x40300f Foo::operator--\n"                    \
	"0x40400f 0x000000000040400f\n"                 \
	"0x999999 unused\n"                             \
	"---\n"
#define DUMP                                                    \
	"heap_v2/1\n  t*: 3: 300 [0: 0]\n  t0: 3: 300 [0: 0]\n" \
	"@ 0x401000 0x402010 0x403010 0x404010\n"               \
	"  t*: 3: 300 [0: 0]\n  t0: 3: 300 [0: 0]\n"

static void check_raw(const struct heap_profile *p)
{
	static const char *const names[] = { "handle", "Foo::operator--(int)",
					     "main" };
	const struct heap_location *loc = frame(p, 0, 1);
	size_t i;

	ck_assert_str_eq(p->meta.command, "searchd");
	ck_assert_double_eq(p->total.bytes, 300);
	ck_assert_str_eq(p->names[frame(p, 0, 0)->names].function, "malloc");
	ck_assert_uint_eq(loc->n_names, 3);
	for (i = 0; i < 3; i++) {
		ck_assert_str_eq(p->names[loc->names + i].function, names[i]);
		ck_assert_int_eq(p->names[loc->names + i].inlined, i < 2);
		ck_assert_ptr_null(p->names[loc->names + i].file);
	}
	ck_assert_uint_eq(frame(p, 0, 2)->n_names, 1);
	ck_assert_str_eq(p->names[frame(p, 0, 2)->names].function,
			 "Foo::operator--");
	ck_assert_uint_eq(frame(p, 0, 3)->n_names, 0);
}

START_TEST(names_before_the_dump)
{
	static const char *const strings[] = { RAW "--- heap\n" DUMP,
					       RAW DUMP };
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(strings); i++) {
		hs_ck_ok(read_text(strings[i], &p));
		check_raw(&p);
		heap_profile_release(&p);
	}
	hs_ck_ok(read_text("--- growth\n"
			   "heap profile: 1: 8 [1: 8] @ growth\n",
			   &p));
	heap_profile_release(&p);
}
END_TEST

#define NUMBERS "expected 'OBJECTS: BYTES [OBJECTS: BYTES] @ ADDRESSES'"
#define HEAD "heap profile: 1: 8 [0: 0] @ heapprofile\n"
#define SAMPLED "heap profile: 1: 8 [0: 0] @ heap_v2/1\n"

static const struct {
	const char *text, *message;
} damaged[] = {
	{ "heap profile: 1: 8 [0: 0\n",
	  "x.heap:1: expected 'heap profile: OBJECTS: BYTES [OBJECTS: BYTES] @ "
	  "TYPE'" },
	{ "heap profile: 1: 8 [0: 0] @ cpu/1\n",
	  "x.heap:1: 'cpu' is no kind of heap profile that is known" },
	{ "heap profile: 1: 8 [0: 0] @ heap_v20/1\n",
	  "x.heap:1: 'heap_v20' is no kind of heap profile that is known" },
	{ "heap profile: 1: 8 [0: 0] @ heap_v2/x\n",
	  "x.heap:1: expected a number of bytes behind '/'" },
	{ "heap profile: 1: 8 [0: 0] @ heap_v2/1 x\n",
	  "x.heap:1: expected the end of the line" },
	{ SAMPLED "-1: 8 [0: 0] @ 0x1\n", "x.heap:2: " NUMBERS },
	{ SAMPLED "1: -8 [0: 0] @ 0x1\n", "x.heap:2: " NUMBERS },
	{ SAMPLED "1: 8 [-1: 8] @ 0x1\n", "x.heap:2: " NUMBERS },
	{ HEAD "1: -0x8 [0: 0] @ 0x1\n", "x.heap:2: " NUMBERS },
	{ HEAD "1: --8 [0: 0] @ 0x1\n", "x.heap:2: " NUMBERS },
	{ HEAD "1: 8 [0: 0]\n",
	  "x.heap:2: expected '@' and addresses behind numbers" },
	{ SAMPLED "0: 8 [0: 0] @ 0x1\n",
	  "x.heap:2: 0 objects cannot have 8 bytes" },
	{ HEAD "9: 8 [0: 0] @ 0x1\n",
	  "x.heap:2: 9 objects cannot have 8 bytes" },
	{ SAMPLED "0: 0 [4: 2] @ 0x1\n",
	  "x.heap:2: 4 objects cannot have 2 bytes" },
	{ HEAD "18446744073709551616: 8 [0: 0] @ 0x1\n", "x.heap:2: " NUMBERS },
	{ HEAD "1: 8 [0: 0] @ 1\n",
	  "x.heap:2: expected addresses '0x...' behind '@'" },
	{ HEAD "1: 8 [0: 0] @ 0x1\nrubbish\n",
	  "x.heap:3: expected a stack ('@ 0x...') or 'MAPPED_LIBRARIES:'" },
	{ HEAD "1: 8 [0: 0] @ 0x1", "x.heap:2: file is cut off in this line" },
	{ "--- symbol\n0x1 main\n",
	  "x.heap:3: file is cut off here, expected '---' behind the names" },
	{ "--- symbol\nmain\n",
	  "x.heap:2: expected '0xADDRESS NAME' or '---'" },
	{ "--- symbol\n0x1 main\n---\n--- heap\n",
	  "x.heap:5: file is cut off here, expected a heap dump" },
	{ "--- symbol\n---\n--- symbol\n---\n",
	  "x.heap:3: expected a heap dump" },
	{ "--- symbol\n---\n--- heap\nrubbish\n", "x.heap:4: not a heap dump" },
	{ "--- contention\n",
	  "x.heap:1: seems to be a profile of something else than the heap" },
};

START_TEST(what_is_damaged)
{
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(damaged); i++)
		hs_ck_err(read_text(damaged[i].text, &p), HS_ERROR_INPUT,
			  damaged[i].message);
}
END_TEST

/* Numbers at the ends of their range are right, or refused. */
START_TEST(extremes)
{
	struct heap_profile p;

	hs_ck_ok(read_text("heap_v2/524288\n  t*: 0: 0 [0: 0]\n@ 0x1\n"
			   "  t*: 9223372036854775807: 18446744073709551615"
			   " [0: 0]\n  t0: 0: 0 [0: 0]\n",
			   &p));
	ck_assert_double_eq_tol(p.total.bytes,
				18446744073709551616.0 / -expm1(-2.0 / 524288),
				1e12);
	heap_profile_release(&p);
	hs_ck_ok(read_text(HEAD "9223372036854775808: 18446744073709551615"
				" [0: 0] @ 0xffffffffffffffff"
				" 0xffffffffffffffff\n",
			   &p));
	ck_assert_double_eq(p.total.bytes, 18446744073709551616.0);
	ck_assert_uint_eq(frame(&p, 0, 1)->address, UINT64_MAX - 1);
	heap_profile_release(&p);
}
END_TEST

/* 10,000 frames; and a line of megabytes. */
START_TEST(long_lines)
{
	static const size_t depths[] = { 10000, 400000 };
	struct heap_profile p;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		struct strbuf sb = { 0 };

		strbuf_adds(&sb, HEAD "1: 8 [0: 0] @");
		for (j = 0; j < depths[i]; j++)
			strbuf_addf(&sb, " 0x%zx", j + 0x1001);
		strbuf_adds(&sb, "\n");
		hs_ck_ok(heap_read(sb.buf, sb.len, "x", &p));
		ck_assert_uint_eq(p.stacks[0].depth, depths[i]);
		ck_assert_uint_eq(frame(&p, 0, depths[i] - 1)->address,
				  depths[i] + 0xfff);
		heap_profile_release(&p);
		strbuf_release(&sb);
	}
}
END_TEST

START_TEST(endless_line)
{
	const size_t len = (size_t)100 << 20;
	char *text = malloc(len);
	struct heap_profile p;

	memset(text, 'x', len);
	memcpy(text, HEAD, strlen(HEAD));
	hs_ck_err(heap_read(text, len, "x", &p), HS_ERROR_INPUT,
		  "x:2: line is too long");
	free(text);
}
END_TEST

START_TEST(nul_bytes)
{
	static const char in_numbers[] = HEAD "1: \0008 [0: 0] @ 0x1\n";
	static const char in_name[] = "--- symbol\n0x1 ma\0in\n---\n" HEAD;
	static const char in_thread[] = "heap_v2/1\n  t*: 1: 8 [0: 0]\n"
					"  t0: 1: 8 [0: 0] my\0name\n";
	const struct heap_read_options options = { .threads = true };
	struct heap_profile p;

	hs_ck_err(heap_read(in_numbers, sizeof(in_numbers) - 1, "x", &p),
		  HS_ERROR_INPUT, "x:2: " NUMBERS);
	hs_ck_err(heap_read(in_name, sizeof(in_name) - 1, "x", &p),
		  HS_ERROR_INPUT, "x:2: expected '0xADDRESS NAME' or '---'");
	hs_ck_ok(heap_read_with(in_thread, sizeof(in_thread) - 1, "x", &options,
				&p));
	ck_assert_ptr_null(p.threads[0].name);
	heap_profile_release(&p);
}
END_TEST

/* --- compressed ------------------------------------------------------------ */

struct packed {
	char data[4096];
	size_t len;
};

static struct packed gzip(const char *text)
{
	struct packed p = { .len = 0 };
	z_stream z = { 0 };

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)text;
	z.avail_in = (unsigned int)strlen(text);
	z.next_out = (unsigned char *)p.data;
	z.avail_out = sizeof(p.data);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	p.len = sizeof(p.data) - z.avail_out;
	deflateEnd(&z);
	return p;
}

static struct packed zstd(const char *text)
{
	struct packed p;

	p.len = ZSTD_compress(p.data, sizeof(p.data), text, strlen(text), 3);
	ck_assert(!ZSTD_isError(p.len));
	return p;
}

static struct hs_error *read_packed(const struct packed *packed, size_t len,
				    struct heap_profile *p)
{
	/* No byte behind the end is readable to a sanitizer. */
	char *copy = malloc(len);
	struct hs_error *err;

	memcpy(copy, packed->data, len);
	err = heap_read(copy, len, "x", p);
	free(copy);
	return err;
}

START_TEST(compressed)
{
	const struct packed packed[] = { gzip(RAW DUMP), zstd(RAW DUMP) };
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(packed); i++) {
		hs_ck_ok(read_packed(&packed[i], packed[i].len, &p));
		check_raw(&p);
		heap_profile_release(&p);
	}
}
END_TEST

/* Two pieces that were compressed one after the other are one text. */
START_TEST(compressed_in_pieces)
{
	struct packed whole[] = { gzip(RAW), zstd(RAW) };
	const struct packed more[] = { gzip(DUMP), zstd(DUMP) };
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(whole); i++) {
		memcpy(whole[i].data + whole[i].len, more[i].data, more[i].len);
		hs_ck_ok(
			read_packed(&whole[i], whole[i].len + more[i].len, &p));
		check_raw(&p);
		heap_profile_release(&p);
	}
}
END_TEST

START_TEST(compressed_and_cut_off)
{
	const struct packed packed[] = { gzip(RAW DUMP), zstd(RAW DUMP) };
	struct heap_profile p;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(packed); i++) {
		for (len = 5; len < packed[i].len; len++) {
			struct hs_error *err = read_packed(&packed[i], len, &p);

			ck_assert_ptr_nonnull(err);
			hs_error_free(err);
		}
	}
	hs_ck_err(read_packed(&packed[0], packed[0].len - 1, &p),
		  HS_ERROR_INPUT, "x: damaged gzip file: it is cut off");
	hs_ck_err(read_packed(&packed[1], packed[1].len - 1, &p),
		  HS_ERROR_INPUT, "x: damaged zstd file: it is cut off");
}
END_TEST

START_TEST(compressed_and_damaged)
{
	struct packed packed[] = { gzip(RAW DUMP), zstd(RAW DUMP) };
	struct heap_profile p;

	/* The checksum at the end; the kind of block at the start. */
	packed[0].data[packed[0].len - 6] ^= 1;
	hs_ck_err(read_packed(&packed[0], packed[0].len, &p), HS_ERROR_INPUT,
		  "x: damaged gzip file: incorrect data check");
	packed[1].data[4] |= 8;
	hs_ck_err(read_packed(&packed[1], packed[1].len, &p), HS_ERROR_INPUT,
		  "x: damaged zstd file: Unsupported frame parameter");
	hs_ck_err(heap_read("\x1f\x8b", 2, "x", &p), HS_ERROR_INPUT,
		  "x: damaged gzip file: it is cut off");
}
END_TEST

int main(void)
{
	return hs_check_run("heap/dialects", a_line_a_stack, padding,
			    types_of_heap_profiles,
			    uniform_sampling_is_unbiased, names_before_the_dump,
			    what_is_damaged, extremes, long_lines, endless_line,
			    nul_bytes, compressed, compressed_in_pieces,
			    compressed_and_cut_off, compressed_and_damaged);
}
