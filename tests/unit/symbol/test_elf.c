/*
 * Proves that segments, symbols, versions, sources and build-ids of ELF files
 * are read as the dynamic linker, nm-like listings of the sources and the
 * running kernel have them; that .eh_frame is understood instruction by
 * instruction; and that files cut or changed anywhere are errors or give less,
 * but never crash.
 */
#include "symbol/eh_frame.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include "base/strbuf.h"
#include "tests/unit/symbol_check.h"

/* The library that @function is in, as the dynamic linker has it. */
static struct elf_file *open_library(const void *function, uint64_t *base)
{
	Dl_info info;

	ck_assert_int_ne(dladdr(function, &info), 0);
	*base = (uint64_t)(uintptr_t)info.dli_fbase;
	return open_elf(info.dli_fname);
}

static int memory_build_id(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct strbuf *hex = arg;
	size_t i, at, j;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const char *notes =
			(const char *)(info->dlpi_addr + p->p_vaddr);

		for (at = 0; p->p_type == PT_NOTE && at < p->p_memsz;) {
			const ElfW(Nhdr) *n = (const ElfW(Nhdr) *)(notes + at);
			size_t name = (n->n_namesz + 3) & ~3u;
			const unsigned char *id =
				(const unsigned char *)(n + 1) + name;

			if (n->n_type == NT_GNU_BUILD_ID)
				for (j = 0; j < n->n_descsz; j++)
					strbuf_addf(hex, "%02x", id[j]);
			at += sizeof(*n) + name + ((n->n_descsz + 3) & ~3u);
		}
	}
	return 1; /* the first is the program */
}

START_TEST(build_id_is_that_in_memory)
{
	struct elf_file *file = open_elf("/proc/self/exe");
	struct strbuf hex = { 0 };

	dl_iterate_phdr(memory_build_id, &hex);
	ck_assert_str_eq(file->build_id, strbuf_str(&hex));
	ck_assert_uint_ge(hex.len, 16);
	strbuf_release(&hex);
	elf_file_close(file);
}
END_TEST

START_TEST(file_facts)
{
	struct elf_file *file = open_elf("/proc/self/exe");

	ck_assert_int_eq(file->elf_class,
			 sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32);
	ck_assert_int_eq(file->type, ET_DYN);
	ck_assert(file->dynamic);
	ck_assert_uint_ge(file->n_segments, 2);
	ck_assert_str_eq(file->name, "/proc/self/exe");
	elf_file_close(file);
	elf_file_close(NULL);
}
END_TEST

/* The byte at the offset is the byte at the address. */
START_TEST(offsets_and_addresses)
{
	uint64_t base, address, offset, back;
	struct elf_file *file = open_library((void *)qsort, &base);
	unsigned char bytes[16];
	const struct elf_segment *last;

	address = address_of(file, "qsort");
	ck_assert_uint_eq(base + address, (uintptr_t)qsort);
	ck_assert(elf_file_offset(file, address, &offset));
	ck_assert(elf_file_address(file, offset, &back));
	ck_assert_uint_eq(back, address);
	ck_assert_int_eq(pread(file->fd, bytes, 16, (off_t)offset), 16);
	ck_assert_mem_eq(bytes, (const void *)qsort, 16);

	last = &file->segments[file->n_segments - 1];
	ck_assert_uint_gt(last->memory_size, last->file_size); /* .bss */
	ck_assert(elf_file_offset(file, last->address, &offset));
	ck_assert(!elf_file_offset(file, last->address + last->file_size,
				   &offset));
	ck_assert(!elf_file_address(file, UINT64_MAX, &offset));
	elf_file_close(file);
}
END_TEST

struct versions {
	struct elf_file *file;
	void *libc; /* by name: a sanitizer puts functions of its own before */
	uint64_t base;
	size_t several;
};

/* Of several versions the one that dlsym(3) takes is found, too. dlsym() calls
 * the resolver of an IFUNC: then it has neither address. */
static bool check_version(const struct elf_symbol *symbol, void *arg)
{
	struct versions *v = arg;
	struct elf_symbol found;
	uint64_t linked;

	if (!symbol->dynamic || !symbol->function)
		return true;
	ck_assert(elf_file_find_symbol(v->file, symbol->name, &found));
	if (found.address == symbol->address)
		return true;
	linked = (uintptr_t)dlsym(v->libc, symbol->name) - v->base;
	ck_assert_msg(linked != symbol->address, "%s", symbol->name);
	v->several += linked == found.address;
	return true;
}

START_TEST(default_version_is_found)
{
	struct versions v = { 0 };
	struct elf_symbol symbol;

	v.libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	ck_assert_ptr_nonnull(v.libc);
	v.file = open_library(dlsym(v.libc, "qsort"), &v.base);
	hs_ck_ok(elf_file_each_symbol(v.file, check_version, &v));
	if (is_x86_64())
		ck_assert_uint_ge(v.several, 10);
	ck_assert(elf_file_find_symbol(v.file, "regexec", &symbol));
	ck_assert_str_eq(symbol.name, "regexec");
	ck_assert(symbol.function && !symbol.local && symbol.code);
	ck_assert(symbol.dynamic);
	ck_assert(!elf_file_find_symbol(v.file, "regexe", &symbol));
	ck_assert(!elf_file_find_symbol(v.file, "regexec@", &symbol));
	ck_assert(!elf_file_find_symbol(v.file, "", &symbol));
	elf_file_close(v.file);
}
END_TEST

struct seen {
	size_t n, versions, undefined, chain, other;
};

static bool count_symbols(const struct elf_symbol *symbol, void *arg)
{
	struct seen *seen = arg;

	seen->n++;
	seen->versions += strchr(symbol->name, '@') != NULL;
	seen->undefined += !strcmp(symbol->name, "malloc");
	if (!strcmp(symbol->name, "rare") || !strcmp(symbol->name, "weigh")) {
		ck_assert(symbol->local && symbol->function);
		ck_assert_str_eq(symbol->source, "chain.c");
		seen->chain++;
	}
	if (!strcmp(symbol->name, "far_sum")) {
		ck_assert(!symbol->local);
		ck_assert_ptr_null(symbol->source);
		seen->other++;
	}
	return true;
}

static bool stop_at_once(const struct elf_symbol *symbol, void *arg)
{
	(void)symbol;
	(*(size_t *)arg)++;
	return false;
}

START_TEST(symbols_and_their_sources)
{
	char *folder = make_folder(), *path;
	struct elf_file *file;
	struct seen seen = { 0 };
	size_t calls = 0;

	run("gcc -O0 -g " PROTOTYPES " -o '%s/prog' " SOURCES "chain.c " SOURCES
	    "far.c " SOURCES "nothing.c " SOURCES "main.c",
	    folder);
	ck_assert_int_ge(asprintf(&path, "%s/prog", folder), 0);
	file = open_elf(path);
	hs_ck_ok(elf_file_each_symbol(file, count_symbols, &seen));
	ck_assert_uint_ge(seen.n, 20);
	ck_assert_uint_eq(seen.versions, 0);
	ck_assert_uint_eq(seen.undefined, 0);
	ck_assert_uint_eq(seen.chain, 2);
	ck_assert_uint_eq(seen.other, 1);
	hs_ck_ok(elf_file_each_symbol(file, stop_at_once, &calls));
	ck_assert_uint_eq(calls, 1);
	elf_file_close(file);
	free(path);
	remove_folder(folder);
}
END_TEST

START_TEST(static_programs_are_not_dynamic)
{
	char *folder = make_folder(), *path;
	struct elf_file *file;

	run("echo 'int main(void){return 0;}' >'%s/m.c' && "
	    "gcc -static-pie -o '%s/prog' '%s/m.c'",
	    folder, folder, folder);
	ck_assert_int_ge(asprintf(&path, "%s/prog", folder), 0);
	file = open_elf(path);
	ck_assert(!file->dynamic);
	elf_file_close(file);
	free(path);
	remove_folder(folder);
}
END_TEST

START_TEST(unwind_rows)
{
	static const struct {
		const char *label;
		int offset;
		bool as_entry;
	} rows[] = {
		{ "entry", 0, true },
		{ "entry", 1, true },
		{ "pushed", 0, false }, /* behind the push */
		{ "pushed", 1, false },
		{ "after_pop", 0, false }, /* the byte before is the pop's */
		{ "after_pop", 1, true },
		{ "by_frame", 0, false },
		{ "by_frame", 1, false },
		{ "last_byte", 0, false },
		{ "uncovered", 0, true },
		{ "uncovered", 1, true },
		{ "behind_uncovered", 0, false }, /* covered before it */
		{ "remembered", 0, false },
		{ "restored", 0, true },
		{ "computed", 0, false },
		{ "many_registers", 0, true },
	};
	char *folder, *path;
	struct elf_file *file;
	size_t i;

	if (!is_x86_64())
		return;
	folder = make_folder();
	run("gcc -shared -nostdlib -o '%s/lib' " SOURCES "unwind_x86_64.S",
	    folder);
	ck_assert_int_ge(asprintf(&path, "%s/lib", folder), 0);
	file = open_elf(path);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t at = address_of(file, rows[i].label) + rows[i].offset;

		ck_assert_msg(elf_file_unwinds_as_entry(file, at) ==
				      rows[i].as_entry,
			      "%s+%d", rows[i].label, rows[i].offset);
	}
	elf_file_close(file);
	free(path);
	remove_folder(folder);
}
END_TEST

START_TEST(other_files_are_refused)
{
	struct elf_file *file;

	hs_ck_err(elf_file_open(open_file("/proc/self/status"), "a\nb", &file),
		  HS_ERROR_INPUT, "'a\nb' is not an ELF file");
	hs_ck_err(elf_file_open(open_file("/dev/null"), "null", &file),
		  HS_ERROR_INPUT, "'null' is not an ELF file");
	hs_ck_err(elf_file_open(open_file("/usr"), "/usr", &file),
		  HS_ERROR_INPUT, "'/usr' is not an ELF file");
}
END_TEST

/* --- damage -----------------------------------------------------------------
 */

struct image {
	unsigned char *bytes;
	size_t len;
};

/* A small program. */
static struct image read_image(void)
{
	char *folder = make_folder(), *path;
	struct image image;
	FILE *in;

	run("gcc -g " PROTOTYPES " -o '%s/prog' " SOURCES "far.c " SOURCES
	    "nothing.c -shared -fPIC",
	    folder);
	ck_assert_int_ge(asprintf(&path, "%s/prog", folder), 0);
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	image.bytes = malloc(1 << 20);
	ck_assert_ptr_nonnull(image.bytes);
	image.len = fread(image.bytes, 1, 1 << 20, in);
	ck_assert_uint_ge(image.len, 4096);
	fclose(in);
	free(path);
	remove_folder(folder);
	return image;
}

static bool use_symbol(const struct elf_symbol *symbol, void *arg)
{
	size_t *letters = arg;

	*letters += strlen(symbol->name);
	if (symbol->source)
		*letters += strlen(symbol->source);
	return true;
}

/* All that can be asked of the file; true when it could be opened. */
static bool use_file(const unsigned char *bytes, size_t len)
{
	int fd = memfd_create("damaged", MFD_CLOEXEC);
	struct elf_file *file;
	struct elf_symbol symbol;
	struct hs_error *err;
	uint64_t value;
	size_t letters = 0, i;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	err = elf_file_open(fd, "damaged", &file);
	if (err) {
		ck_assert_int_eq(hs_error_code(err), HS_ERROR_INPUT);
		hs_error_free(err);
		return false;
	}
	err = elf_file_each_symbol(file, use_symbol, &letters);
	hs_error_free(err);
	elf_file_find_symbol(file, "far_sum", &symbol);
	for (i = 0; i < len; i += 512) {
		elf_file_address(file, i, &value);
		elf_file_offset(file, i, &value);
	}
	for (i = 0x1000; i < 0x1200; i += 16)
		elf_file_unwinds_as_entry(file, i);
	elf_file_section(file, ".debug_info", NULL, NULL);
	elf_file_close(file);
	return true;
}

START_TEST(cut_files)
{
	struct image image = read_image();
	size_t len;

	ck_assert(use_file(image.bytes, image.len));
	for (len = 0; len < image.len; len += 61)
		ck_assert_msg(!use_file(image.bytes, len), "%zu bytes", len);
	free(image.bytes);
}
END_TEST

/* Bytes of the headers, of the tables behind the code and of all the file. */
START_TEST(changed_files)
{
	struct image image = read_image(), copy = image;
	uint32_t random = 12345 + (uint32_t)_i;
	size_t i, j, opened = 0;

	copy.bytes = malloc(image.len);
	ck_assert_ptr_nonnull(copy.bytes);
	for (i = 0; i < 400; i++) {
		size_t span = i % 3 == 0 ? 600 : i % 3 == 1 ? 2500 : image.len;

		memcpy(copy.bytes, image.bytes, image.len);
		for (j = 0; j <= i % 16; j++) {
			size_t at;

			random = random * 1103515245 + 12345;
			at = (random >> 8) % span;
			if (i % 3 == 1)
				at = image.len - 1 - at;
			copy.bytes[at] = (unsigned char)(random >> 24);
		}
		opened += use_file(copy.bytes, copy.len);
	}
	ck_assert_uint_ge(opened, 50);
	free(copy.bytes);
	free(image.bytes);
}
END_TEST

/* A record of each in libelf would be a hundred gigabytes. */
START_TEST(sections_in_a_hole)
{
	const Elf64_Shdr first = { .sh_size = UINT64_C(1) << 30 };
	Elf64_Ehdr header = { .e_type = ET_DYN,
			      .e_machine = EM_X86_64,
			      .e_version = EV_CURRENT,
			      .e_shoff = sizeof(header),
			      .e_ehsize = sizeof(header),
			      .e_shentsize = sizeof(first) };
	const int fd = memfd_create("hole", MFD_CLOEXEC);
	struct elf_file *file;

	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	header.e_ident[EI_VERSION] = EV_CURRENT;
	ck_assert_int_eq(write(fd, &header, sizeof(header)), sizeof(header));
	ck_assert_int_eq(write(fd, &first, sizeof(first)), sizeof(first));
	ck_assert_int_eq(ftruncate(fd, (off_t)first.sh_size * 64 + 64), 0);
	hs_ck_err(elf_file_open(fd, "hole", &file), HS_ERROR_INPUT,
		  "'hole' is damaged: it has too many sections");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/elf");
	TCase *tcase = tcase_create("elf");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, build_id_is_that_in_memory);
	tcase_add_test(tcase, file_facts);
	tcase_add_test(tcase, offsets_and_addresses);
	tcase_add_test(tcase, default_version_is_found);
	tcase_add_test(tcase, symbols_and_their_sources);
	tcase_add_test(tcase, static_programs_are_not_dynamic);
	tcase_add_test(tcase, unwind_rows);
	tcase_add_test(tcase, other_files_are_refused);
	tcase_add_test(tcase, cut_files);
	tcase_add_test(tcase, sections_in_a_hole);
	tcase_add_loop_test(tcase, changed_files, 0, 4);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
