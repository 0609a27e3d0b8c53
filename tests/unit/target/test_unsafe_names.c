/* Every name of a dangerous function is found (a table that is not in order
 * would lose some), and nothing else is. */
#include "target/unsafe_names.h"

#include <string.h>

#include "tests/unit/hs_check.h"

static const struct code_name *find(const char *name)
{
	return code_name_find(name, code_name_length(name));
}

static const char *const always[] = {
	"_Fork",
	"__call_tls_dtors",
	"__cxa_finalize",
	"__cxa_thread_atexit_impl",
	"__fork",
	"__libc_calloc",
	"__libc_fork",
	"__libc_free",
	"__libc_malloc",
	"__libc_memalign",
	"__libc_realloc",
	"__nptl_deallocate_tsd",
	"__nptl_free_tcb",
	"__nptl_setxid",
	"__run_exit_handlers",
	"__run_postfork_handlers",
	"__run_prefork_handlers",
	"__synccall",
	"_Unwind_Backtrace",
	"_Unwind_Find_FDE",
	"_Unwind_ForcedUnwind",
	"_Unwind_RaiseException",
	"_Unwind_Resume",
	"_Unwind_Resume_or_Rethrow",
	"__deregister_frame",
	"__deregister_frame_info",
	"__register_frame",
	"__register_frame_info",
	"aligned_alloc",
	"calloc",
	"dl_iterate_phdr",
	"dladdr",
	"dladdr1",
	"dlclose",
	"dlinfo",
	"dlmopen",
	"dlopen",
	"dlsym",
	"dlvsym",
	"exit",
	"fork",
	"free",
	"initgroups",
	"mallinfo",
	"mallinfo2",
	"malloc",
	"malloc_info",
	"malloc_stats",
	"malloc_trim",
	"mallopt",
	"memalign",
	"popen",
	"posix_memalign",
	"posix_spawn",
	"posix_spawnp",
	"pthread_cancel",
	"pthread_create",
	"pthread_exit",
	"pthread_getattr_default_np",
	"pthread_setattr_default_np",
	"pvalloc",
	"quick_exit",
	"realloc",
	"reallocarray",
	"setegid",
	"seteuid",
	"setgid",
	"setgroups",
	"setregid",
	"setresgid",
	"setresuid",
	"setreuid",
	"setuid",
	"system",
	"valloc",
	"vfork",
};

static const char *const running[] = {
	"pthread_clockjoin_np", "pthread_detach",     "pthread_join",
	"pthread_timedjoin_np", "pthread_tryjoin_np",
};

static const char *const pc_only[] = {
	"__clone", "__clone3", "__clone_internal", "clone", "clone3",
};

START_TEST(functions)
{
	size_t i;

	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		ck_assert_msg(find(always[i]) != NULL, "%s", always[i]);
		ck_assert_str_eq(find(always[i])->name, always[i]);
		ck_assert_int_eq(find(always[i])->unsafe_when, CODE_ALWAYS);
	}
	for (i = 0; i < sizeof(running) / sizeof(running[0]); i++) {
		ck_assert_msg(find(running[i]) != NULL, "%s", running[i]);
		ck_assert_int_eq(find(running[i])->unsafe_when, CODE_RUNNING);
	}
	for (i = 0; i < sizeof(pc_only) / sizeof(pc_only[0]); i++) {
		ck_assert_msg(find(pc_only[i]) != NULL, "%s", pc_only[i]);
		ck_assert_int_eq(find(pc_only[i])->unsafe_when, CODE_PC);
	}
}
END_TEST

START_TEST(allocators)
{
	ck_assert(code_name_is_allocator(find("_int_malloc.constprop.0")));
	ck_assert(code_name_is_allocator(find("__libc_malloc")));
	ck_assert(!code_name_is_allocator(find("fork")));
	ck_assert(code_name_is_malloc("aligned_alloc", 13));
	ck_assert(code_name_is_malloc("calloc", 6));
	ck_assert(code_name_is_malloc("free.cold", 4));
	ck_assert(code_name_is_malloc("valloc", 6));
	ck_assert(!code_name_is_malloc("freed", 5));
	ck_assert(!code_name_is_malloc("mallinfo", 8));
	ck_assert(!code_name_is_malloc("", 0));
}
END_TEST

START_TEST(what_compilers_add_is_cut)
{
	ck_assert_uint_eq(code_name_length("fork"), 4);
	ck_assert_uint_eq(code_name_length("pthread_create.cold"), 14);
	ck_assert_uint_eq(code_name_length("a.constprop.0.cold"), 1);
	ck_assert_uint_eq(code_name_length(".L1.x"), 3);
	ck_assert_uint_eq(code_name_length(""), 0);
	ck_assert_str_eq(find("fork.cold")->name, "fork");
	ck_assert_str_eq(find("fork.cold")->what, "fork");
}
END_TEST

START_TEST(other_functions)
{
	static const char *const others[] = {
		"",
		"a",
		"for",
		"forks",
		"_exit",
		"read",
		"epoll_wait",
		"zzz",
		"sleep",
		"start_thread",
		"__libc_start_main",
	};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!find(others[i]), "%s", others[i]);
}
END_TEST

static bool is_api(const char *name)
{
	return code_name_is_api(name, strlen(name));
}

START_TEST(the_interface_of_jemalloc)
{
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
	size_t i;

	for (i = 0; i < sizeof(api) / sizeof(api[0]); i++)
		ck_assert_msg(is_api(api[i]), "%s", api[i]);
	ck_assert(!is_api("mallo"));
	ck_assert(!is_api("mallocs"));
	ck_assert(!is_api("strdup"));
	ck_assert(!is_api(""));
}
END_TEST

static bool is_operator(const char *name)
{
	return code_name_is_cxx_operator(name, strlen(name));
}

START_TEST(operators)
{
	ck_assert(is_operator("_Znwm"));
	ck_assert(is_operator("_ZnamRKSt9nothrow_t"));
	ck_assert(is_operator("_ZdlPv"));
	ck_assert(is_operator("_ZdaPvmSt11align_val_t"));
	ck_assert(!is_operator("_ZN3FoonwEm"));
	ck_assert(!is_operator("_Znw"));
	ck_assert(!is_operator("new"));
}
END_TEST

static size_t private_prefix(const char *name)
{
	return code_name_private_prefix(name, strlen(name));
}

START_TEST(inner_names)
{
	ck_assert_uint_eq(private_prefix("je_arena_boot"), 3);
	ck_assert_uint_eq(private_prefix("_rjem_je_ctl_bymib"), 9);
	ck_assert_uint_eq(private_prefix("duckdb_je_prof_dump"), 10);
	ck_assert_uint_eq(private_prefix("je_tcache_boot"), 3);
	ck_assert_uint_eq(private_prefix("je_mallctl"), 0);
	ck_assert_uint_eq(private_prefix("je_arena_"), 0);
	ck_assert_uint_eq(private_prefix("arena_boot"), 0);
	ck_assert_uint_eq(private_prefix("_ZN3foo13je_arena_bootEv"), 0);
	ck_assert_uint_eq(private_prefix(""), 0);
}
END_TEST

START_TEST(source_files)
{
	/* Of versions that came before, or after. */
	ck_assert(code_name_is_source("chunk_mmap.c"));
	ck_assert(code_name_is_source("huge.c"));
	ck_assert(code_name_is_source("quarantine.c"));
	ck_assert(code_name_is_source("hpa_utils.c"));
	ck_assert(code_name_is_source("zone.c"));
	ck_assert(code_name_is_source("src/arena.c"));
	ck_assert(code_name_is_source("arena.pic.o"));
	ck_assert(code_name_is_source("jemalloc_cpp.cpp"));
	ck_assert(!code_name_is_source("main.c"));
	ck_assert(!code_name_is_source("arenas.c"));
	ck_assert(!code_name_is_source("arena/x.c"));
	ck_assert(!code_name_is_source(""));
}
END_TEST

int main(void)
{
	return hs_check_run("target/unsafe_names", functions, allocators,
			    what_compilers_add_is_cut, other_functions,
			    the_interface_of_jemalloc, operators, inner_names,
			    source_files);
}
