/*
 * Proves that functions, files, lines and whole chains of inlined calls are
 * those that llvm-symbolizer gives, for programs as gcc and clang build them
 * at -O0 and -O2, with DWARF 4 and 5, -g1, split, compressed and type-unit
 * DWARF, link-time optimisation and thrown-away sections. addr2line is asked
 * as well.
 *
 * Where we differ from llvm-symbolizer, on purpose:
 * - pieces and copies of functions ("f.cold", "f.constprop.0") are shown as
 *   the function they are of;
 * - of several names of one address we take the most public, or the one whose
 *   lines these are, and llvm-symbolizer another (C1 and C2 constructors);
 * - gcc gives functions in anonymous namespaces no linkage name:
 *   llvm-symbolizer shows their last name, we the scopes as well;
 * - gcc's link-time optimisation makes symbols in .debug_info, whose values
 *   llvm-symbolizer takes for code addresses;
 * - llvm-symbolizer 14 misses inlined calls in .dwo files whose range lists
 *   count from the unit's start: there it gets the same program with plain
 *   DWARF, which has the same code.
 * addr2line (binutils 2.40) reads no .dwo files and gets plain DWARF, too. It
 * misses some rows and some inlined calls (2.44 more of clang 19's, 2.35 more
 * of all), so 95% of the lines that it gives have to be in the chain, in its
 * order; 80% of those of 2.35, which Debian 11 has.
 */
#include "symbol/symbolizer.h"

#include <gnu/libc-version.h>

#include "symbol/elf_symbols.h"
#include "symbol/symtab.h"
#include "tests/unit/symbol_check.h"

#define C_SOURCES "chain.c far.c main.c nothing.c"
#define CXX_SOURCES "chain.c far.c main.c shapes.cc"

struct build {
	const char *name;
	const char *compiler; /* of C; its C++ twin links */
	const char *sources;
	const char *flags, *link;
	const char *plain; /* flags for what the oracles get; NULL: the same */
};

static const struct build builds[] = {
	{ "gcc-c-O0", "gcc", C_SOURCES, "-O0 -g", "", NULL },
	{ "gcc-c-O2", "gcc", C_SOURCES, "-O2 -g", "", NULL },
	{ "gcc-O0", "gcc", CXX_SOURCES, "-O0 -g", "", NULL },
	{ "gcc-O2", "gcc", CXX_SOURCES, "-O2 -g", "", NULL },
	{ "gcc-O0-dwarf4", "gcc", CXX_SOURCES, "-O0 -gdwarf-4", "", NULL },
	{ "gcc-O2-dwarf4", "gcc", CXX_SOURCES, "-O2 -gdwarf-4", "", NULL },
	{ "gcc-g1", "gcc", CXX_SOURCES, "-O2 -g1", "", NULL },
	{ "gcc-lto", "gcc", CXX_SOURCES, "-O2 -g -flto", "", NULL },
	{ "gcc-sections", "gcc", CXX_SOURCES, "-O2 -g -ffunction-sections",
	  "-Wl,--gc-sections", NULL },
	{ "gcc-split", "gcc", CXX_SOURCES, "-O2 -g -gsplit-dwarf", "",
	  "-O2 -g" },
	{ "gcc-split4", "gcc", CXX_SOURCES, "-O2 -gdwarf-4 -gsplit-dwarf", "",
	  "-O2 -gdwarf-4" },
	{ "gcc-types", "gcc", CXX_SOURCES, "-O2 -g -fdebug-types-section", "",
	  NULL },
	{ "gcc-no-pie", "gcc", CXX_SOURCES, "-O2 -g -fno-pie", "-no-pie",
	  NULL },
	{ "gcc-compressed", "gcc", CXX_SOURCES, "-O2 -g -gz", "-gz", NULL },
	{ "clang-c-O2", "clang", C_SOURCES, "-O2 -g", "", NULL },
	{ "clang-O0", "clang", CXX_SOURCES, "-O0 -g", "", NULL },
	{ "clang-O2", "clang", CXX_SOURCES, "-O2 -g", "", NULL },
	{ "clang-O2-dwarf4", "clang", CXX_SOURCES, "-O2 -gdwarf-4", "", NULL },
	{ "clang-g1", "clang", CXX_SOURCES, "-O2 -g1", "", NULL },
	{ "clang-sections", "clang", CXX_SOURCES, "-O2 -g -ffunction-sections",
	  "-Wl,--gc-sections", NULL },
	{ "clang-split", "clang", CXX_SOURCES, "-O2 -g -gsplit-dwarf", "",
	  "-O2 -g" },
};

enum {
	N_BUILDS = sizeof(builds) / sizeof(builds[0]),
	BYTES_BETWEEN = 3, /* of the addresses asked for */
	ADDRESSES_MIN = 150,
};

/* In the folder itself, so that .dwo files are there. */
static void build_program(const struct build *b, const char *flags,
			  const char *folder, const char *output)
{
	run("cd '%s' && X=$(echo %s | sed 's/gcc/g++/;s/clang/clang++/') && "
	    "for s in %s; do c=%s; case $s in *.cc) c=$X;; esac; "
	    "$c -include chain.h %s -c $s -o $s.o || exit 1; done && "
	    "$X %s %s *.o -o %s",
	    folder, b->compiler, b->sources, b->compiler, flags, flags, b->link,
	    output);
}

/* --- the addresses ----------------------------------------------------------
 */

struct addresses {
	FILE *out;
	size_t n;
};

/* Start files of the C library have no lines: there llvm-symbolizer shows the
 * name of the object file. */
static bool is_start_code(const char *name)
{
	static const char *const names[] = { "_start", "_init", "_fini" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static bool write_addresses(const struct elf_symbol *symbol, void *arg)
{
	struct addresses *a = arg;
	uint64_t at;

	if (!symbol->function || !symbol->code || is_start_code(symbol->name))
		return true;
	for (at = 0; at < symbol->size; at += BYTES_BETWEEN) {
		fprintf(a->out, "0x%lx\n", (unsigned long)symbol->address + at);
		a->n++;
	}
	return true;
}

static void choose_addresses(const struct elf_file *elf, const char *folder)
{
	struct addresses a = { 0 };
	char *path;

	ck_assert_int_ge(asprintf(&path, "%s/addresses", folder), 0);
	a.out = fopen(path, "w");
	ck_assert_ptr_nonnull(a.out);
	hs_ck_ok(elf_file_each_symbol(elf, write_addresses, &a));
	ck_assert_int_eq(fclose(a.out), 0);
	ck_assert_uint_ge(a.n, ADDRESSES_MIN);
	free(path);
}

/* --- llvm-symbolizer --------------------------------------------------------
 */

/* Both names are of one address. */
struct alias_check {
	const char *ours, *theirs;
	uint64_t our_address, their_address;
	bool theirs_is_code;
};

static bool check_alias(const struct elf_symbol *symbol, void *arg)
{
	struct alias_check *check = arg;
	size_t len = symbol_base_length(symbol->name);

	if (strlen(check->ours) == len &&
	    !memcmp(check->ours, symbol->name, len))
		check->our_address = symbol->address;
	if (!strcmp(check->theirs, symbol->name)) {
		check->their_address = symbol->address;
		check->theirs_is_code |= symbol->code;
	}
	return true;
}

static bool same_function(const struct elf_file *elf, const char *ours,
			  const char *theirs, bool inlined)
{
	struct alias_check check = { .ours = ours, .theirs = theirs };
	size_t len = strlen(theirs), n = strlen(ours);

	if (!strcmp(ours, theirs))
		return true;
	if (n > len + 2 && !strcmp(ours + n - len, theirs) &&
	    !memcmp(ours + n - len - 2, "::", 2))
		return true;
	if (inlined)
		return false;
	if (symbol_base_length(theirs) == n && !memcmp(ours, theirs, n))
		return true;
	hs_ck_ok(elf_file_each_symbol(elf, check_alias, &check));
	return check.our_address == check.their_address ||
	       !check.theirs_is_code;
}

/* @function and @place ("/a/b.c:12:3"; "??" is not known) are theirs of frame
 * @i. */
static void compare_frame(const struct elf_file *elf, uint64_t address,
			  const struct symbol_frames *ours, size_t i,
			  const char *function, char *place)
{
	const struct symbol_frame *f = &ours->items[i];
	char *column = strrchr(place, ':'), *line;

	ck_assert_ptr_nonnull(column);
	*column = '\0';
	line = strrchr(place, ':');
	ck_assert_ptr_nonnull(line);
	*line++ = '\0';
	if (!strcmp(place, "??"))
		*place = '\0';
	ck_assert_ptr_nonnull(f->function);
	ck_assert_int_eq(f->inlined, i + 1 < ours->n);
	if (!same_function(elf, f->function, function, f->inlined) ||
	    strcmp(f->file ? f->file : "", place) ||
	    f->line != strtoul(line, NULL, 10))
		ck_abort_msg("0x%lx, frame %zu: %s %s:%u, not %s %s:%s",
			     (unsigned long)address, i, f->function,
			     f->file ? f->file : "", f->line, function, place,
			     line);
}

/* The next line without its end; false at the end of the output. */
static bool next_line(FILE *in, char **line, size_t *cap)
{
	ssize_t n = getline(line, cap, in);

	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[n - 1] = '\0';
	return n > 0;
}

/* An address, two lines a frame, an empty line: of llvm 11, too, which has no
 * JSON. */
static void compare_llvm(struct symbolizer *s, struct symbol_module *m,
			 const char *folder, const char *program)
{
	char *command, *line = NULL, *place = NULL;
	size_t cap = 0, place_cap = 0, n = 0, inlined = 0, i;
	FILE *in;

	ck_assert_int_ge(asprintf(&command,
				  "cd '%s' && llvm-symbolizer --no-demangle "
				  "--inlines --print-address --obj=%s "
				  "<addresses",
				  folder, program),
			 0);
	in = popen(command, "r");
	ck_assert_ptr_nonnull(in);
	for (; next_line(in, &line, &cap); n++) {
		uint64_t address = strtoull(line, NULL, 16);
		struct symbol_frames frames = frames_at(s, m, address);

		ck_assert_msg(!strncmp(line, "0x", 2), "%s", line);
		for (i = 0; next_line(in, &line, &cap) && *line; i++) {
			ck_assert(next_line(in, &place, &place_cap));
			if (i < frames.n)
				compare_frame(symbol_module_elf(m), address,
					      &frames, i, line, place);
		}
		ck_assert_msg(i == frames.n, "0x%lx: %zu frames, not %zu",
			      (unsigned long)address, frames.n, i);
		inlined += frames.n > 1;
	}
	ck_assert_int_eq(pclose(in), 0);
	ck_assert_uint_ge(n, ADDRESSES_MIN);
	printf("# %zu addresses, %zu with inlined calls\n", n, inlined);
	free(command);
	free(line);
	free(place);
}

/* --- addr2line --------------------------------------------------------------
 */

/* "/a/b.c:12 (discriminator 3)" names @frame's line. */
static bool same_line(const struct symbol_frame *frame, const char *theirs)
{
	const char *colon = strrchr(theirs, ':');

	return colon && frame->file &&
	       strlen(frame->file) == (size_t)(colon - theirs) &&
	       !strncmp(frame->file, theirs, (size_t)(colon - theirs)) &&
	       strtoul(colon + 1, NULL, 10) == frame->line;
}

static bool is_of_debian_11(void)
{
	return !strcmp(gnu_get_libc_version(), "2.31");
}

/* Lines of `addr2line -a -f -i': an address, then two lines a frame. */
static void compare_addr2line(struct symbolizer *s, struct symbol_module *m,
			      const char *folder, const char *program)
{
	char *command, *line = NULL;
	size_t cap = 0, n = 0, same = 0, i = 0;
	const size_t least = is_of_debian_11() ? 80 : 95;
	struct symbol_frames frames = { 0 };
	bool place = false;
	FILE *in;

	ck_assert_int_ge(asprintf(&command,
				  "cd '%s' && addr2line -a -f -i -e %s "
				  "<addresses",
				  folder, program),
			 0);
	in = popen(command, "r");
	ck_assert_ptr_nonnull(in);
	while (getline(&line, &cap, in) > 0) {
		if (!strncmp(line, "0x", 2)) {
			frames = frames_at(s, m, strtoull(line, NULL, 16));
			i = 0;
			place = false;
			continue;
		}
		if (place) {
			n++;
			while (i < frames.n &&
			       !same_line(&frames.items[i], line))
				i++;
			same += i++ < frames.n;
		}
		place = !place;
	}
	ck_assert_int_eq(pclose(in), 0);
	printf("# addr2line: %zu of %zu lines the same\n", same, n);
	ck_assert_uint_ge(n, ADDRESSES_MIN);
	ck_assert_uint_ge(same * 100, n * least);
	free(line);
	free(command);
}

START_TEST(agrees_with_llvm)
{
	const struct build *b = &builds[_i];
	const char *program = b->plain ? "plain" : "prog";
	struct symbolizer_options options = { 0 };
	char *folder = make_folder(), *path;
	struct symbol_module *m;
	struct symbolizer *s;

	printf("# %s\n", b->name);
	run("cp " SOURCES "* '%s'", folder);
	if (b->plain)
		build_program(b, b->plain, folder, "plain");
	build_program(b, b->flags, folder, "prog");
	ck_assert_int_ge(asprintf(&path, "%s/prog", folder), 0);
	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(path), path, NULL, &m));
	choose_addresses(symbol_module_elf(m), folder);
	compare_llvm(s, m, folder, program);
	compare_addr2line(s, m, folder, program);
	symbolizer_destroy(s);
	remove_folder(folder);
	free(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/symbolizer");
	TCase *tcase = tcase_create("oracles");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, agrees_with_llvm, 0, N_BUILDS);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
