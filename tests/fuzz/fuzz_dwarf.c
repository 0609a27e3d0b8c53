/*
 * Debug information of any content: names are looked for in every part of the
 * code, and nothing crashes, hangs or takes more memory than the file is worth.
 * An input is a whole ELF file; what is changed in it is its debug sections and
 * the headers of sections, the rest is fuzz_elf.c's.
 *
 *	tests/fuzz/run dwarf 60
 */
#include <stdint.h>

#include "symbol/symbolizer.h"
#include "tests/fuzz/fuzz_dwarf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbolizer_options options = { 0 };
	struct symbol_module *m;
	struct symbolizer *s;
	struct hs_error *err;

	if (symbolizer_create(&options, &s))
		return 0;
	err = symbolizer_add(s, file_of(data, size), "x", NULL, &m);
	if (err) {
		hs_error_free(err);
		symbolizer_destroy(s);
		return 0;
	}
	look_up_all(s, m);
	symbolizer_destroy(s);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	return mutate_elf(data, size, max_size, seed);
}
