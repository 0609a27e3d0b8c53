/*
 * Libraries in the memory of a process, of any content: what is made of them
 * is an ELF file that the reader takes, or an error; and lines of perf maps of
 * any content name only what lies in them. The first byte chooses.
 *
 *	tests/fuzz/run image 60
 */
#include "symbol/image.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "symbol/perf_map.h"
#include "tests/fuzz/fuzz.h"

/* Where the image is mapped. */
static const uint64_t base = 0x7f0000000000;

enum {
	ASKED = 64, /* addresses of a perf map */
};

struct memory {
	const uint8_t *data;
	size_t size;
};

static struct hs_error *read_memory(void *arg, uint64_t address, void *buf,
				    size_t len)
{
	const struct memory *m = arg;

	if (address < base || address - base > m->size ||
	    len > m->size - (address - base))
		return hs_error_new(HS_ERROR_NOT_FOUND, "not there");
	if (len)
		memcpy(buf, m->data + (address - base), len);
	return NULL;
}

static bool count_symbol(const struct elf_symbol *symbol, void *arg)
{
	size_t *n = arg;

	must(symbol->name[0]);
	++*n;
	return true;
}

static void try_image(struct memory *m)
{
	struct elf_file *file = NULL;
	struct hs_error *err;
	size_t n = 0;
	int fd;

	err = image_copy(read_memory, m, base, "x", &fd);
	if (!err)
		err = elf_file_open(fd, "x", &file);
	if (!err)
		err = elf_file_each_symbol(file, count_symbol, &n);
	elf_file_close(file);
	hs_error_free(err);
}

static void try_perf_map(const struct memory *m)
{
	struct perf_name names[ASKED] = { 0 };
	int fd = file_of(m->data, m->size);
	size_t i;

	for (i = 0; i < ASKED; i++)
		names[i].address = i * i * i * 0x11;
	hs_error_free(perf_map_read(fd, "x", names, ASKED));
	for (i = 0; i < ASKED; i++)
		must(!names[i].name || (names[i].start <= names[i].address &&
					names[i].address < names[i].end));
	perf_names_release(names, ASKED);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory m = { data + 1, size - 1 };

	if (!size)
		return 0;
	if (data[0] & 1)
		try_perf_map(&m);
	else
		try_image(&m);
	return 0;
}
