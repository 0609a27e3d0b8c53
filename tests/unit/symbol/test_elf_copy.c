/*
 * Proves that a file to which others may write is read once and parsed from
 * that copy: what was read stays as it was when the file is cut or written
 * over, which would be SIGBUS or other bytes in a mapping; and that no hole in
 * it takes memory.
 */
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"

#include <elf.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/symbol_check.h"

/* A small program that anybody may write to. */
struct program {
	char *folder, *path; /* owned */
	int fd;		     /* owned; for writing */
	char *bytes;	     /* owned */
	size_t size;
};

static void program_init(struct program *p)
{
	struct stat st;

	p->folder = make_folder();
	ck_assert_int_ge(asprintf(&p->path, "%s/prog", p->folder), 0);
	run("gcc -g " PROTOTYPES " -o '%s' " SOURCES "far.c " SOURCES
	    "nothing.c -shared -fPIC",
	    p->path);
	p->fd = open(p->path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(p->fd, 0);
	ck_assert_int_eq(fchmod(p->fd, 0666), 0);
	ck_assert_int_eq(fstat(p->fd, &st), 0);
	p->size = (size_t)st.st_size;
	p->bytes = malloc(p->size);
	ck_assert_ptr_nonnull(p->bytes);
	ck_assert_int_eq(pread(p->fd, p->bytes, p->size, 0), st.st_size);
}

static void program_release(struct program *p)
{
	close(p->fd);
	free(p->bytes);
	free(p->path);
	remove_folder(p->folder);
}

static bool count_symbol(const struct elf_symbol *symbol, void *arg)
{
	size_t *letters = arg;

	*letters += strlen(symbol->name);
	return true;
}

START_TEST(what_was_read_stays)
{
	struct elf_file *file;
	struct elf_symbol symbol;
	struct program p;
	const void *data;
	char *was;
	size_t size;

	program_init(&p);
	file = open_elf(p.path);
	ck_assert_ptr_nonnull(file->copy);
	ck_assert(elf_file_section(file, ".debug_info", &data, &size));
	ck_assert(elf_file_find_symbol(file, "far_sum", &symbol));
	was = malloc(size);
	ck_assert_ptr_nonnull(was);
	memcpy(was, data, size);
	memset(p.bytes, 0xff, p.size);
	ck_assert_int_eq(pwrite(p.fd, p.bytes, p.size, 0), (ssize_t)p.size);
	ck_assert_mem_eq(data, was, size);
	ck_assert_int_eq(ftruncate(p.fd, 0), 0);
	ck_assert_mem_eq(data, was, size);
	ck_assert(elf_file_find_symbol(file, "far_sum", &symbol));
	ck_assert(elf_file_is_changed(file));
	/* What was not read is no longer there. */
	ck_assert(!elf_file_section(file, ".text", &data, &size));
	elf_file_close(file);
	free(was);
	program_release(&p);
}
END_TEST

/* Neither symbols nor sections; closes @file. */
static void check_nothing_is_read(struct elf_file *file)
{
	size_t letters = 0, size;
	struct hs_error *err;
	const void *data;

	err = elf_file_each_symbol(file, count_symbol, &letters);
	ck_assert_ptr_nonnull(err);
	hs_error_free(err);
	ck_assert(!elf_file_section(file, ".debug_info", &data, &size));
	elf_file_close(file);
}

START_TEST(cut_before_it_is_read)
{
	struct elf_file *file;
	struct program p;

	program_init(&p);
	file = open_elf(p.path);
	ck_assert_int_eq(ftruncate(p.fd, 0), 0);
	check_nothing_is_read(file);
	program_release(&p);
}
END_TEST

START_TEST(others_are_mapped)
{
	struct elf_file *file;
	struct program p;

	program_init(&p);
	ck_assert_int_eq(fchmod(p.fd, 0644), 0);
	file = open_elf(p.path);
	ck_assert_ptr_null(file->copy);
	elf_file_close(file);
	program_release(&p);
}
END_TEST

/* Cuts the file at any place, and writes it anew, over and over. */
struct cutter {
	const struct program *program;
	atomic_bool stop;
};

static void *cut(void *arg)
{
	struct cutter *c = arg;
	const struct program *p = c->program;
	uint32_t random = 1;

	while (!c->stop) {
		random = random * 1103515245 + 12345;
		if (ftruncate(p->fd, (random >> 8) % p->size) ||
		    pwrite(p->fd, p->bytes, p->size, 0) < 0)
			break;
	}
	return NULL;
}

START_TEST(cut_while_it_is_parsed)
{
	struct program p;
	struct cutter cutter = { .program = &p };
	size_t i, letters = 0, opened = 0, size;
	struct elf_file *file;
	struct hs_error *err;
	const void *data;
	pthread_t thread;

	program_init(&p);
	ck_assert_int_eq(pthread_create(&thread, NULL, cut, &cutter), 0);
	for (i = 0; i < 3000; i++) {
		err = elf_file_open(open_file(p.path), p.path, &file);
		if (err) {
			hs_error_free(err);
			continue;
		}
		opened++;
		hs_error_free(
			elf_file_each_symbol(file, count_symbol, &letters));
		elf_file_section(file, ".debug_info", &data, &size);
		elf_file_close(file);
	}
	cutter.stop = true;
	pthread_join(thread, NULL);
	ck_assert_uint_gt(opened, 0);
	program_release(&p);
}
END_TEST

/* Every section begins where a hole of 64 GiB does. */
START_TEST(holes_take_no_memory)
{
	struct elf_file *file;
	struct program p;
	size_t i;
	Elf64_Ehdr header;
	Elf64_Shdr section;

	program_init(&p);
	memcpy(&header, p.bytes, sizeof(header));
	for (i = 1; i < header.e_shnum; i++) {
		const off_t at = (off_t)(header.e_shoff + i * sizeof(section));

		memcpy(&section, p.bytes + at, sizeof(section));
		if (i == header.e_shstrndx || section.sh_type == SHT_NOTE)
			continue;
		section.sh_offset = p.size;
		section.sh_size = UINT64_C(1) << 28;
		ck_assert_int_eq(pwrite(p.fd, &section, sizeof(section), at),
				 sizeof(section));
	}
	ck_assert_int_eq(ftruncate(p.fd, (off_t)1 << 36), 0);
	file = open_elf(p.path);
	ck_assert_uint_le(file->copy->left, 32 << 20);
	check_nothing_is_read(file);
	program_release(&p);
}
END_TEST

int main(void)
{
	return hs_check_run("symbol/elf_copy", what_was_read_stays,
			    cut_before_it_is_read, others_are_mapped,
			    cut_while_it_is_parsed, holes_take_no_memory);
}
