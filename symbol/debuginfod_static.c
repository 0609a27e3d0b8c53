/*
 * In place of debuginfod.c: a static program can load a library only of the
 * very glibc that it was linked with, and is there to run on any other.
 */
#include "symbol/debuginfod.h"

const char debuginfod_support[] = "left out (static program)";

struct hs_error *debuginfod_create(const volatile sig_atomic_t *stop,
				   struct debuginfod **ret)
{
	(void)stop;
	*ret = NULL;
	return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
					  "--debuginfod: this is the static "
					  "program, which has no client"),
			     "fetch the files elsewhere (debuginfod-find "
			     "debuginfo FILE) and name their folder with "
			     "--debug-dir");
}

void debuginfod_destroy(struct debuginfod *d)
{
	(void)d;
}

/* There is no struct debuginfod that these two could be called with. */
struct hs_error *debuginfod_find(struct debuginfod *d,
				 enum debuginfod_kind kind,
				 const char *build_id, const char *name,
				 struct elf_file **ret)
{
	(void)d;
	(void)kind;
	(void)build_id;
	(void)name;
	*ret = NULL;
	return NULL;
}

struct hs_error *debuginfod_problem(struct debuginfod *d)
{
	(void)d;
	return NULL;
}
