/*
 * Proves where names are taken from: debug files are found in all the folders
 * they may be, but only used when build-id or checksum prove that they belong;
 * a file that is another build is refused; stripped functions have no name,
 * never a neighbour's; the C library's lines come from the debug file that
 * Debian has for it; and that damaged debug information does no harm.
 */
#include "symbol/symbolizer.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "tests/unit/symbol_check.h"

/* A program without debug information in folder/bin/, what was taken out of it
 * in folder/full.debug, and an address in its chain_run(). */
struct fixture {
	char *folder, *program, *build_id;
	uint64_t chain_run;
};

static char *path_in(const struct fixture *f, const char *name)
{
	char *path;

	ck_assert_int_ge(asprintf(&path, "%s/%s", f->folder, name), 0);
	return path;
}

static struct fixture build_fixture(const char *flags)
{
	struct fixture f = { .folder = make_folder() };
	struct elf_file *file;
	char *path;

	run("cd '%s' && mkdir bin && cp \"$OLDPWD\"/" SOURCES "* . && "
	    "gcc -O1 -g -include chain.h %s -o bin/prog chain.c far.c nothing.c main.c && "
	    "cp bin/prog full && objcopy --only-keep-debug full full.debug",
	    f.folder, flags);
	path = path_in(&f, "full");
	file = open_elf(path);
	f.chain_run = address_of(file, "chain_run") + 1;
	if (file->build_id)
		f.build_id = strdup(file->build_id);
	elf_file_close(file);
	free(path);
	run("strip '%s/bin/prog'", f.folder);
	f.program = path_in(&f, "bin/prog");
	return f;
}

static void remove_fixture(struct fixture *f)
{
	free(f->build_id);
	free(f->program);
	remove_folder(f->folder);
}

/* What the symbolizer says of chain_run(): "chain_run chain.c", "?" for
 * nothing; ret: 100 bytes. */
static void ask(const struct fixture *f, const char *debug_dir, char *ret)
{
	const char *dirs[] = { "/nonexistent", debug_dir };
	struct symbolizer_options options = {
		.debug_paths = {
			.debug_dirs = dirs,
			.n_debug_dirs = debug_dir ? 2 : 1,
		},
	};
	struct symbol_frames frames;
	struct symbol_module *m;
	struct symbolizer *s;

	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(
		symbolizer_add(s, open_file(f->program), f->program, NULL, &m));
	frames = frames_at(s, m, f->chain_run);
	snprintf(ret, 100, "?");
	if (frames.n) {
		const struct symbol_frame *last = &frames.items[frames.n - 1];
		const char *slash = last->file ? strrchr(last->file, '/')
					       : NULL;

		snprintf(ret, 100, "%s %s",
			 last->function ? last->function : "?",
			 slash ? slash + 1 : "?");
	}
	symbolizer_destroy(s);
}

/* Puts the debug file at @place (in the folder), asks, and takes it away. */
static void check_place(const struct fixture *f, const char *source,
			const char *place, const char *debug_dir,
			const char *want)
{
	char *dir = debug_dir ? path_in(f, debug_dir) : NULL;
	char have[100];

	run("cd '%s' && mkdir -p \"$(dirname '%s')\" && cp %s '%s'", f->folder,
	    place, source, place);
	ask(f, dir, have);
	ck_assert_msg(!strcmp(have, want), "%s: %s", place, have);
	run("cd '%s' && rm '%s'", f->folder, place);
	free(dir);
}

START_TEST(no_debug_file)
{
	struct fixture f = build_fixture("");
	char have[100];

	ask(&f, NULL, have);
	ck_assert_str_eq(have, "?");
	remove_fixture(&f);
}
END_TEST

START_TEST(debug_directories)
{
	static const char found[] = "chain_run chain.c";
	struct fixture f = build_fixture("");
	char place[300];

	snprintf(place, sizeof(place), "d/.build-id/%.2s/%s.debug", f.build_id,
		 f.build_id + 2);
	check_place(&f, "full.debug", place, "d", found);
	snprintf(place, sizeof(place), "d/%s.debug", f.program);
	check_place(&f, "full.debug", place, "d", found);
	snprintf(place, sizeof(place), "d/%s", f.program);
	check_place(&f, "full", place, "d", found);
	check_place(&f, "full.debug", "d/prog.debug", "d", found);
	check_place(&f, "full", "d/prog", "d", found);
	check_place(&f, "full.debug", "d/other.debug", "d", "?");
	remove_fixture(&f);
}
END_TEST

START_TEST(debug_link)
{
	static const char found[] = "chain_run chain.c";
	struct fixture f = build_fixture("");

	run("cd '%s' && objcopy --add-gnu-debuglink=full.debug bin/prog",
	    f.folder);
	check_place(&f, "full.debug", "bin/full.debug", NULL, found);
	check_place(&f, "full.debug", "bin/.debug/full.debug", NULL, found);
	check_place(&f, "full.debug", "d/full.debug", "d", found);
	remove_fixture(&f);
}
END_TEST

START_TEST(another_build_is_not_used)
{
	struct fixture f = build_fixture("");
	char place[300];

	run("cd '%s' && gcc -O1 -g -include chain.h -Wl,--build-id=0x12345678 -o other "
	    "chain.c far.c nothing.c main.c && "
	    "objcopy --add-gnu-debuglink=full.debug bin/prog",
	    f.folder);
	snprintf(place, sizeof(place), "d/.build-id/%.2s/%s.debug", f.build_id,
		 f.build_id + 2);
	check_place(&f, "other", place, "d", "?");
	check_place(&f, "other", "d/prog.debug", "d", "?");
	check_place(&f, "other", "bin/full.debug", NULL, "?");
	check_place(&f, "/etc/passwd", "bin/full.debug", NULL, "?");
	remove_fixture(&f);
}
END_TEST

START_TEST(checksum_without_build_id)
{
	static const char found[] = "chain_run chain.c";
	struct fixture f = build_fixture("-Wl,--build-id=none");

	ck_assert_ptr_null(f.build_id);
	check_place(&f, "full.debug", "d/prog.debug", "d", "?");
	run("cd '%s' && objcopy --add-gnu-debuglink=full.debug bin/prog && "
	    "cp full.debug changed && printf x >>changed",
	    f.folder);
	check_place(&f, "full.debug", "bin/full.debug", NULL, found);
	check_place(&f, "full.debug", "d/full.debug", "d", found);
	check_place(&f, "changed", "bin/full.debug", NULL, "?");
	remove_fixture(&f);
}
END_TEST

/* A FIFO would keep us waiting for ever. */
START_TEST(debug_link_to_a_fifo)
{
	struct fixture f = build_fixture("");
	char *path = path_in(&f, "bin/full.debug"), have[100];

	run("cd '%s' && objcopy --add-gnu-debuglink=full.debug bin/prog",
	    f.folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ask(&f, NULL, have);
	ck_assert_str_eq(have, "?");
	free(path);
	remove_fixture(&f);
}
END_TEST

START_TEST(build_id_of_the_mapping)
{
	struct fixture f = build_fixture("-Wl,--build-id=0xABcd1234");
	struct fixture none = build_fixture("-Wl,--build-id=none");
	struct symbolizer_options options = { 0 };
	struct symbol_module *m;
	struct symbolizer *s;

	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(f.program), "a", "abcd1234", &m));
	ck_assert_str_eq(symbol_module_elf(m)->build_id, "abcd1234");
	hs_ck_err(symbolizer_add(s, open_file(f.program), "/bin/a", "abcd1235",
				 &m),
		  HS_ERROR_NOT_FOUND,
		  "names of '/bin/a' are missing: the file on disk is another "
		  "build (build-id abcd1234, not abcd1235)");
	hs_ck_err(symbolizer_add(s, open_file(none.program), "/bin/a",
				 "abcd1234", &m),
		  HS_ERROR_NOT_FOUND,
		  "names of '/bin/a' are missing: the file on disk is another "
		  "build (no build-id, not abcd1234)");
	hs_ck_err(symbolizer_add(s, open_file("/dev/null"), "/bin/a", NULL, &m),
		  HS_ERROR_INPUT, "'/bin/a' is not an ELF file");
	symbolizer_destroy(s);
	symbolizer_destroy(NULL);
	remove_fixture(&none);
	remove_fixture(&f);
}
END_TEST

/* Number of the first line of chain.c that has @text. */
static unsigned int line_of(const char *text)
{
	FILE *in = fopen(SOURCES "chain.c", "r");
	unsigned int number = 0;
	char line[200];

	ck_assert_ptr_nonnull(in);
	while (fgets(line, sizeof(line), in)) {
		number++;
		if (strstr(line, text)) {
			fclose(in);
			return number;
		}
	}
	ck_abort_msg("no '%s'", text);
	return 0;
}

/* The chain malloc <- leaf <- middle <- chain_twice: with no_inlines there is
 * chain_twice alone, at the line where middle is called. */
START_TEST(no_inlines)
{
	struct symbolizer_options options = { .no_inlines = true };
	struct fixture f = build_fixture("");
	char *full = path_in(&f, "full");
	unsigned int head = line_of("char *chain_twice"), calls = head + 2;
	size_t i, at_calls = 0;
	struct symbol_module *m;
	struct elf_symbol twice;
	struct symbolizer *s;

	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(full), full, NULL, &m));
	ck_assert(elf_file_find_symbol(symbol_module_elf(m), "chain_twice",
				       &twice));
	for (i = 0; i < twice.size; i++) {
		struct symbol_frames r = frames_at(s, m, twice.address + i);

		ck_assert_uint_eq(r.n, 1);
		ck_assert_str_eq(r.items[0].function, "chain_twice");
		ck_assert(!r.items[0].inlined);
		ck_assert_uint_ge(r.items[0].line, head);
		ck_assert_uint_le(r.items[0].line, head + 7);
		at_calls += r.items[0].line == calls ||
			    r.items[0].line == calls + 1;
	}
	ck_assert_uint_ge(at_calls, twice.size / 2);
	symbolizer_destroy(s);
	free(full);
	remove_fixture(&f);
}
END_TEST

/* What ld leaves of a discarded function begins at address 0. */
START_TEST(discarded_functions)
{
	struct symbolizer_options options = { 0 };
	char *folder = make_folder(), *path;
	struct symbol_frames frames;
	struct symbol_module *m;
	struct symbolizer *s;
	uint64_t alive;

	run("gcc -O1 -g -ffunction-sections -Wl,--gc-sections "
	    "-Wl,-z,noseparate-code -o '%s/prog' " SOURCES "dead.c",
	    folder);
	ck_assert_int_ge(asprintf(&path, "%s/prog", folder), 0);
	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(path), path, NULL, &m));
	alive = address_of(symbol_module_elf(m), "alive");
	ck_assert_uint_lt(alive, 8192); /* in what is left of dead() */
	frames = frames_at(s, m, alive);
	ck_assert_uint_eq(frames.n, 1);
	ck_assert_str_eq(frames.items[0].function, "alive");
	/* Has no DWARF itself. */
	frames = frames_at(s, m, address_of(symbol_module_elf(m), "_start"));
	ck_assert_uint_eq(frames.n, 1);
	ck_assert_str_eq(frames.items[0].function, "_start");
	ck_assert_ptr_null(frames.items[0].file);
	symbolizer_destroy(s);
	free(path);
	remove_folder(folder);
}
END_TEST

START_TEST(data_has_no_name)
{
	struct symbolizer_options options = { 0 };
	struct fixture f = build_fixture("");
	char *full = path_in(&f, "full");
	struct symbol_frames frames;
	struct symbol_module *m;
	struct symbolizer *s;

	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(full), full, NULL, &m));
	hs_ck_ok(symbolizer_lookup(s, m, 0, &frames));
	ck_assert_uint_eq(frames.n, 0);
	hs_ck_ok(symbolizer_lookup(s, m, UINT64_MAX, &frames));
	ck_assert_uint_eq(frames.n, 0);
	symbolizer_destroy(s);
	free(full);
	remove_fixture(&f);
}
END_TEST

/* --- libraries of the system ------------------------------------------------
 */

struct cover {
	uint64_t address;
	const char *name;
	bool covered;
};

static bool check_cover(const struct elf_symbol *symbol, void *arg)
{
	struct cover *cover = arg;

	if (!strcmp(symbol->name, cover->name) &&
	    cover->address >= symbol->address &&
	    cover->address - symbol->address < symbol->size)
		cover->covered = true;
	return !cover->covered;
}

static char *library_path(const char *name)
{
	void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
	struct link_map *map;

	if (!library)
		return NULL;
	ck_assert_int_eq(dlinfo(library, RTLD_DI_LINKMAP, &map), 0);
	return strdup(map->l_name);
}

/* Debian's libjemalloc is stripped: of its code only the public functions have
 * names. jeprof shows all of the rest as the public symbol before it. */
START_TEST(stripped_library)
{
	struct symbolizer_options options = { 0 };
	char *path = library_path("libjemalloc.so.2");
	size_t named = 0, unnamed = 0, i;
	struct symbol_module *m;
	struct symbolizer *s;

	if (!path)
		return;
	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(path), path, NULL, &m));
	for (i = 0; i < symbol_module_elf(m)->n_segments; i++) {
		const struct elf_segment *seg =
			&symbol_module_elf(m)->segments[i];
		uint64_t at = seg->address;

		for (; seg->exec && at < seg->address + seg->file_size;
		     at += 64) {
			struct symbol_frames r = frames_at(s, m, at);
			struct cover cover = { .address = at };

			if (!r.n) {
				unnamed++;
				continue;
			}
			named++;
			cover.name = r.items[0].function;
			ck_assert_ptr_nonnull(cover.name);
			hs_ck_ok(elf_file_each_symbol(symbol_module_elf(m),
						      check_cover, &cover));
			ck_assert_msg(cover.covered, "0x%lx is not %s",
				      (unsigned long)at, cover.name);
		}
	}
	printf("# %zu addresses named, %zu not\n", named, unnamed);
	ck_assert_uint_ge(named, 50);
	ck_assert_uint_ge(unnamed, 1000);
	symbolizer_destroy(s);
	free(path);
}
END_TEST

/* With Debian's libc6-dbg: found by build-id below /usr/lib/debug. */
START_TEST(c_library_lines)
{
	struct symbolizer_options options = { 0 };
	char *path = library_path("libc.so.6"), *debug;
	const struct elf_file *elf;
	struct symbol_frames frames;
	struct symbol_module *m;
	struct symbolizer *s;

	ck_assert_ptr_nonnull(path);
	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(path), path, NULL, &m));
	elf = symbol_module_elf(m);
	frames = frames_at(s, m, address_of(elf, "qsort") + 1);
	ck_assert_uint_ge(frames.n, 1);
	ck_assert_str_eq(frames.items[frames.n - 1].function, "qsort");
	ck_assert_int_ge(asprintf(&debug,
				  "/usr/lib/debug/.build-id/%.2s/%s.debug",
				  elf->build_id, elf->build_id + 2),
			 0);
	if (!access(debug, R_OK)) {
		frames = frames_at(s, m, address_of(elf, "malloc") + 8);
		ck_assert_uint_ge(frames.n, 1);
		ck_assert_str_eq(frames.items[frames.n - 1].function, "malloc");
		ck_assert_str_eq(strrchr(frames.items[0].file, '/'),
				 "/malloc.c");
		ck_assert_uint_ge(frames.items[0].line, 3000);
	}
	symbolizer_destroy(s);
	free(debug);
	free(path);
}
END_TEST

/* --- damage -----------------------------------------------------------------
 */

static const char *const damaged_sections[] = {
	".debug_info",	   ".debug_abbrev", ".debug_line",
	".debug_rnglists", ".debug_str",
};

enum {
	N_DAMAGED = sizeof(damaged_sections) / sizeof(damaged_sections[0]),
};

struct image {
	unsigned char *bytes;
	size_t len;
	size_t start, size; /* of the section to damage */
	struct elf_symbol chain_run;
};

static struct image read_image(const char *path, const char *section)
{
	struct elf_file *file = open_elf(path);
	struct image image = { 0 };
	const unsigned char *data, *found;
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	image.len = (size_t)st.st_size;
	image.bytes = malloc(image.len);
	ck_assert_ptr_nonnull(image.bytes);
	ck_assert_int_eq(pread(file->fd, image.bytes, image.len, 0),
			 st.st_size);
	ck_assert(elf_file_section(file, section, (const void **)&data,
				   &image.size));
	found = memmem(image.bytes, image.len, data, image.size);
	ck_assert_ptr_nonnull(found);
	image.start = (size_t)(found - image.bytes);
	ck_assert(elf_file_find_symbol(file, "chain_run", &image.chain_run));
	image.chain_run.name = "chain_run";
	elf_file_close(file);
	return image;
}

static void look_up_all(const struct image *image)
{
	int fd = memfd_create("damaged", MFD_CLOEXEC);
	struct symbolizer_options options = { 0 };
	struct symbol_module *m;
	struct symbolizer *s;
	size_t i;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, image->bytes, image->len),
			 (ssize_t)image->len);
	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, fd, "damaged", NULL, &m));
	for (i = 0; i < image->chain_run.size; i++) {
		struct symbol_frames r =
			frames_at(s, m, image->chain_run.address + i);

		/* The symbol table is whole. */
		ck_assert_uint_ge(r.n, 1);
		ck_assert_str_eq(r.items[r.n - 1].function, "chain_run");
	}
	symbolizer_destroy(s);
}

/* Lines and inlined calls may get lost, nothing else. */
START_TEST(damaged_debug_information)
{
	struct fixture f = build_fixture("-gdwarf-5");
	char *full = path_in(&f, "full");
	struct image image = read_image(full, damaged_sections[_i]);
	unsigned char *whole = malloc(image.len);
	uint32_t random = 1;
	size_t i, j;

	ck_assert_ptr_nonnull(whole);
	memcpy(whole, image.bytes, image.len);
	look_up_all(&image);
	for (i = 0; i < 200; i++) {
		for (j = 0; j <= i % 8; j++) {
			random = random * 1103515245 + 12345;
			image.bytes[image.start + (random >> 4) % image.size] =
				(unsigned char)(random >> 24);
		}
		look_up_all(&image);
		memcpy(image.bytes, whole, image.len);
	}
	free(whole);
	free(image.bytes);
	free(full);
	remove_fixture(&f);
}
END_TEST

/* dwz(1) moves what two files share to a third one. */
START_TEST(shared_debug_information)
{
	static const char found[] = "chain_run chain.c";
	struct fixture f = build_fixture("");
	char *full = path_in(&f, "full");
	struct elf_file *file;

	run("cd '%s' && cp full other && dwz -m common.debug full other && "
	    "objcopy --only-keep-debug full full.debug && "
	    "objcopy --add-gnu-debuglink=full.debug bin/prog",
	    f.folder);
	file = open_elf(full);
	ck_assert(elf_file_section(file, ".gnu_debugaltlink", NULL, NULL));
	elf_file_close(file);
	run("cp '%s'/common.debug '%s'/bin", f.folder, f.folder);
	check_place(&f, "full.debug", "bin/full.debug", NULL, found);
	free(full);
	remove_fixture(&f);
}
END_TEST

/* A stripped program with its symbols, compressed, in .gnu_debugdata. */
START_TEST(compressed_symbols)
{
	struct fixture f = build_fixture("");
	char have[100];

	run("cd '%s' && objcopy --only-keep-debug full mini && "
	    "strip -g mini && xz -k mini && "
	    "objcopy --add-section .gnu_debugdata=mini.xz bin/prog",
	    f.folder);
	ask(&f, NULL, have);
	ck_assert_str_eq(have, "chain_run ?");
	run("cd '%s' && objcopy -R .gnu_debugdata bin/prog && "
	    "head -c 200 mini.xz >cut.xz && "
	    "objcopy --add-section .gnu_debugdata=cut.xz bin/prog",
	    f.folder);
	ask(&f, NULL, have);
	ck_assert_str_eq(have, "?");
	remove_fixture(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/symbolizer");
	TCase *tcase = tcase_create("files");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, no_debug_file);
	tcase_add_test(tcase, debug_directories);
	tcase_add_test(tcase, debug_link);
	tcase_add_test(tcase, another_build_is_not_used);
	tcase_add_test(tcase, checksum_without_build_id);
	tcase_add_test(tcase, debug_link_to_a_fifo);
	tcase_add_test(tcase, shared_debug_information);
	tcase_add_test(tcase, compressed_symbols);
	tcase_add_test(tcase, build_id_of_the_mapping);
	tcase_add_test(tcase, no_inlines);
	tcase_add_test(tcase, discarded_functions);
	tcase_add_test(tcase, data_has_no_name);
	tcase_add_test(tcase, stripped_library);
	tcase_add_test(tcase, c_library_lines);
	tcase_add_loop_test(tcase, damaged_debug_information, 0, N_DAMAGED);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
