#include "heap/runtime.h"

#include <string.h>

#include "base/array.h"
#include "base/str.h"
#include "heap/diff.h"

enum {
	LEAST_PERCENT = 10,
	SMALL = 512, /* SMALL_REQUEST_THRESHOLD of pymalloc */
};

/* What a location says of the stacks that pass through it. */
enum {
	UNNAMED = 1, /* code without a name, in no file */
	LOOP = 2,    /* Python's interpreter */
	NAMED = 4,   /* a function of Python */
	OBJECT = 8,  /* Python allocates an object */
};

static bool is_program(const char *base, const char *name)
{
	const size_t n = strlen(name);

	/* "node", "node20", "ruby3.1", "libjvm.so" */
	return !strncmp(base, name, n) &&
	       !base[n + strspn(base + n, "0123456789.")];
}

static enum heap_runtime runtime_of(const char *path)
{
	static const struct {
		const char *name;
		enum heap_runtime runtime;
	} known[] = {
		{ "libjvm.so", RUNTIME_JVM },
		{ "node", RUNTIME_NODE },
		{ "nodejs", RUNTIME_NODE },
		{ "libnode.so.", RUNTIME_NODE },
		{ "ruby", RUNTIME_RUBY },
		{ "libruby.so.", RUNTIME_RUBY },
		{ "libruby-", RUNTIME_RUBY },
		{ "libcoreclr.so", RUNTIME_DOTNET },
	};
	const char *base = str_base_name(path);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (is_program(base, known[i].name) ||
		    (str_starts_with(known[i].name, "lib") &&
		     str_starts_with(base, known[i].name)))
			return known[i].runtime;
	return RUNTIME_NONE;
}

static enum heap_runtime find_runtime(const struct heap_profile *p)
{
	enum heap_runtime runtime = RUNTIME_NONE;
	size_t i;

	for (i = 0; i < p->n_modules && runtime == RUNTIME_NONE; i++)
		runtime = runtime_of(p->modules[i].path);
	return runtime;
}

static unsigned name_says(const char *function)
{
	static const struct {
		const char *name;
		unsigned says;
	} known[] = {
		{ "_PyEval_EvalFrameDefault", LOOP },
		{ "PyEval_EvalFrameEx", LOOP },
		{ "PyObject_Malloc", OBJECT },
		{ "PyObject_Calloc", OBJECT },
	};
	size_t i;

	if (!function)
		return 0;
	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(function, known[i].name))
			return known[i].says;
	return str_starts_with(function, "py::") ? NAMED : 0;
}

static unsigned location_says(const struct heap_profile *p,
			      const struct heap_location *l)
{
	unsigned says = 0;
	size_t i;

	if (!l->n_names)
		return l->module != HEAP_NO_MODULE &&
				       !heap_module_has_identity(
					       &p->modules[l->module])
			       ? UNNAMED
			       : 0;
	for (i = 0; i < l->n_names; i++)
		says |= name_says(p->names[l->names + i].function);
	return says;
}

/* What all frames of a stack say. */
static unsigned stack_says(const struct heap_profile *p,
			   const struct heap_stack *stack)
{
	unsigned all = 0;
	size_t i;

	for (i = 0; i < stack->depth; i++)
		all |= location_says(
			p, &p->locations[p->frames[stack->first + i]]);
	return all;
}

static struct heap_runtime_finding add_up(const struct heap_profile *p,
					  enum heap_runtime runtime)
{
	struct heap_runtime_finding ret = { .runtime = runtime };
	const unsigned counts = runtime == RUNTIME_PYTHON ? LOOP : UNNAMED;
	const struct heap_counts *c;
	double bytes = 0;
	bool small = false;
	unsigned all;
	size_t i;

	for (i = 0; i < p->n_stacks; i++) {
		c = &p->stacks[i].inuse;
		all = stack_says(p, &p->stacks[i]);
		bytes += all & counts ? c->bytes : 0;
		small |= (all & OBJECT) && c->bytes <= c->objects * SMALL;
	}
	ret.percent = 100 * bytes / p->total.bytes;
	ret.small_unseen = runtime == RUNTIME_PYTHON && !small;
	if (!(ret.percent >= LEAST_PERCENT))
		return (struct heap_runtime_finding){ 0 };
	return ret;
}

struct heap_runtime_finding heap_runtime_find(const struct heap_profile *p)
{
	const enum heap_runtime runtime = find_runtime(p);
	unsigned all = 0;
	size_t i;

	for (i = 0; i < p->n_locations; i++)
		all |= location_says(p, &p->locations[i]);
	/* Mostly there is nothing, and no stack need be looked at. */
	if (runtime != RUNTIME_NONE && all & UNNAMED)
		return add_up(p, runtime);
	if (all & LOOP && !(all & NAMED))
		return add_up(p, RUNTIME_PYTHON);
	return (struct heap_runtime_finding){ 0 };
}
