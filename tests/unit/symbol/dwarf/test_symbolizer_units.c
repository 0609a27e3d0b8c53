/*
 * Proves that of several units that claim one function the one is believed
 * whose copy the linker kept; that sections packed by zstd are read; that
 * tables that claim more than they have bytes for cost no memory; and that a
 * file that is cut or written to while it is read costs names, never more.
 */
#include "symbol/symbolizer.h"

#include <elf.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/sigbus.h"
#include "symbol/symtab.h"
#include "tests/unit/symbol_check.h"

struct asked {
	struct symbolizer *s;
	struct symbol_module *m;
};

static struct asked ask(const char *folder, const char *name)
{
	static const struct symbolizer_options options;
	struct asked a;
	char *path;

	ck_assert_int_ge(asprintf(&path, "%s/%s", folder, name), 0);
	hs_ck_ok(symbolizer_create(&options, &a.s));
	hs_ck_ok(symbolizer_add(a.s, open_file(path), path, NULL, &a.m));
	free(path);
	return a;
}

/* "FUNCTION NAME:LINE", the innermost; ret: 200 bytes. */
static const char *first_frame(const struct asked *a, const char *function,
			       char *ret)
{
	uint64_t at = address_of(symbol_module_elf(a->m), function);
	struct symbol_frames frames = frames_at(a->s, a->m, at + 1);
	const struct symbol_frame *f = frames.items;
	const char *slash;

	snprintf(ret, 200, "?");
	if (!frames.n)
		return ret;
	slash = f->file ? strrchr(f->file, '/') : NULL;
	snprintf(ret, 200, "%s %s:%u", f->function ? f->function : "?",
		 slash ? slash + 1 : "?", f->line);
	return ret;
}

/* b.cc and a.cc have the same code at other lines: its first copy is kept. */
START_TEST(kept_copy)
{
	char *folder = make_folder(), text[200];
	struct asked a;

	run("cd '%s' && for u in a b; do "
	    "{ echo 'extern int v;'; "
	    "[ $u = a ] && echo '#line 100' || echo '#line 200'; "
	    "echo 'struct s { __attribute__((noinline)) "
	    "static int copy() { return v; } };'; "
	    "echo \"int call_$u() { return s::copy() + 1; }\"; } >$u.cc && "
	    "g++ -O1 -g -c $u.cc || exit 1; done && "
	    "echo 'int v; int main() {}' >m.cc && g++ -c m.cc && "
	    "g++ b.o a.o m.o -o prog",
	    folder);
	a = ask(folder, "prog");
	ck_assert_str_eq(first_frame(&a, "_ZN1s4copyEv", text),
			 "_ZN1s4copyEv b.cc:200");
	symbolizer_destroy(a.s);
	remove_folder(folder);
}
END_TEST

static void build_program(const char *folder)
{
	run("cd '%s' && printf 'int v;\\n#line 41\\nint "
	    "f(void)\\n{\\n\\treturn v;\\n}\\nint main(void)\\n{\\n\\treturn "
	    "f();\\n}\\n' >p.c && gcc -O0 -g p.c -o prog",
	    folder);
}

/* Packed so by binutils 2.40 and later: without it there are no such files. */
START_TEST(zstd)
{
	char *folder = make_folder(), text[200];
	struct asked a;

	if (system("objcopy --help | grep -q zstd")) {
		remove_folder(folder);
		return;
	}
	build_program(folder);
	run("cd '%s' && objcopy --compress-debug-sections=zstd prog packed && "
	    "readelf -t packed | grep -q ZSTD",
	    folder);
	a = ask(folder, "packed");
	ck_assert_str_eq(first_frame(&a, "f", text), "f p.c:42");
	symbolizer_destroy(a.s);
	remove_folder(folder);
}
END_TEST

/* --- tables that claim too much ----------------------------------------------
 */

/* A function with a unit, whose line table is @table. */
static const char unit_of_a_function[] =
	".text; .globl f; .type f, @function; f: nop; nop; ret; .size f, . - f;"
	".globl main; main: ret;"
	".section .debug_abbrev; .uleb128 1; .uleb128 0x11; .byte 0;"
	".uleb128 0x11; .uleb128 1; .uleb128 0x12; .uleb128 0xb;"
	".uleb128 0x10; .uleb128 0x17; .byte 0, 0, 0;"
	".section .debug_info; .long 2f - 1f; 1: .short 5; .byte 1, 8;"
	".long 0; .uleb128 1; .quad f; .byte 3; .long 0; 2:;";

/* 2^60 folders whose names take no bytes: DW_FORM_flag_present. */
static const char folders_of_nothing[] =
	".section .debug_line; .long 4f - 3f; 3: .short 5; .byte 8, 0;"
	".long 6f - 5f; 5: .byte 1, 1, 1, -5, 14, 1;"
	".byte 1; .uleb128 1; .uleb128 0x19; .uleb128 1 << 60;"
	".byte 0; .uleb128 0; 6:; 4:;";

/* 5 million units, in a file of some 10 KB. */
static const char many_units[] =
	".section .debug_info; .rept 5000000; .long 9; .short 5; .byte 1, 8;"
	".long 0; .uleb128 1; .endr;";

static const struct {
	const char *name, *text;
	size_t mib; /* that it may cost */
} claims[] = {
	{ "folders of nothing", folders_of_nothing, 100 },
	{ "many units", many_units, 600 },
};

enum {
	N_CLAIMS = sizeof(claims) / sizeof(claims[0]),
};

static size_t peak_mib(void)
{
	struct rusage usage;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
	return (size_t)usage.ru_maxrss / 1024;
}

START_TEST(claims_cost_nothing)
{
	char *folder = make_folder(), text[200];
	size_t before = peak_mib();
	struct asked a;

	if (is_x86_64()) {
		run("cd '%s' && printf '%%s\\n' '%s' '%s' | tr ';' '\\n' >p.s && "
		    "gcc -c p.s && gcc -Wl,--compress-debug-sections=zlib p.o "
		    "-o prog",
		    folder, unit_of_a_function, claims[_i].text);
		a = ask(folder, "prog");
		ck_assert_str_eq(first_frame(&a, "f", text), "f ?:0");
		symbolizer_destroy(a.s);
		ck_assert_msg(peak_mib() - before < claims[_i].mib,
			      "%s: %zu MiB", claims[_i].name,
			      peak_mib() - before);
	}
	remove_folder(folder);
}
END_TEST

/* --- holes -------------------------------------------------------------------
 */

/* What is said to be as large as the file, and not aligned. */
enum claim { CLAIM_DYNAMIC, CLAIM_NOTES, CLAIM_SYMBOLS, N_HOLES };

static const uint64_t hole = UINT64_C(3) << 30;

static void claim_segment(unsigned char *image, uint32_t type)
{
	Elf64_Ehdr *header = (void *)image;
	Elf64_Phdr *segment = (void *)(image + header->e_phoff);
	int i;

	/* Notes are looked for by sections first. */
	header->e_shoff = header->e_shnum = header->e_shstrndx = 0;
	for (i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == type) {
			segment[i].p_offset |= 1;
			segment[i].p_filesz = hole - segment[i].p_offset;
		}
}

static void claim_symbols(unsigned char *image)
{
	Elf64_Ehdr *header = (void *)image;
	Elf64_Shdr *section = (void *)(image + header->e_shoff);
	int i;

	for (i = 0; i < header->e_shnum; i++)
		if (section[i].sh_type == SHT_SYMTAB) {
			section[i].sh_offset |= 1;
			section[i].sh_size = (hole - section[i].sh_offset) /
					     sizeof(Elf64_Sym) *
					     sizeof(Elf64_Sym);
		}
}

START_TEST(holes_cost_nothing)
{
	char *folder = make_folder(), *path;
	size_t before = peak_mib(), size;
	struct elf_file *file = NULL;
	struct symtab table = { 0 };
	unsigned char *image;
	int fd;

	build_program(folder);
	ck_assert_int_ge(asprintf(&path, "%s/prog", folder), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	size = (size_t)lseek(fd, 0, SEEK_END);
	image = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(image, MAP_FAILED);
	if (_i == CLAIM_SYMBOLS)
		claim_symbols(image);
	else
		claim_segment(image, _i == CLAIM_NOTES ? PT_NOTE : PT_DYNAMIC);
	munmap(image, size);
	ck_assert_int_eq(ftruncate(fd, (off_t)hole), 0);
	hs_error_free(elf_file_open(fd, path, &file));
	if (file)
		hs_error_free(symtab_add(&table, file));
	ck_assert_uint_lt(peak_mib() - before, 100);
	symtab_release(&table);
	elf_file_close(file);
	free(path);
	remove_folder(folder);
}
END_TEST

/* --- files that change -------------------------------------------------------
 */

static void check_changed(const struct asked *a, const char *folder)
{
	struct hs_error *err = symbolizer_check_unchanged(a->m);
	char *want;

	ck_assert_int_ge(asprintf(&want,
				  "names of '%s/prog' are missing: its file "
				  "changed while it was read",
				  folder),
			 0);
	ck_assert_ptr_nonnull(err);
	ck_assert_str_eq(hs_error_message(err), want);
	hs_error_free(err);
	free(want);
}

/* Cut before anything, when its symbols have been read, and so on. */
START_TEST(cut_while_it_is_read)
{
	static const size_t left[] = { 0, 1, 4096, 8192, 12288, 16384 };
	char *folder = make_folder(), text[200];
	struct symbol_frames frames;
	struct asked a;
	uint64_t at, offset;
	size_t i;

	sigbus_survive();
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		build_program(folder);
		a = ask(folder, "prog");
		at = address_of(symbol_module_elf(a.m), "f");
		hs_ck_ok(symbolizer_check_unchanged(a.m));
		if (_i)
			ck_assert_str_eq(first_frame(&a, "f", text),
					 "f p.c:42");
		run("truncate -s %zu '%s/prog'", left[i], folder);
		ck_assert(elf_file_offset(symbol_module_elf(a.m), at, &offset));
		hs_error_free(symbolizer_lookup(a.s, a.m, offset, &frames));
		check_changed(&a, folder);
		symbolizer_destroy(a.s);
	}
	remove_folder(folder);
}
END_TEST

START_TEST(written_while_it_is_read)
{
	char *folder = make_folder(), text[200];
	struct asked a;

	build_program(folder);
	a = ask(folder, "prog");
	ck_assert_str_eq(first_frame(&a, "f", text), "f p.c:42");
	run("cd '%s' && cp prog other && cat other >prog", folder);
	check_changed(&a, folder);
	symbolizer_destroy(a.s);
	remove_folder(folder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/units");
	TCase *tcase = tcase_create("units");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, kept_copy);
	tcase_add_test(tcase, zstd);
	tcase_add_loop_test(tcase, claims_cost_nothing, 0, N_CLAIMS);
	tcase_add_loop_test(tcase, holes_cost_nothing, 0, N_HOLES);
	tcase_add_loop_test(tcase, cut_while_it_is_read, 0, 2);
	tcase_add_test(tcase, written_while_it_is_read);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
