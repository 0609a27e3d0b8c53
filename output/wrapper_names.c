#include "output/wrapper_names.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/str.h"

/* Names that begin so: the allocation functions of libraries and runtimes that
 * are often part of the program itself, and the C library's that allocate for
 * their caller. */
static const char *const known_starts[] = {
	/* redis */
	"zmalloc",
	"zcalloc",
	"zrealloc",
	"ztrymalloc",
	"ztrycalloc",
	"ztryrealloc",
	"zstrdup",
	/* GNU programs */
	"xmalloc",
	"xcalloc",
	"xrealloc",
	"xzalloc",
	"xnmalloc",
	"xnrealloc",
	"x2realloc",
	"x2nrealloc",
	"xmemdup",
	"xstrdup",
	"xstrndup",
	"xasprintf",
	"xvasprintf",
	"ximalloc",
	"xicalloc",
	/* glib */
	"g_malloc",
	"g_realloc",
	"g_try_malloc",
	"g_try_realloc",
	"g_slice_alloc",
	"g_slice_copy",
	"g_strdup",
	"g_strndup",
	"g_memdup",
	"g_aligned_alloc",
	/* ffmpeg, apr, sqlite */
	"av_malloc",
	"av_mallocz",
	"av_calloc",
	"av_realloc",
	"av_strdup",
	"apr_palloc",
	"apr_pcalloc",
	"apr_pstr",
	"apr_pmemdup",
	"apr_psprintf",
	"apr_pvsprintf",
	"apr_vformatter",
	"apr_pool_create",
	"apr_array_",
	"apr_hash_",
	"apr_table_",
	"apr_bucket_alloc",
	"apr_allocator_",
	"allocator_alloc",
	"sqlite3MemMalloc",
	"sqlite3MemRealloc",
	"sqlite3Malloc",
	"sqlite3_malloc",
	"sqlite3Realloc",
	"sqlite3_realloc",
	"sqlite3DbMalloc",
	"sqlite3DbRealloc",
	"sqlite3DbStrDup",
	"mallocWithAlarm",
	/* CPython */
	"_PyMem_",
	"PyMem_",
	"_PyObject_Malloc",
	"_PyObject_Calloc",
	"_PyObject_Realloc",
	"PyObject_Malloc",
	"PyObject_Calloc",
	"PyObject_Realloc",
	"_PyObject_Arena",
	"pymalloc_alloc",
	"_PyObject_GC_",
	"_PyObject_New",
	"_PyType_Alloc",
	"PyType_GenericAlloc",
	"gc_alloc",
	/* OpenSSL, libuv, libxml2, nginx, PostgreSQL, PHP, BIND, Ruby, talloc */
	"CRYPTO_malloc",
	"CRYPTO_zalloc",
	"CRYPTO_realloc",
	"CRYPTO_strdup",
	"CRYPTO_memdup",
	"uv__malloc",
	"uv__calloc",
	"uv__realloc",
	"uv__strdup",
	"xmlMalloc",
	"xmlRealloc",
	"xmlStrdup",
	"ngx_alloc",
	"ngx_calloc",
	"ngx_palloc",
	"ngx_pnalloc",
	"ngx_pcalloc",
	"MemoryContextAlloc",
	"AllocSetAlloc",
	"palloc",
	"repalloc",
	"_emalloc",
	"_erealloc",
	"_ecalloc",
	"_estrdup",
	"isc__mem_",
	"isc_mem_",
	"ruby_xmalloc",
	"ruby_xcalloc",
	"ruby_xrealloc",
	"objspace_x",
	"rb_gc_impl_malloc",
	"_talloc",
	"talloc_",
};

/* The C library's: these alone, as programs' own may begin so. */
static const char *const known_names[] = {
	"strdup",   "__strdup",	  "strndup",	    "__strndup",
	"asprintf", "__asprintf", "vasprintf",	    "__vasprintf_internal",
	"getline",  "getdelim",	  "open_memstream", "wcsdup",
	"realpath", "getcwd",
};

/* Names as they are shown: standard libraries of C++ and Rust. */
static const char *const known_scopes[] = {
	"std::",    "__gnu_cxx::", "alloc::", "core::",	      "hashbrown::",
	"<alloc::", "<std::",	   "<core::", "<hashbrown::",
};

/* In names that are like malloc's, in any case of letters. */
static const char *const like_parts[] = { "malloc",   "calloc",	   "realloc",
					  "memalign", "alloc_mem", "strdup",
					  "strndup",  "memdup" };

static bool begins_with_one(const char *name, const char *const *starts,
			    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_starts_with(name, starts[i]))
			return true;
	return false;
}

/* Ignores what the compiler adds: ".constprop.0". */
static bool is_known_name(const char *name)
{
	const size_t len = strcspn(name, ".@");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known_names); i++)
		if (strlen(known_names[i]) == len &&
		    !memcmp(known_names[i], name, len))
			return true;
	return false;
}

/* "pool_alloc", "heapAlloc" and what has one of the parts: of the function's
 * own name, without its class. */
static bool is_like_malloc(const char *name)
{
	const char *own = name, *scope;
	size_t len, i;

	while ((scope = strstr(own, "::")))
		own = scope + 2;
	for (i = 0; i < ARRAY_SIZE(like_parts); i++)
		if (strcasestr(own, like_parts[i]))
			return true;
	len = strcspn(own, ".@<(");
	return len >= 5 &&
	       (!strncasecmp(own + len - 5, "alloc", 5) ||
		(len >= 8 && !strncasecmp(own + len - 8, "allocate", 8)));
}

enum wrapper_name wrapper_name_of(const char *function, const char *shown)
{
	if (!function)
		return WRAPPER_UNNAMED;
	if (!shown)
		shown = function;
	if (begins_with_one(function, known_starts, ARRAY_SIZE(known_starts)) ||
	    begins_with_one(shown, known_scopes, ARRAY_SIZE(known_scopes)) ||
	    is_known_name(function))
		return WRAPPER_KNOWN;
	return is_like_malloc(shown) ? WRAPPER_LIKE : WRAPPER_UNNAMED;
}
