/* Snapshot files: everything survives writing and reading, jeprof reads them
 * as the dump alone, damage and newer formats are refused, and a file is
 * written whole or not at all, readable by its owner only. */
#include "heap/format/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "heap/format/read.h"
#include "heap/memory_part.h"
#include "heap/samples.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

#define DUMP                                                     \
	"heap_v2/1\n  t*: 3: 300 [0: 0]\n"                       \
	"@ 0x1010 0x2011 0x99011\n  t*: 3: 300 [0: 0]\n"         \
	"  t0: 3: 300 [0: 0]\n\nMAPPED_LIBRARIES:\n"             \
	"1000-2000 r-xp 00005000 fe:00 11         /srv/my app\n" \
	"2000-3000 r-xp 00000000 fe:00 12         /usr/lib/libc.so.6\n"

static struct hs_error *read_text(const char *text, struct heap_profile *ret)
{
	return heap_read(text, strlen(text), "x.heap", ret);
}

static char dir[] = "/tmp/hs-snapshot-XXXXXX";

static void make_dir(void)
{
	hs_ck_mkdtemp(dir);
}

static void remove_dir(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static size_t files_in_dir(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2; /* "." and ".." */
}

/* Every field of struct heap_meta, with odd characters. */
static void fill_meta(struct heap_meta *o)
{
	o->pid = 25861;
	o->command = "redis server";
	o->command_line = "redis \\ \n\t-- --x=\"\xc3\xa4\xff\" \x7f";
	o->hostname = "";
	o->taken_at = "2026-11-23T06:04:17Z";
	o->taken_at_us = 1795413857123456;
	o->start_time = UINT64_MAX;
	o->jemalloc_version =
		"5.3.0-0-g54eaed1d8b56b1aa528be3bdd1877e59c56fa90c";
	o->mode = "-";
	o->borrowed_tid = 0;
	o->pause_us = 180;
	o->dump_us = 900000;
	o->dump_bytes = HEAP_NUMBER_MAX;
	o->allocated = 1;
	o->active = 2;
	o->metadata = 3;
	o->resident = 4;
	o->mapped = 5;
	o->retained = 6;
	o->rss = 7;
	o->dirty = 8;
	o->muzzy = 9;
	o->dirty_decay_ms = 10000;
	o->muzzy_decay_ms = 0;
	o->tcache = 10;
	o->owned = 11;
	o->limits[HEAP_LIMIT_GROUP_MAX] = (struct heap_limit){ 21, 22 };
	o->limits[HEAP_LIMIT_MACHINE] = (struct heap_limit){ 23, 0 };
	o->prof_active = 1;
	o->prof_accum = 0;
}

static void fill_classes(struct heap_meta *o)
{
	static const struct heap_class_count counts[] = {
		{ 8, 0 },
		{ 16384, 23 },
		{ HEAP_NUMBER_MAX / 2, 1 },
	};

	o->class_counts = malloc(sizeof(counts));
	ck_assert_ptr_nonnull(o->class_counts);
	memcpy(o->class_counts, counts, sizeof(counts));
	o->n_class_counts = o->class_counts_cap = ARRAY_SIZE(counts);
}

static void fill(struct heap_profile *p)
{
	static const struct heap_segment segments[] = {
		{ 0x5000, 0x800, 0x6000 },
		{ 0x5800, 0x800, UINT64_MAX },
	};
	static const struct heap_name names[] = {
		{ "inner", "/src/a b.c", 12, true },
		{ "operator-", NULL, 0, true },
		{ "-", "-", UINT32_MAX, false },
		{ NULL, "", 1, false },
	};

	static const struct heap_memory memory[] = {
		{ HEAP_MEMORY_FILE, "/var/lib/in dex", 3, 1 << 20, 4096, 0, 0 },
		{ HEAP_MEMORY_UNDECIDED, NULL, 1, HEAP_NUMBER_MAX / 2, 0, 8192,
		  0 },
	};

	static const struct heap_samples samples = {
		0, HEAP_SAMPLES_MAX, 0, 7, 64, 63, "a b",
	};
	bool added;

	hs_ck_ok(heap_samples_add(p, &samples, &added));
	ck_assert(added);
	fill_meta(&p->meta);
	fill_classes(&p->meta);
	hs_ck_ok(heap_meta_add_memory(&p->meta, &memory[0]));
	hs_ck_ok(heap_meta_add_memory(&p->meta, &memory[1]));
	hs_ck_ok(
		heap_profile_set_module(p, 0, "0123456789abcdef", segments, 2));
	p->modules[1].allocator = true;
	hs_ck_ok(heap_profile_set_names(p, 2, names + 3, 1));
	hs_ck_ok(heap_profile_set_names(p, 0, names, 1));
	hs_ck_ok(heap_profile_set_names(p, 0, names, 3));
}

static void check_meta(const struct heap_meta *a, const struct heap_meta *b)
{
	size_t i;

	ck_assert_int_eq(a->pid, b->pid);
	ck_assert_pstr_eq(a->command, b->command);
	ck_assert_pstr_eq(a->command_line, b->command_line);
	ck_assert_pstr_eq(a->hostname, b->hostname);
	ck_assert_pstr_eq(a->taken_at, b->taken_at);
	ck_assert_int_eq(a->taken_at_us, b->taken_at_us);
	ck_assert_uint_eq(a->start_time, b->start_time);
	ck_assert_pstr_eq(a->jemalloc_version, b->jemalloc_version);
	ck_assert_pstr_eq(a->mode, b->mode);
	ck_assert_int_eq(a->borrowed_tid, b->borrowed_tid);
	ck_assert_int_eq(a->pause_us, b->pause_us);
	ck_assert_int_eq(a->dump_us, b->dump_us);
	ck_assert_int_eq(a->dump_bytes, b->dump_bytes);
	ck_assert_int_eq(a->allocated, b->allocated);
	ck_assert_int_eq(a->active, b->active);
	ck_assert_int_eq(a->metadata, b->metadata);
	ck_assert_int_eq(a->resident, b->resident);
	ck_assert_int_eq(a->mapped, b->mapped);
	ck_assert_int_eq(a->retained, b->retained);
	ck_assert_int_eq(a->rss, b->rss);
	ck_assert_int_eq(a->dirty, b->dirty);
	ck_assert_int_eq(a->muzzy, b->muzzy);
	ck_assert_int_eq(a->dirty_decay_ms, b->dirty_decay_ms);
	ck_assert_int_eq(a->muzzy_decay_ms, b->muzzy_decay_ms);
	ck_assert_int_eq(a->tcache, b->tcache);
	ck_assert_int_eq(a->owned, b->owned);
	ck_assert_mem_eq(a->limits, b->limits, sizeof(a->limits));
	ck_assert_uint_eq(a->n_memory, b->n_memory);
	for (i = 0; i < a->n_memory; i++) {
		ck_assert_int_eq(a->memory[i].kind, b->memory[i].kind);
		ck_assert_pstr_eq(a->memory[i].path, b->memory[i].path);
		ck_assert_int_eq(a->memory[i].mappings, b->memory[i].mappings);
		ck_assert_int_eq(a->memory[i].size, b->memory[i].size);
		ck_assert_int_eq(a->memory[i].rss, b->memory[i].rss);
		ck_assert_int_eq(a->memory[i].swap, b->memory[i].swap);
	}
	ck_assert_uint_eq(a->n_class_counts, b->n_class_counts);
	for (i = 0; i < a->n_class_counts; i++) {
		ck_assert_uint_eq(a->class_counts[i].size,
				  b->class_counts[i].size);
		ck_assert_int_eq(a->class_counts[i].regions,
				 b->class_counts[i].regions);
	}
	ck_assert_int_eq(a->prof_active, b->prof_active);
	ck_assert_int_eq(a->prof_accum, b->prof_accum);
}

static void check_modules(const struct heap_profile *a,
			  const struct heap_profile *b)
{
	size_t i, k;

	ck_assert_uint_eq(a->n_modules, b->n_modules);
	for (i = 0; i < a->n_modules; i++) {
		const struct heap_module *x = &a->modules[i];
		const struct heap_module *y = &b->modules[i];

		ck_assert_str_eq(x->path, y->path);
		ck_assert_pstr_eq(x->build_id, y->build_id);
		ck_assert_int_eq(x->allocator, y->allocator);
		ck_assert_uint_eq(x->n_segments, y->n_segments);
		for (k = 0; k < x->n_segments; k++)
			ck_assert_mem_eq(&x->segments[k], &y->segments[k],
					 sizeof(x->segments[k]));
	}
}

static void check_samples(const struct heap_profile *a,
			  const struct heap_profile *b)
{
	size_t i;

	ck_assert_uint_eq(a->n_samples, b->n_samples);
	for (i = 0; i < a->n_samples; i++) {
		const struct heap_samples *x = &a->samples[i];
		const struct heap_samples *y = &b->samples[i];

		ck_assert_uint_eq(x->stack, y->stack);
		ck_assert_uint_eq(x->n, y->n);
		ck_assert_int_eq(x->median_ms, y->median_ms);
		ck_assert_int_eq(x->oldest_ms, y->oldest_ms);
		ck_assert_uint_eq(x->looked_at, y->looked_at);
		ck_assert_uint_eq(x->of_type, y->of_type);
		ck_assert_pstr_eq(x->type, y->type);
	}
}

static void check_names(const struct heap_profile *a,
			const struct heap_profile *b)
{
	size_t i, k;

	ck_assert_uint_eq(a->n_locations, b->n_locations);
	for (i = 0; i < a->n_locations; i++) {
		ck_assert_uint_eq(a->locations[i].address,
				  b->locations[i].address);
		ck_assert_uint_eq(a->locations[i].n_names,
				  b->locations[i].n_names);
		for (k = 0; k < a->locations[i].n_names; k++) {
			const struct heap_name *x =
				&a->names[a->locations[i].names + k];
			const struct heap_name *y =
				&b->names[b->locations[i].names + k];

			ck_assert_pstr_eq(x->function, y->function);
			ck_assert_pstr_eq(x->file, y->file);
			ck_assert_uint_eq(x->line, y->line);
			ck_assert_int_eq(x->inlined, y->inlined);
		}
	}
}

START_TEST(everything_survives)
{
	struct heap_profile p, q;
	struct stat st;

	make_dir();
	hs_ck_ok(read_text(DUMP, &p));
	fill(&p);
	ck_assert_uint_eq(p.n_modules, 2);
	ck_assert_uint_eq(p.locations[0].n_names, 3);
	hs_ck_ok(heap_snapshot_write(in_dir("a.heap"), DUMP, strlen(DUMP), &p));
	hs_ck_ok(heap_read_file(in_dir("a.heap"), &q));
	ck_assert_str_eq(q.meta.file, in_dir("a.heap"));
	check_meta(&p.meta, &q.meta);
	check_modules(&p, &q);
	check_names(&p, &q);
	check_samples(&p, &q);
	ck_assert_uint_eq(q.n_samples, 1);
	ck_assert_double_eq(p.total.bytes, q.total.bytes);
	ck_assert_uint_eq(p.maps.n, q.maps.n);
	ck_assert_int_eq(stat(in_dir("a.heap"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(files_in_dir(), 1);
	heap_profile_release(&p);
	heap_profile_release(&q);
	remove_dir();
}
END_TEST

/* What is unknown stays so, and has no line. */
START_TEST(nothing_known)
{
	struct strbuf sb = { 0 };
	struct heap_profile p, q;

	hs_ck_ok(read_text(DUMP, &p));
	strbuf_adds(&sb, DUMP);
	heap_snapshot_lines(&sb, &p);
	ck_assert_str_eq(sb.buf + strlen(DUMP),
			 "# heapsnap 1\n"
			 "# heapsnap module 0 - 0 - /srv/my\\x20app\n"
			 "# heapsnap module 1 - 0 - /usr/lib/libc.so.6\n"
			 "# heapsnap end\n");
	hs_ck_ok(read_text(sb.buf, &q));
	check_meta(&p.meta, &q.meta);
	check_modules(&p, &q);
	check_names(&p, &q);
	heap_profile_release(&p);
	heap_profile_release(&q);
	strbuf_release(&sb);
}
END_TEST

START_TEST(lines_are_as_documented)
{
	struct strbuf sb = { 0 };
	struct heap_profile p;

	hs_ck_ok(read_text(DUMP, &p));
	fill(&p);
	p.meta.command_line = NULL;
	heap_snapshot_lines(&sb, &p);
	ck_assert_str_eq(sb.buf,
			 "# heapsnap 1\n"
			 "# heapsnap pid 25861\n"
			 "# heapsnap command redis\\x20server\n"
			 "# heapsnap hostname \\e\n"
			 "# heapsnap taken-at 2026-11-23T06:04:17Z\n"
			 "# heapsnap taken-at-us 1795413857123456\n"
			 "# heapsnap start-time 18446744073709551615\n"
			 "# heapsnap jemalloc-version "
			 "5.3.0-0-g54eaed1d8b56b1aa528be3bdd1877e59c56fa90c\n"
			 "# heapsnap mode \\-\n"
			 "# heapsnap borrowed-tid 0\n"
			 "# heapsnap pause-us 180\n"
			 "# heapsnap dump-us 900000\n"
			 "# heapsnap dump-bytes 36028797018963968\n"
			 "# heapsnap allocated 1\n"
			 "# heapsnap active 2\n"
			 "# heapsnap metadata 3\n"
			 "# heapsnap resident 4\n"
			 "# heapsnap mapped 5\n"
			 "# heapsnap retained 6\n"
			 "# heapsnap rss 7\n"
			 "# heapsnap dirty 8\n"
			 "# heapsnap muzzy 9\n"
			 "# heapsnap dirty-decay-ms 10000\n"
			 "# heapsnap muzzy-decay-ms 0\n"
			 "# heapsnap tcache 10\n"
			 "# heapsnap owned 11\n"
			 "# heapsnap limit-memory-max 21\n"
			 "# heapsnap used-memory-max 22\n"
			 "# heapsnap limit-machine 23\n"
			 "# heapsnap used-machine 0\n"
			 "# heapsnap prof-active 1\n"
			 "# heapsnap prof-accum 0\n"
			 "# heapsnap memory file 3 1048576 4096 0 "
			 "/var/lib/in\\x20dex\n"
			 "# heapsnap memory undecided 1 18014398509481984 0 "
			 "8192 -\n"
			 "# heapsnap class 8 0\n"
			 "# heapsnap class 16384 23\n"
			 "# heapsnap class 18014398509481984 1\n"
			 "# heapsnap samples 0 65536 0 7 64 63 a\\x20b\n"
			 "# heapsnap module 0 0123456789abcdef 0 "
			 "0x5000+0x800@0x6000,0x5800+0x800@0xffffffffffffffff "
			 "/srv/my\\x20app\n"
			 "# heapsnap module 1 - 1 - /usr/lib/libc.so.6\n"
			 "# heapsnap name 0x1010 inner /src/a\\x20b.c 12 1\n"
			 "# heapsnap name 0x1010 operator- - 0 1\n"
			 "# heapsnap name 0x1010 \\- \\- 4294967295 0\n"
			 "# heapsnap name 0x99010 - \\e 1 0\n"
			 "# heapsnap end\n");
	heap_profile_release(&p);
	strbuf_release(&sb);
}
END_TEST

START_TEST(elf_addresses)
{
	struct heap_profile p;
	uint64_t address = 0;

	hs_ck_ok(read_text(DUMP, &p));
	ck_assert(!heap_location_elf_address(&p, &p.locations[0], &address));
	fill(&p);
	/* 0x1010 is at 0x5010 of the file, that is 0x6010. */
	ck_assert(heap_location_elf_address(&p, &p.locations[0], &address));
	ck_assert_uint_eq(address, 0x6010);
	/* Between two segments, and in no module. */
	p.locations[0].offset = 0x6000;
	ck_assert(!heap_location_elf_address(&p, &p.locations[0], &address));
	ck_assert(!heap_location_elf_address(&p, &p.locations[2], &address));
	heap_profile_release(&p);
}
END_TEST

/* A later version 1 may say more; other lines are not ours. */
START_TEST(unknown_keys_are_ignored)
{
	struct heap_profile p;

	hs_ck_ok(read_text(DUMP "# heapsnap 1\n# heapsnap pid 7\n"
				"# heapsnap colour 1 2 3 4 5 6 7 8\n"
				"# heapsnapper\nanything\n# heapsnap end\n"
				"anything\n",
			   &p));
	ck_assert_int_eq(p.meta.pid, 7);
	heap_profile_release(&p);
}
END_TEST

/* The dump of a process whose maps could not be read. */
START_TEST(without_maps)
{
	struct heap_profile p;

	hs_ck_ok(read_text("heap_v2/1\n  t*: 0: 0 [0: 0]\n"
			   "# heapsnap 1\n# heapsnap pid 7\n# heapsnap end\n",
			   &p));
	ck_assert_int_eq(p.meta.pid, 7);
	heap_profile_release(&p);
}
END_TEST

#define BAD(line, what)                                                \
	{                                                              \
		"# heapsnap 1\n# heapsnap " line "\n# heapsnap end\n", \
			"x.heap:11: damaged '# heapsnap' line: " what  \
	}

static const struct {
	const char *lines, *message;
} damaged[] = {
	{ "# heapsnap 1\n# heapsnap pid 7\n",
	  "x.heap:12: file is cut off here, expected '# heapsnap end'" },
	{ "# heapsnap pid 7\n# heapsnap end\n",
	  "x.heap:10: expected '# heapsnap 1' before other '# heapsnap' "
	  "lines" },
	{ "# heapsnap\n",
	  "x.heap:10: expected '# heapsnap 1' before other '# heapsnap' "
	  "lines" },
	{ "# heapsnap 0\n# heapsnap end\n",
	  "x.heap:10: expected '# heapsnap 1' before other '# heapsnap' "
	  "lines" },
	{ "# heapsnap 1\n# heapsnap end\n# heapsnap pid 7\n",
	  "x.heap:12: damaged '# heapsnap' line: it is behind "
	  "'# heapsnap end'" },
	{ "# heapsnap 1\n# heapsnap\n# heapsnap end\n",
	  "x.heap:11: damaged '# heapsnap' line: no key" },
	BAD("pid", "wrong number of words"),
	BAD("pid 7 8", "wrong number of words"),
	BAD("pid x", "not a number"),
	BAD("pid -1", "not a number"),
	BAD("pid 9223372036854775808", "not a number"),
	BAD("pid 36028797018963969", "not a number"),
	BAD("start-time 18446744073709551616", "not a number"),
	BAD("prof-active 2", "neither 0 nor 1"),
	BAD("command a\\", "text is not escaped"),
	BAD("command \\x00", "text is not escaped"),
	BAD("command ", "text is not escaped"),
	BAD("samples 0 1 0 0 0 0", "wrong number of words"),
	BAD("samples x 1 0 0 0 0 -", "not a number"),
	BAD("samples 0 1 -1 0 0 0 -", "not a number"),
	BAD("samples 1 1 0 0 0 0 -", "not the samples of a stack"),
	BAD("samples 0 0 0 0 0 0 -", "not the samples of a stack"),
	BAD("samples 0 65537 0 0 0 0 -", "not the samples of a stack"),
	BAD("samples 0 1 - 0 0 0 -", "not the samples of a stack"),
	BAD("samples 0 1 0 - 0 0 -", "not the samples of a stack"),
	BAD("samples 0 1 2 1 0 0 -", "not the samples of a stack"),
	BAD("samples 0 1 0 36028797018964 0 0 -", "not the samples of a stack"),
	BAD("samples 0 1 0 0 2 0 -", "not the samples of a stack"),
	BAD("samples 0 2 0 0 1 2 a", "not the samples of a stack"),
	BAD("samples 0 1 0 0 1 1 -", "not the samples of a stack"),
	BAD("samples 0 1 0 0 1 0 a", "not the samples of a stack"),
	BAD("samples 0 1 0 0 1 1 a\\", "text is not escaped"),
	{ "# heapsnap 1\n# heapsnap samples 0 1 - - 0 0 -\n"
	  "# heapsnap samples 0 1 - - 0 0 -\n",
	  "x.heap:12: damaged '# heapsnap' line: not the samples of a stack" },
	BAD("module 0 - 0 - /other", "the dump has no such module"),
	BAD("module 2 - 0 - /srv/my\\x20app", "the dump has no such module"),
	BAD("module 0 - 0 - -", "the dump has no such module"),
	BAD("class 8", "wrong number of words"),
	BAD("class 8 1 1", "wrong number of words"),
	BAD("class 0 1", "not a number"),
	BAD("class 8 -1", "not a number"),
	BAD("class 8 9223372036854775807", "not a number"),
	BAD("class 8 4503599627370497", "not a number"),
	{ "# heapsnap 1\n# heapsnap class 8 4503599627370495\n"
	  "# heapsnap class 16 1\n",
	  "x.heap:12: damaged '# heapsnap' line: not a number" },
	BAD("memory other 1 36028797018963969 0 0 -", "not a number"),
	BAD("memory other 1 36028797018963968 0 0 -",
	    "more memory than a process can have"),
	{ "# heapsnap 1\n# heapsnap memory other 1 4096 4096 0 -\n"
	  "# heapsnap memory-pss 36028797018963967\n",
	  "x.heap:12: damaged '# heapsnap' line: more memory than a process "
	  "can have" },
	{ "# heapsnap 1\n# heapsnap class 16 1\n# heapsnap class 16 1\n",
	  "x.heap:12: damaged '# heapsnap' line: size classes must ascend" },
	BAD("module 0 - 0 -", "wrong number of words"),
	BAD("module 0 XY 0 - /srv/my\\x20app", "not a module"),
	BAD("module 0 - 2 - /srv/my\\x20app", "not a module"),
	BAD("module 0 - 0 0x1+0x2 /srv/my\\x20app", "not a list of segments"),
	BAD("module 0 - 0 0x1+0x2@0x3, /srv/my\\x20app",
	    "not a list of segments"),
	BAD("module 0 - 0 0x1@0x2+0x3 /srv/my\\x20app",
	    "not a list of segments"),
	BAD("module 0 - 0 1+2@3 /srv/my\\x20app", "not a list of segments"),
	BAD("other-code 0x1011", "no stack has this address"),
	BAD("other-code", "wrong number of words"),
	BAD("name 0x1011 f - 0 0", "no stack has this address"),
	BAD("name 1010 f - 0 0", "no stack has this address"),
	BAD("name 0x1010 f - 0 2", "not a name"),
	BAD("name 0x1010 f - 4294967296 0", "not a name"),
	BAD("name 0x1010 f - 0", "wrong number of words"),
	{ "# heapsnap 1\n# heapsnap name 0x1010 f - 0 0\n"
	  "# heapsnap name 0x2010 g - 0 0\n# heapsnap name 0x1010 h - 0 0\n",
	  "x.heap:13: damaged '# heapsnap' line: names of one address must "
	  "follow each other" },
};

START_TEST(what_is_damaged)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(damaged); i++) {
		struct strbuf sb = { 0 };
		struct heap_profile p;

		strbuf_adds(&sb, DUMP);
		strbuf_adds(&sb, damaged[i].lines);
		hs_ck_err(read_text(sb.buf, &p), HS_ERROR_INPUT,
			  damaged[i].message);
		strbuf_release(&sb);
	}
}
END_TEST

START_TEST(newer_format_is_refused)
{
	struct heap_profile p;

	hs_ck_err_hint(read_text(DUMP "# heapsnap 2\n# heapsnap end\n", &p),
		       HS_ERROR_INPUT,
		       "x.heap:10: snapshot format 2 is newer than this "
		       "heapsnap, which reads format 1",
		       "use the heapsnap that wrote it, or a newer one");
}
END_TEST

/* Cut off anywhere behind the maps, a snapshot is an error, except before its
 * first line, where it is a plain dump. */
START_TEST(cut_off_anywhere)
{
	struct strbuf sb = { 0 };
	struct heap_profile p, q;
	size_t cut;

	hs_ck_ok(read_text(DUMP, &p));
	fill(&p);
	strbuf_adds(&sb, DUMP);
	heap_snapshot_lines(&sb, &p);
	for (cut = strlen(DUMP) + 1; cut < sb.len; cut++) {
		struct hs_error *err = heap_read(sb.buf, cut, "x", &q);

		ck_assert_ptr_nonnull(err);
		ck_assert_ptr_nonnull(
			strstr(hs_error_message(err), "file is cut off"));
		hs_error_free(err);
	}
	heap_profile_release(&p);
	strbuf_release(&sb);
}
END_TEST

/* Of "<program> <path>". */
static char *output_of(const char *program, const char *path, size_t *len)
{
	char command[256], *text = malloc(1 << 20);
	FILE *f;

	snprintf(command, sizeof(command), "%s %s 2>/dev/null", program, path);
	f = popen(command, "r");
	*len = fread(text, 1, 1 << 20, f);
	ck_assert_int_eq(pclose(f), 0);
	return text;
}

START_TEST(jeprof_sees_the_dump_alone)
{
	static const char dump[] = "tests/data/jemalloc-5.3.0-sampled.heap";
	static const char jeprof[] = "jeprof --text --show_bytes /bin/true";
	size_t len, n, m;
	char *text, *want, *got;
	struct heap_profile p;

	make_dir();
	text = output_of("cat", dump, &len);
	hs_ck_ok(heap_read(text, len, "x", &p));
	fill_meta(&p.meta);
	hs_ck_ok(heap_snapshot_write(in_dir("a.heap"), text, len, &p));
	want = output_of(jeprof, dump, &n);
	got = output_of(jeprof, in_dir("a.heap"), &m);
	ck_assert_uint_gt(n, 100);
	ck_assert_uint_eq(n, m);
	ck_assert_mem_eq(want, got, n);
	heap_profile_release(&p);
	free(text);
	free(want);
	free(got);
	remove_dir();
}
END_TEST

static struct hs_error *write_dump(const char *path, size_t len)
{
	char *text = calloc(1, len);
	struct heap_profile p;
	struct hs_error *err;

	text[len - 1] = '\n';
	heap_profile_init(&p);
	err = heap_snapshot_write(path, text, len, &p);
	heap_profile_release(&p);
	free(text);
	return err;
}

START_TEST(replaces_a_file)
{
	struct stat st;

	make_dir();
	hs_ck_ok(write_dump(in_dir("a.heap"), 1000));
	hs_ck_ok(write_dump(in_dir("a.heap"), 10));
	ck_assert_int_eq(stat(in_dir("a.heap"), &st), 0);
	ck_assert_int_eq(st.st_size, 10 + 13 + 15);
	ck_assert_uint_eq(files_in_dir(), 1);
	remove_dir();
}
END_TEST

START_TEST(nothing_else_is_replaced)
{
	char message[256];
	struct stat st;

	make_dir();
	ck_assert_int_eq(symlink("elsewhere", in_dir("link")), 0);
	snprintf(message, sizeof(message),
		 "cannot write '%s': not a regular file", in_dir("link"));
	hs_ck_err(write_dump(in_dir("link"), 10), HS_ERROR_SYSTEM, message);
	ck_assert_int_eq(lstat(in_dir("link"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	hs_ck_err(write_dump("/dev/null", 10), HS_ERROR_SYSTEM,
		  "cannot write '/dev/null': not a regular file");
	remove_dir();
}
END_TEST

START_TEST(no_folder)
{
	hs_ck_err_hint(write_dump("/nonexistent/a.heap", 10), HS_ERROR_SYSTEM,
		       "cannot write '/nonexistent/a.heap': No such file or "
		       "directory",
		       "its folder must exist");
}
END_TEST

/* The disk is full half-way: played by the limit on file sizes. */
START_TEST(failure_leaves_nothing_behind)
{
	struct rlimit limit, small;
	struct hs_error *err;
	char message[256];

	make_dir();
	hs_ck_ok(write_dump(in_dir("a.heap"), 10));
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 100;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	snprintf(message, sizeof(message), "cannot write '%s': File too large",
		 in_dir("a.heap"));
	err = write_dump(in_dir("a.heap"), 1000);
	/* Check itself writes to a file. */
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	hs_ck_err_hint(err, HS_ERROR_SYSTEM, message,
		       "the limit on file sizes is too small: ulimit -f");
	ck_assert_uint_eq(files_in_dir(), 1);
	remove_dir();
}
END_TEST

int main(void)
{
	return hs_check_run("heap/format/snapshot", everything_survives,
			    nothing_known, lines_are_as_documented,
			    elf_addresses, unknown_keys_are_ignored,
			    without_maps, what_is_damaged,
			    newer_format_is_refused, cut_off_anywhere,
			    jeprof_sees_the_dump_alone, replaces_a_file,
			    nothing_else_is_replaced, no_folder,
			    failure_leaves_nothing_behind);
}
