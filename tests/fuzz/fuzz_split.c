/*
 * Debug information in two files of any content: what was split off a program
 * (.dwo, .dwp), or what it shares with others (dwz). Nothing crashes, hangs or
 * takes more memory than the files are worth.
 *
 * An input is the size of the program in four bytes, the program, and the file
 * that is found at whatever path the program names.
 *
 *	tests/fuzz/run split 60
 */
#include <stdint.h>
#include <string.h>

#include "symbol/symbolizer.h"
#include "tests/fuzz/fuzz_dwarf.h"

struct input {
	const uint8_t *program, *other;
	size_t program_size, other_size;
};

static bool take_apart(const uint8_t *data, size_t size, struct input *ret)
{
	uint32_t first;

	if (size < sizeof(first))
		return false;
	memcpy(&first, data, sizeof(first));
	data += sizeof(first);
	size -= sizeof(first);
	if (first > size)
		return false;
	*ret = (struct input){ data, data + first, first, size - first };
	return true;
}

static int open_other(const void *arg, const char *path)
{
	const struct input *input = arg;

	(void)path;
	return file_of(input->other, input->other_size);
}

static bool path_of(const void *arg, int fd, char *ret)
{
	(void)arg;
	(void)fd;
	memcpy(ret, "/bin/x", sizeof("/bin/x"));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbolizer_options options = {
		.debug_paths = { .open = open_other, .path_of = path_of },
	};
	struct symbol_module *m;
	struct symbolizer *s;
	struct hs_error *err;
	struct input input;

	if (!take_apart(data, size, &input))
		return 0;
	options.debug_paths.arg = &input;
	if (symbolizer_create(&options, &s))
		return 0;
	err = symbolizer_add(s, file_of(input.program, input.program_size), "x",
			     NULL, &m);
	if (!err)
		look_up_all(s, m);
	hs_error_free(err);
	symbolizer_destroy(s);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	struct input input;
	size_t at;

	if (!take_apart(data, size, &input))
		return LLVMFuzzerMutate(data, size, max_size);
	/* The program keeps its size, so that the other one stays whole. */
	if (seed % 2) {
		mutate_elf(data + sizeof(uint32_t), input.program_size,
			   input.program_size, seed / 2);
		return size;
	}
	at = (size_t)(input.other - data);
	return at + mutate_elf(data + at, size - at, max_size - at, seed / 2);
}
