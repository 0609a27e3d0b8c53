/* What is copied from the memory of a process: its own, where each file that is
 * loaded can be compared with its image; the vdso; and images with damage. */
#include "symbol/image.h"

#include <sys/auxv.h>
#include <unistd.h>

#include "base/hash.h"
#include "proc/file.h"
#include "proc/mapped_file.h"
#include "proc/memory.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "symbol/symbolizer.h"
#include "target/mapped_elf.h"
#include "tests/unit/hs_check.h"

static struct hs_error *read_own(void *arg, uint64_t address, void *buf,
				 size_t len)
{
	(void)arg;
	return memory_read(getpid(), address, buf, len);
}

/* Of the exported symbols: how many, and a number that depends on the name and
 * address of each, whatever their order. */
struct sum {
	size_t n;
	uint64_t sum;
};

static bool add_symbol(const struct elf_symbol *sym, void *arg)
{
	struct sum *sum = arg;

	if (!sym->dynamic || !sym->function)
		return true;
	sum->n++;
	sum->sum +=
		hash_mix(hash_bytes(hash_begin(), sym->name, strlen(sym->name)),
			 sym->address ^ (uint64_t)sym->code << 63 ^
				 sym->size << 40)
			.value;
	return true;
}

static struct sum sum_of(const struct elf_file *file)
{
	struct sum sum = { 0 };

	hs_ck_ok(elf_file_each_symbol(file, add_symbol, &sum));
	return sum;
}

static void check_same(const struct elf_file *file,
		       const struct elf_file *image)
{
	struct sum a = sum_of(file), b = sum_of(image);
	size_t i;

	ck_assert_msg(a.n == b.n && a.sum == b.sum,
		      "%s has %zu functions, its image %zu", file->name, a.n,
		      b.n);
	ck_assert_uint_eq(file->n_segments, image->n_segments);
	for (i = 0; i < file->n_segments; i++)
		ck_assert_mem_eq(&file->segments[i], &image->segments[i],
				 sizeof(file->segments[i]));
	ck_assert_int_eq(!file->build_id, !image->build_id);
	if (file->build_id)
		ck_assert_str_eq(file->build_id, image->build_id);
	ck_assert_int_eq(file->type, image->type);
	ck_assert(file->dynamic == image->dynamic);
}

START_TEST(an_image_is_as_its_file)
{
	size_t i, n = 0, functions = 0;
	struct maps maps;

	hs_ck_ok(maps_read(getpid(), &maps));
	for (i = 0; i < maps.n; i++) {
		const struct mapping *m = &maps.items[i];
		struct elf_file *file, *image;
		int fd;

		if (m->offset || !mapping_has_file(m) || !m->read)
			continue;
		hs_ck_ok(mapped_file_open(getpid(), m, &fd));
		if (elf_file_open(fd, m->path, &file))
			continue; /* locale data and the like */
		hs_ck_ok(image_copy(read_own, NULL, m->start, m->path, &fd));
		hs_ck_ok(elf_file_open(fd, m->path, &image));
		check_same(file, image);
		functions += sum_of(image).n;
		n++;
		elf_file_close(file);
		elf_file_close(image);
	}
	maps_release(&maps);
	/* This program, ld.so, libc, libelf, libdw at least. */
	ck_assert_uint_ge(n, 5);
	ck_assert_uint_ge(functions, 2000);
}
END_TEST

static const struct mapping *find_vdso(const struct maps *maps)
{
	size_t i;

	for (i = 0; i < maps->n; i++)
		if (!strcmp(maps->items[i].path, "[vdso]"))
			return &maps->items[i];
	ck_abort_msg("no vdso");
	return NULL;
}

START_TEST(the_vdso_has_names)
{
	const struct symbolizer_options options = { 0 };
	struct symbol_frames frames;
	struct symbol_module *module;
	const struct mapping *m;
	struct elf_symbol sym;
	struct symbolizer *s;
	struct maps maps;
	uint64_t offset;
	int fd;

	hs_ck_ok(maps_read(getpid(), &maps));
	m = find_vdso(&maps);
	ck_assert_uint_eq(m->start, getauxval(AT_SYSINFO_EHDR));
	ck_assert(mapped_is_elf(m));
	hs_ck_ok(mapped_open(getpid(), &maps, m, &fd, NULL));
	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, fd, m->path, NULL, &module));
	ck_assert(elf_file_find_symbol(symbol_module_elf(module),
				       "__vdso_clock_gettime", &sym));
	ck_assert(elf_file_offset(symbol_module_elf(module), sym.address,
				  &offset));
	hs_ck_ok(symbolizer_lookup(s, module, offset + 1, &frames));
	ck_assert_uint_eq(frames.n, 1);
	ck_assert_ptr_nonnull(
		strstr(frames.items[0].function, "clock_gettime"));
	symbolizer_destroy(s);
	maps_release(&maps);
}
END_TEST

struct noise {
	uint64_t state;
	unsigned one_in; /* bytes */
};

/* A byte now and then is another one. */
static struct hs_error *read_damaged(void *arg, uint64_t address, void *buf,
				     size_t len)
{
	struct noise *noise = arg;
	struct hs_error *err = memory_read(getpid(), address, buf, len);
	unsigned char *bytes = buf;
	size_t i;

	for (i = 0; !err && i < len; i++) {
		noise->state = (noise->state ^ i) * 0x9e3779b97f4a7c15;
		noise->state ^= noise->state >> 32;
		if (noise->state % noise->one_in == 0)
			bytes[i] = (unsigned char)(noise->state >> 32);
	}
	return err;
}

/* Each is an error, or a file that can be read. */
START_TEST(damage_does_no_harm)
{
	struct noise noise = { .one_in = 200 };
	size_t i, read = 0, refused = 0;
	struct maps maps;

	hs_ck_ok(maps_read(getpid(), &maps));
	for (i = 0; i < 1000; i++) {
		const struct mapping *m = &maps.items[i % maps.n];
		struct elf_file *image;
		struct hs_error *err;
		int fd;

		if (m->offset || !mapping_has_file(m) || !m->read)
			continue;
		noise.state = i;
		err = image_copy(read_damaged, &noise, m->start, m->path, &fd);
		if (!err)
			err = elf_file_open(fd, m->path, &image);
		if (!err) {
			(void)sum_of(image);
			elf_file_close(image);
		}
		read += !err;
		refused += err != NULL;
		hs_error_free(err);
	}
	maps_release(&maps);
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_gt(read, 0);
}
END_TEST

START_TEST(what_is_no_image_is_refused)
{
	static const char text[4096] = "no ELF header";
	int fd;

	hs_ck_err(image_copy(read_own, NULL, (uint64_t)(uintptr_t)text, "/a",
			     &fd),
		  HS_ERROR_INPUT,
		  "'/a' is damaged in the memory of the process: it does not "
		  "begin with an ELF header");
}
END_TEST

int main(void)
{
	return hs_check_run("symbol/image", an_image_is_as_its_file,
			    the_vdso_has_names, damage_does_no_harm,
			    what_is_no_image_is_refused);
}
