/**
 * @file runtime.h - the runtime of a language whose own functions a profile has
 * no names for: it makes its code as it runs, or walks through it without any.
 */
#ifndef HEAP_RUNTIME_H
#define HEAP_RUNTIME_H

#include <stdbool.h>

#include "heap/profile.h"

enum heap_runtime {
	RUNTIME_NONE,
	RUNTIME_JVM,
	RUNTIME_NODE,
	RUNTIME_RUBY,
	RUNTIME_DOTNET,
	RUNTIME_PYTHON,
};

struct heap_runtime_finding {
	enum heap_runtime runtime; /* NONE: nothing to say */
	double percent; /* of the live bytes: their stacks pass through it */
	/* Python: no object of up to 512 bytes comes from malloc, so they are
	 * pymalloc's own (cpython, Objects/obmalloc.c). */
	bool small_unseen;
};

/**
 * Looks in @p, which has its names, for a runtime with a tenth of the live bytes
 * or more. By the name of a module with code in the stacks: libjvm.so, node or
 * libnode.so, ruby or libruby.so, libcoreclr.so; then frames without names in
 * memory that is no file count. Of Python its loop, when none of its functions
 * has a name (they begin with "py::", cpython, Python/perf_trampoline.c).
 */
struct heap_runtime_finding heap_runtime_find(const struct heap_profile *p);

#endif
