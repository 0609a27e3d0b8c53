#include "target/unsafe_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/str.h"

/*
 * Sorted by strcmp(). The reasons:
 *
 * allocator: an injected pthread_create() makes libc allocate the new thread's
 * TLS by calloc(). A thread inside an allocator may hold its lock, be it the C
 * library's allocator or one that overrides it. (Names of glibc's and musl's
 * inner functions are for static programs: a libc.so is stripped of them.)
 * fork: libc's fork() runs the pthread_atfork() handlers. Between those for
 *   "prepare" and "parent" jemalloc holds all of its locks while none of its
 *   functions is on the stack. vfork() and posix_spawn() share their memory
 *   with a child that runs on it.
 * pthread_create, thread exit, set*id, initgroups: hold the lock of libc's list
 *   of stacks (glibc nptl/allocatestack.c, nptl/nptl_setxid.c), which
 *   pthread_create() takes.
 * pthread_*attr_default_np: hold the lock of the default attributes, likewise.
 * pthread_join, pthread_detach: free the stack of the ended thread into that
 *   list, but only after the wait (glibc nptl/pthread_join_common.c).
 * dl*: hold the dynamic linker's lock; an allocation that is sampled asks it
 *   for the unwind tables.
 * exit, __call_tls_dtors, __cxa_*: destructors run, also the allocator's.
 * clone: the first frame of every thread is in it.
 */
static const struct code_name names[] = {
	{ "_Fork", CODE_ALWAYS, "fork" },
	{ "_Unwind_Backtrace", CODE_ALWAYS, "unwinder" },
	{ "_Unwind_Find_FDE", CODE_ALWAYS, "unwinder" },
	{ "_Unwind_ForcedUnwind", CODE_ALWAYS, "unwinder" },
	{ "_Unwind_RaiseException", CODE_ALWAYS, "unwinder" },
	{ "_Unwind_Resume", CODE_ALWAYS, "unwinder" },
	{ "_Unwind_Resume_or_Rethrow", CODE_ALWAYS, "unwinder" },
	{ "__bin_chunk", CODE_ALWAYS, "allocator" },
	{ "__call_tls_dtors", CODE_ALWAYS, "thread exit" },
	{ "__clone", CODE_PC, "clone" },
	{ "__clone3", CODE_PC, "clone" },
	{ "__clone_internal", CODE_PC, "clone" },
	{ "__cxa_finalize", CODE_ALWAYS, "exit" },
	{ "__cxa_thread_atexit_impl", CODE_ALWAYS, "thread exit" },
	{ "__default_morecore", CODE_ALWAYS, "allocator" },
	{ "__deregister_frame", CODE_ALWAYS, "unwinder" },
	{ "__deregister_frame_info", CODE_ALWAYS, "unwinder" },
	{ "__expand_heap", CODE_ALWAYS, "allocator" },
	{ "__fork", CODE_ALWAYS, "fork" },
	{ "__glibc_morecore", CODE_ALWAYS, "allocator" },
	{ "__libc_calloc", CODE_ALWAYS, "allocator" },
	{ "__libc_fork", CODE_ALWAYS, "fork" },
	{ "__libc_free", CODE_ALWAYS, "allocator" },
	{ "__libc_mallinfo", CODE_ALWAYS, "allocator" },
	{ "__libc_mallinfo2", CODE_ALWAYS, "allocator" },
	{ "__libc_malloc", CODE_ALWAYS, "allocator" },
	{ "__libc_malloc_impl", CODE_ALWAYS, "allocator" },
	{ "__libc_mallopt", CODE_ALWAYS, "allocator" },
	{ "__libc_memalign", CODE_ALWAYS, "allocator" },
	{ "__libc_pvalloc", CODE_ALWAYS, "allocator" },
	{ "__libc_realloc", CODE_ALWAYS, "allocator" },
	{ "__libc_reallocarray", CODE_ALWAYS, "allocator" },
	{ "__libc_valloc", CODE_ALWAYS, "allocator" },
	{ "__malloc0", CODE_ALWAYS, "allocator" },
	{ "__malloc_alloc_meta", CODE_ALWAYS, "allocator" },
	{ "__malloc_allzerop", CODE_ALWAYS, "allocator" },
	{ "__malloc_arena_thread_freeres", CODE_ALWAYS, "allocator" },
	{ "__malloc_atfork", CODE_ALWAYS, "allocator" },
	{ "__malloc_check_init", CODE_ALWAYS, "allocator" },
	{ "__malloc_donate", CODE_ALWAYS, "allocator" },
	{ "__malloc_fork_lock_parent", CODE_ALWAYS, "allocator" },
	{ "__malloc_fork_unlock_child", CODE_ALWAYS, "allocator" },
	{ "__malloc_fork_unlock_parent", CODE_ALWAYS, "allocator" },
	{ "__malloc_get_state", CODE_ALWAYS, "allocator" },
	{ "__malloc_info", CODE_ALWAYS, "allocator" },
	{ "__malloc_set_state", CODE_ALWAYS, "allocator" },
	{ "__malloc_stats", CODE_ALWAYS, "allocator" },
	{ "__malloc_trim", CODE_ALWAYS, "allocator" },
	{ "__malloc_usable_size", CODE_ALWAYS, "allocator" },
	{ "__nptl_deallocate_tsd", CODE_ALWAYS, "thread exit" },
	{ "__nptl_free_tcb", CODE_ALWAYS, "thread exit" },
	{ "__nptl_setxid", CODE_ALWAYS, "set*id" },
	{ "__posix_memalign", CODE_ALWAYS, "allocator" },
	{ "__register_frame", CODE_ALWAYS, "unwinder" },
	{ "__register_frame_info", CODE_ALWAYS, "unwinder" },
	{ "__run_exit_handlers", CODE_ALWAYS, "exit" },
	{ "__run_postfork_handlers", CODE_ALWAYS, "fork" },
	{ "__run_prefork_handlers", CODE_ALWAYS, "fork" },
	{ "__simple_malloc", CODE_ALWAYS, "allocator" },
	{ "__synccall", CODE_ALWAYS, "set*id" },
	{ "_int_free", CODE_ALWAYS, "allocator" },
	{ "_int_free_chunk", CODE_ALWAYS, "allocator" },
	{ "_int_free_create_chunk", CODE_ALWAYS, "allocator" },
	{ "_int_free_maybe_consolidate", CODE_ALWAYS, "allocator" },
	{ "_int_free_maybe_trim", CODE_ALWAYS, "allocator" },
	{ "_int_free_merge_chunk", CODE_ALWAYS, "allocator" },
	{ "_int_malloc", CODE_ALWAYS, "allocator" },
	{ "_int_memalign", CODE_ALWAYS, "allocator" },
	{ "_int_new_arena", CODE_ALWAYS, "allocator" },
	{ "_int_realloc", CODE_ALWAYS, "allocator" },
	{ "_mid_memalign", CODE_ALWAYS, "allocator" },
	{ "aligned_alloc", CODE_ALWAYS, "allocator" },
	{ "alloc_group", CODE_ALWAYS, "allocator" },
	{ "alloc_new_heap", CODE_ALWAYS, "allocator" },
	{ "alloc_slot", CODE_ALWAYS, "allocator" },
	{ "arena_get2", CODE_ALWAYS, "allocator" },
	{ "arena_get_retry", CODE_ALWAYS, "allocator" },
	{ "calloc", CODE_ALWAYS, "allocator" },
	{ "cfree", CODE_ALWAYS, "allocator" },
	{ "clone", CODE_PC, "clone" },
	{ "clone3", CODE_PC, "clone" },
	{ "default_malloc", CODE_ALWAYS, "allocator" },
	{ "delete_heap", CODE_ALWAYS, "allocator" },
	{ "detach_arena", CODE_ALWAYS, "allocator" },
	{ "dl_iterate_phdr", CODE_ALWAYS, "dynamic linker" },
	{ "dladdr", CODE_ALWAYS, "dynamic linker" },
	{ "dladdr1", CODE_ALWAYS, "dynamic linker" },
	{ "dlclose", CODE_ALWAYS, "dynamic linker" },
	{ "dlinfo", CODE_ALWAYS, "dynamic linker" },
	{ "dlmopen", CODE_ALWAYS, "dynamic linker" },
	{ "dlopen", CODE_ALWAYS, "dynamic linker" },
	{ "dlsym", CODE_ALWAYS, "dynamic linker" },
	{ "dlvsym", CODE_ALWAYS, "dynamic linker" },
	{ "exit", CODE_ALWAYS, "exit" },
	{ "fork", CODE_ALWAYS, "fork" },
	{ "free", CODE_ALWAYS, "allocator" },
	{ "get_free_list", CODE_ALWAYS, "allocator" },
	{ "grow_heap", CODE_ALWAYS, "allocator" },
	{ "heap_trim", CODE_ALWAYS, "allocator" },
	{ "initgroups", CODE_ALWAYS, "set*id" },
	{ "int_mallinfo", CODE_ALWAYS, "allocator" },
	{ "mallinfo", CODE_ALWAYS, "allocator" },
	{ "mallinfo2", CODE_ALWAYS, "allocator" },
	{ "malloc", CODE_ALWAYS, "allocator" },
	{ "malloc_consolidate", CODE_ALWAYS, "allocator" },
	{ "malloc_get_state", CODE_ALWAYS, "allocator" },
	{ "malloc_info", CODE_ALWAYS, "allocator" },
	{ "malloc_set_state", CODE_ALWAYS, "allocator" },
	{ "malloc_stats", CODE_ALWAYS, "allocator" },
	{ "malloc_trim", CODE_ALWAYS, "allocator" },
	{ "malloc_usable_size", CODE_ALWAYS, "allocator" },
	{ "mallopt", CODE_ALWAYS, "allocator" },
	{ "memalign", CODE_ALWAYS, "allocator" },
	{ "mremap_chunk", CODE_ALWAYS, "allocator" },
	{ "mtrim", CODE_ALWAYS, "allocator" },
	{ "munmap_chunk", CODE_ALWAYS, "allocator" },
	{ "new_heap", CODE_ALWAYS, "allocator" },
	{ "nontrivial_free", CODE_ALWAYS, "allocator" },
	{ "popen", CODE_ALWAYS, "fork" },
	{ "posix_memalign", CODE_ALWAYS, "allocator" },
	{ "posix_spawn", CODE_ALWAYS, "fork" },
	{ "posix_spawnp", CODE_ALWAYS, "fork" },
	{ "pthread_cancel", CODE_ALWAYS, "pthread_cancel" },
	{ "pthread_clockjoin_np", CODE_RUNNING, "pthread_join" },
	{ "pthread_create", CODE_ALWAYS, "pthread_create" },
	{ "pthread_detach", CODE_RUNNING, "pthread_detach" },
	{ "pthread_exit", CODE_ALWAYS, "thread exit" },
	{ "pthread_getattr_default_np", CODE_ALWAYS, "pthread attributes" },
	{ "pthread_join", CODE_RUNNING, "pthread_join" },
	{ "pthread_setattr_default_np", CODE_ALWAYS, "pthread attributes" },
	{ "pthread_timedjoin_np", CODE_RUNNING, "pthread_join" },
	{ "pthread_tryjoin_np", CODE_RUNNING, "pthread_join" },
	{ "ptmalloc_init", CODE_ALWAYS, "allocator" },
	{ "pvalloc", CODE_ALWAYS, "allocator" },
	{ "quick_exit", CODE_ALWAYS, "exit" },
	{ "realloc", CODE_ALWAYS, "allocator" },
	{ "reallocarray", CODE_ALWAYS, "allocator" },
	{ "reused_arena", CODE_ALWAYS, "allocator" },
	{ "setegid", CODE_ALWAYS, "set*id" },
	{ "seteuid", CODE_ALWAYS, "set*id" },
	{ "setgid", CODE_ALWAYS, "set*id" },
	{ "setgroups", CODE_ALWAYS, "set*id" },
	{ "setregid", CODE_ALWAYS, "set*id" },
	{ "setresgid", CODE_ALWAYS, "set*id" },
	{ "setresuid", CODE_ALWAYS, "set*id" },
	{ "setreuid", CODE_ALWAYS, "set*id" },
	{ "setuid", CODE_ALWAYS, "set*id" },
	{ "shrink_heap", CODE_ALWAYS, "allocator" },
	{ "sysmalloc", CODE_ALWAYS, "allocator" },
	{ "sysmalloc_mmap", CODE_ALWAYS, "allocator" },
	{ "sysmalloc_mmap_fallback", CODE_ALWAYS, "allocator" },
	{ "system", CODE_ALWAYS, "fork" },
	{ "systrim", CODE_ALWAYS, "allocator" },
	{ "tcache_init", CODE_ALWAYS, "allocator" },
	{ "tcache_thread_shutdown", CODE_ALWAYS, "allocator" },
	{ "unlink_chunk", CODE_ALWAYS, "allocator" },
	{ "valloc", CODE_ALWAYS, "allocator" },
	{ "vfork", CODE_ALWAYS, "fork" },
};

/* The functions by which a file overrides the C library's allocator. Sorted. */
static const char *const c_functions[] = {
	"aligned_alloc",  "calloc",  "free",	"malloc", "memalign",
	"posix_memalign", "pvalloc", "realloc", "valloc",
};

/* jemalloc 3.6 to 5.3: include/jemalloc/jemalloc_protos.h.in. Sorted. */
static const char *const api[] = {
	"aligned_alloc",
	"allocm",
	"calloc",
	"dallocm",
	"dallocx",
	"free",
	"free_aligned_sized",
	"free_sized",
	"mallctl",
	"mallctlbymib",
	"mallctlnametomib",
	"malloc",
	"malloc_size",
	"malloc_stats_print",
	"malloc_usable_size",
	"mallocx",
	"memalign",
	"nallocm",
	"nallocx",
	"posix_memalign",
	"pvalloc",
	"rallocm",
	"rallocx",
	"realloc",
	"sallocm",
	"sallocx",
	"sdallocx",
	"smallocx",
	"valloc",
	"xallocx",
};

/* jemalloc 3.6 to 5.3: src/, without the suffixes. Sorted. */
static const char *const sources[] = {
	"arena",
	"atomic",
	"background_thread",
	"base",
	"batcher",
	"bin",
	"bin_info",
	"bitmap",
	"buf_writer",
	"cache_bin",
	"chunk",
	"chunk_dss",
	"chunk_mmap",
	"ckh",
	"conf",
	"counter",
	"ctl",
	"decay",
	"div",
	"ecache",
	"edata",
	"edata_cache",
	"ehooks",
	"emap",
	"eset",
	"exp_grow",
	"extent",
	"extent_dss",
	"extent_mmap",
	"fxp",
	"hash",
	"hook",
	"hooks",
	"hpa",
	"hpa_central",
	"hpa_hooks",
	"hpa_utils",
	"hpdata",
	"huge",
	"inspect",
	"jemalloc",
	"jemalloc_cpp",
	"jemalloc_fork",
	"jemalloc_init",
	"large",
	"log",
	"malloc_io",
	"mb",
	"mutex",
	"mutex_pool",
	"nstime",
	"pa",
	"pa_extra",
	"pac",
	"pages",
	"pai",
	"peak_event",
	"prng",
	"prof",
	"prof_data",
	"prof_log",
	"prof_recent",
	"prof_stack_range",
	"prof_stats",
	"prof_sys",
	"prof_threshold",
	"psset",
	"quarantine",
	"rtree",
	"safety_check",
	"san",
	"san_bump",
	"sc",
	"sec",
	"smoothstep",
	"spin",
	"stats",
	"sz",
	"tcache",
	"test_hooks",
	"thread_event",
	"thread_event_registry",
	"ticker",
	"tsd",
	"util",
	"valgrind",
	"witness",
	"zone",
};

size_t code_name_length(const char *name)
{
	const char *dot = name[0] ? strchr(name + 1, '.') : NULL;

	return dot ? (size_t)(dot - name) : strlen(name);
}

struct key {
	const char *s;
	size_t len;
};

static int key_compare(const struct key *key, const char *name)
{
	int order = strncmp(key->s, name, key->len);

	return order || !name[key->len] ? order : -1;
}

static int compare_row(const void *key, const void *row)
{
	return key_compare(key, ((const struct code_name *)row)->name);
}

static int compare_string(const void *key, const void *item)
{
	return key_compare(key, *(const char *const *)item);
}

const struct code_name *code_name_find(const char *name, size_t len)
{
	struct key key = { name, len };

	return bsearch(&key, names, ARRAY_SIZE(names), sizeof(names[0]),
		       compare_row);
}

bool code_name_is_allocator(const struct code_name *row)
{
	return !strcmp(row->what, "allocator");
}

bool code_name_is_malloc(const char *name, size_t len)
{
	struct key key = { name, len };

	return bsearch(&key, c_functions, ARRAY_SIZE(c_functions),
		       sizeof(c_functions[0]), compare_string);
}

bool code_name_is_api(const char *name, size_t len)
{
	struct key key = { name, len };

	return bsearch(&key, api, ARRAY_SIZE(api), sizeof(api[0]),
		       compare_string);
}

bool code_name_is_source(const char *path)
{
	struct key key = { str_base_name(path), 0 };

	key.len = code_name_length(key.s);
	return bsearch(&key, sources, ARRAY_SIZE(sources), sizeof(sources[0]),
		       compare_string);
}

/* Itanium C++ ABI, 5.1.5: "nw", "na", "dl", "da"; those of a class begin with
 * "_ZN". */
bool code_name_is_cxx_operator(const char *name, size_t len)
{
	return len > 4 &&
	       (!memcmp(name, "_Znw", 4) || !memcmp(name, "_Zna", 4) ||
		!memcmp(name, "_Zdl", 4) || !memcmp(name, "_Zda", 4));
}

/*
 * jemalloc's configure puts "je_" before the names of its inner functions, and
 * before that the argument of --with-private-namespace. Modules that every
 * version has distinguish it from a program's own "je_" functions.
 */
size_t code_name_private_prefix(const char *name, size_t len)
{
	static const char *const modules[] = { "arena_", "ctl_", "prof_",
					       "tcache_" };
	const char *je = memmem(name, len, "je_", 3);
	size_t prefix, i;

	if (!je || !memcmp(name, "_Z", 2))
		return 0;
	prefix = (size_t)(je - name) + 3;
	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		size_t n = strlen(modules[i]);

		if (len - prefix > n && !memcmp(je + 3, modules[i], n))
			return prefix;
	}
	return 0;
}
