/*
 * Profiles of pprof of any content: the reader neither crashes nor reads beyond
 *the end, what it accepts is consistent, and does not differ from itself.
 *
 *	tests/fuzz/run pprof 60
 */
#include <stdbool.h>
#include <stdint.h>

#include "heap/format/read_pprof.h"
#include "tests/fuzz/fuzz_profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heap_memory_source source;
	struct heap_profile p;
	struct hs_error *err;

	heap_profile_init(&p);
	heap_memory_source_init(&source, (const char *)data, size);
	err = heap_read_pprof(&source.source, "x", true, &p);
	if (!err) {
		fuzz_check_profile(&p);
		fuzz_check_diff(&p);
	}
	hs_error_free(err);
	heap_profile_release(&p);
	return 0;
}
