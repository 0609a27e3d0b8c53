#include "output/fold.h"

#include <string.h>

#include "base/array.h"
#include "base/str.h"

/* The functions that programs call, without prefix. */
static const char *const entries[] = {
	"malloc",	 "calloc",
	"realloc",	 "free",
	"cfree",	 "posix_memalign",
	"aligned_alloc", "memalign",
	"valloc",	 "pvalloc",
	"reallocarray",	 "malloc_usable_size",
	"free_sized",	 "free_aligned_sized",
	"mallocx",	 "rallocx",
	"xallocx",	 "sallocx",
	"dallocx",	 "sdallocx",
	"nallocx",	 "malloc_default",
};

/* The public names of a build --with-jemalloc-prefix, as packages choose it
 * (tikv-jemallocator: _rjem_), and glibc's own. */
static const char *const prefixes[] = {
	"_rjem_", "rjem_", "je_", "jet_", "__libc_",
};

/* Prefixes of jemalloc's own functions between an entry and the backtrace
 * (jemalloc.c, prof.c, prof_data.c, prof_sys.c, ckh.c). */
static const char *const inner_starts[] = {
	"prof_backtrace",
	"prof_alloc_prep",
	"prof_tctx_create",
	"prof_lookup",
	"prof_recent_",
	"imalloc",
	"ifree",
	"iralloc",
	"irallocx",
	"do_rallocx",
	"ckh_",
	"fallback_impl",
};

/* Demangled names. C++: jemalloc_cpp.cpp; Rust: the allocation shims and the
 * global allocator's methods. */
static const char *const entry_texts[] = {
	"operator new",
	"operator delete",
	"alloc::alloc::",
	"<alloc::alloc::Global as ",
	"__rust_alloc",
	"__rust_realloc",
	"__rust_dealloc",
	"__rdl_",
	"__rg_",
	"__rustc::__r",
	"<tikv_jemallocator::",
	"<jemallocator::",
	"tikv_jemallocator::",
	"jemallocator::",
};

/* @name without a suffix of the compiler (".cold", ".constprop.0"). */
static size_t base_length(const char *name)
{
	return strcspn(name + 1, ".@") + 1;
}

static bool is_entry(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		if (strlen(entries[i]) == len &&
		    memcmp(entries[i], name, len) == 0)
			return true;
	return false;
}

/* "foo_malloc", not "xmalloc". */
static bool is_prefixed_entry(const char *name, size_t len)
{
	size_t i;

	for (i = 1; i + 1 < len; i++)
		if (name[i - 1] == '_' && is_entry(name + i, len - i))
			return true;
	return false;
}

static bool is_inner(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(inner_starts); i++)
		if (str_starts_with(name, inner_starts[i]))
			return true;
	return false;
}

static const char *skip_prefix(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts_with(name, prefixes[i]))
			return name + strlen(prefixes[i]);
	return name;
}

static enum fold_kind classify_c(const char *name)
{
	const char *base = skip_prefix(name);

	if (*base == '\0')
		return FOLD_KEEP;
	if (is_entry(base, base_length(base)))
		return FOLD_ENTRY;
	/* jemalloc's private names begin with je_, after any public prefix
	 * (configure.ac, private_namespace). */
	if (str_starts_with(name, "je_") ||
	    str_starts_with(name, "_rjem_je_") || is_inner(base))
		return FOLD_INNER;
	if (is_prefixed_entry(name, base_length(name)))
		return FOLD_PREFIXED;
	return FOLD_KEEP;
}

static bool in_jemalloc_library(const char *path)
{
	return str_starts_with(str_base_name(path), "libjemalloc");
}

enum fold_kind fold_classify(const char *name, const char *demangled,
			     const char *path)
{
	enum fold_kind kind;
	size_t i;

	kind = name && *name ? classify_c(name) : FOLD_NAMELESS;
	if (kind == FOLD_ENTRY)
		return kind;
	if (path && in_jemalloc_library(path))
		return FOLD_INNER;
	if (kind != FOLD_KEEP)
		return kind;
	for (i = 0; i < ARRAY_SIZE(entry_texts); i++)
		if (str_starts_with(demangled, entry_texts[i]))
			return FOLD_ENTRY;
	if (strstr(demangled, "fallbackNewImpl") ||
	    str_starts_with(demangled, "newImpl"))
		return FOLD_INNER;
	return FOLD_KEEP;
}

/* Inline namespaces: of versions of the library, in all names. */
static bool is_version(const char *s, size_t len)
{
	static const char *const versions[] = { "__cxx11", "__1", "__8",
						"__debug", "_V2" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		if (strlen(versions[i]) == len && !memcmp(versions[i], s, len))
			return true;
	return false;
}

/* Reserved to compilers and libraries in any scope: C++, [lex.name]. */
static bool is_reserved(const char *s, size_t len)
{
	return len > 1 && s[0] == '_' &&
	       (s[1] == '_' || (s[1] >= 'A' && s[1] <= 'Z'));
}

static bool is_allocator_class(const char *s, size_t len)
{
	static const char *const classes[] = { "allocator", "allocator_traits",
					       "new_allocator",
					       "malloc_allocator" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		if (strlen(classes[i]) == len && !memcmp(classes[i], s, len))
			return true;
	return false;
}

bool fold_is_std(const char *name)
{
	const char *part;
	size_t len;

	if (str_starts_with(name, "std::"))
		part = name + strlen("std::");
	else if (str_starts_with(name, "__gnu_cxx::"))
		part = name + strlen("__gnu_cxx::");
	else
		return false;
	for (;; part += len + 2) {
		const char *end = strstr(part, "::");

		len = end ? (size_t)(end - part) : strlen(part);
		if ((is_reserved(part, len) && !is_version(part, len)) ||
		    is_allocator_class(part, len))
			return true;
		if (!end)
			return false;
	}
}

bool fold_next(struct fold *fold, enum fold_kind kind, bool bridge)
{
	if (kind == FOLD_PREFIXED && (fold->entered || !fold->n || !bridge))
		return false;
	if (kind == FOLD_KEEP || (kind == FOLD_NAMELESS && !bridge))
		return false;
	fold->n++;
	if (kind == FOLD_ENTRY || kind == FOLD_PREFIXED)
		fold->entered = true;
	if (kind != FOLD_NAMELESS)
		fold->end = fold->n;
	return true;
}
