/* The tables of names are in order and name each once; the C libraries of this
 * machine have all functions that are dangerous to be inside, and its jemalloc
 * has no function and no source file that is not in a table. */
#include "target/unsafe_names.c"

#include <gnu/libc-version.h>
#include <stdio.h>

/* What is linked follows from the headers. */
#include "target/unsafe_names.h"
#include "tests/unit/hs_check.h"

/* Each is behind the one before it: in order, and there once. */
static void check_order(const char *const *items, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		ck_assert_msg(strcmp(items[i - 1], items[i]) < 0, "%s, %s",
			      items[i - 1], items[i]);
}

START_TEST(tables_are_in_order)
{
	const char *found[ARRAY_SIZE(names)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		found[i] = names[i].name;
	check_order(found, ARRAY_SIZE(names));
	check_order(api, ARRAY_SIZE(api));
	check_order(sources, ARRAY_SIZE(sources));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_ptr_eq(code_name_find(names[i].name,
						strlen(names[i].name)),
				 &names[i]);
	for (i = 0; i < ARRAY_SIZE(api); i++)
		ck_assert_msg(code_name_is_api(api[i], strlen(api[i])), "%s",
			      api[i]);
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		ck_assert_msg(code_name_is_source(sources[i]), "%s",
			      sources[i]);
}
END_TEST

/* The next word that @command prints, NULL at the end; @f is NULL at first. */
static const char *next_word(FILE **f, const char *command)
{
	static char word[4096];

	if (!*f) {
		*f = popen(command, "r");
		ck_assert_ptr_nonnull(*f);
	}
	if (fscanf(*f, "%4095s", word) == 1)
		return word;
	ck_assert_int_eq(pclose(*f), 0);
	return NULL;
}

/* Of the allocators of C libraries: inlined where gcc 12 built glibc 2.36 and
 * musl 1.2.3, and symbols in other builds; of glibc before 2.34, which had
 * hooks; of glibc from 2.37 on; of musl before 1.2.1. */
static const char *const of_other_builds[] = {
	"_int_new_arena",
	"_mid_memalign",
	"alloc_group",
	"delete_heap",
	"detach_arena",
	"get_free_list",
	"grow_heap",
	"heap_trim",
	"mremap_chunk",
	"mtrim",
	"ptmalloc_init",
	"reused_arena",
	"shrink_heap",
	"sysmalloc_mmap",
	"sysmalloc_mmap_fallback",
	"systrim",
	"tcache_init",
	"tcache_thread_shutdown",
	"unlink_chunk",
	/* glibc before 2.34 */
	"__default_morecore",
	"__malloc_check_init",
	"__malloc_get_state",
	"__malloc_set_state",
	"cfree",
	"malloc_get_state",
	"malloc_set_state",
	/* glibc from 2.37 on */
	"_int_free_chunk",
	"_int_free_create_chunk",
	"_int_free_maybe_consolidate",
	"_int_free_maybe_trim",
	"_int_free_merge_chunk",
	/* musl before 1.2.1 */
	"__bin_chunk",
	"__expand_heap",
	"__malloc0",
};

/* Of glibc 2.N, from this N on and before that one; 0: still. */
static const struct {
	const char *name;
	int from, before;
} of_versions[] = {
	{ "__clone3", 34, 0 },
	{ "__clone_internal", 34, 0 },
	{ "__glibc_morecore", 34, 0 },
	{ "__libc_mallinfo2", 33, 0 },
	{ "__nptl_free_tcb", 34, 0 },
	{ "__run_postfork_handlers", 35, 0 },
	{ "__run_prefork_handlers", 35, 0 },
	{ "_int_free", 0, 41 },
	{ "alloc_new_heap", 35, 0 },
	{ "arena_get2", 32, 0 },
	{ "clone3", 34, 41 },
	{ "mallinfo2", 33, 0 },
};

static bool is_of_another_version(const char *name)
{
	const char *dot = strchr(gnu_get_libc_version(), '.');
	const int minor = (int)strtol(dot + 1, NULL, 10);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(of_versions); i++)
		if (!strcmp(of_versions[i].name, name))
			return minor < of_versions[i].from ||
			       (of_versions[i].before &&
				minor >= of_versions[i].before);
	return false;
}

static bool is_of_other_builds(const struct code_name *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(of_other_builds); i++)
		if (!strcmp(of_other_builds[i], name->name))
			return !strcmp(name->what, "allocator");
	return false;
}

START_TEST(each_is_in_a_c_library)
{
	static const char symbols[] =
		"nm --defined-only --format=posix"
		" \"$(gcc -print-file-name=libc.a)\""
		" \"$(gcc -print-file-name=libpthread.a)\""
		" \"$(gcc -print-file-name=libdl.a)\""
		" \"$(gcc -print-file-name=libgcc_eh.a)\""
		" /usr/lib/*-linux-musl/libc.a 2>/dev/null";
	bool there[ARRAY_SIZE(names)] = { 0 };
	const struct code_name *row;
	const char *word;
	FILE *f = NULL;
	size_t i;

	while ((word = next_word(&f, symbols))) {
		row = code_name_find(word, strlen(word));
		if (row)
			there[row - names] = true;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_msg(there[i] || is_of_other_builds(&names[i]) ||
				      is_of_another_version(names[i].name),
			      "nobody has %s()", names[i].name);
}
END_TEST

START_TEST(a_real_jemalloc_has_no_others)
{
	size_t functions_seen = 0, files_seen = 0;
	const char *word;
	FILE *f = NULL;

	while ((word = next_word(&f,
				 "nm -D --defined-only --format=posix"
				 " \"$(gcc -print-file-name=libjemalloc.so)\" |"
				 " awk '$2 == \"T\" { print $1 }'"))) {
		functions_seen++;
		ck_assert_msg(code_name_is_api(word, strlen(word)) ||
				      code_name_is_cxx_operator(word,
								strlen(word)),
			      "%s", word);
	}
	ck_assert_uint_ge(functions_seen, 20);
	f = NULL;
	while ((word = next_word(
			&f,
			"ar t \"$(gcc -print-file-name=libjemalloc.a)\""))) {
		files_seen++;
		ck_assert_msg(code_name_is_source(word), "%s", word);
	}
	/* 34 of jemalloc 5.2.1, more of later ones. */
	ck_assert_uint_ge(files_seen, 30);
}
END_TEST

int main(void)
{
	return hs_check_run("target/unsafe_tables", tables_are_in_order,
			    each_is_in_a_c_library,
			    a_real_jemalloc_has_no_others);
}
