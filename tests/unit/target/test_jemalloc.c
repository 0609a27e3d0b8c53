/* The files and jemallocs of live processes: each address is compared with the
 * one that the process itself reports; dynamic, static, with a prefix, deleted,
 * below another root, and none at all. */
#include "target/jemalloc.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proc/identity.h"
#include "proc/maps.h"
#include "symbol/elf.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/victim_child.h"

struct found {
	struct victim victim;
	struct identity id;
	struct maps maps;
	struct loaded_files files;
	struct jemallocs list;
};

static void find(struct found *f, const char *name, enum victim_way way)
{
	victim_start(&f->victim, name, way, NULL, NULL);
	hs_ck_ok(identity_open(f->victim.pid, &f->id));
	hs_ck_ok(maps_read(f->victim.pid, &f->maps));
	hs_ck_ok(loaded_files_open(&f->id, &f->maps, NULL, &f->files));
	hs_ck_ok(jemallocs_find(&f->files, &f->list));
}

static void found_end(struct found *f)
{
	jemallocs_release(&f->list);
	loaded_files_release(&f->files);
	maps_release(&f->maps);
	identity_close(&f->id);
	victim_end(&f->victim);
}

static void check_addresses(const struct found *f, const struct jemalloc *je)
{
	ck_assert_uint_eq(je->mallctl, victim_address(&f->victim, "mallctl"));
	ck_assert_uint_eq(je->mallctlnametomib,
			  victim_address(&f->victim, "mallctlnametomib"));
	ck_assert_uint_eq(je->mallctlbymib,
			  victim_address(&f->victim, "mallctlbymib"));
}

static const struct loaded_file *file_of(const struct found *f,
					 const char *part)
{
	size_t i;

	for (i = 0; i < f->files.n; i++)
		if (strstr(f->files.items[i].first->path, part))
			return &f->files.items[i];
	ck_abort_msg("no file like '%s'", part);
}

/* The one in which the victim says that @name is. */
static const struct loaded_file *file_with(const struct found *f,
					   const char *name)
{
	const struct mapping *m =
		maps_find(&f->maps, victim_address(&f->victim, name));

	ck_assert_ptr_nonnull(m);
	return file_of(f, m->path);
}

START_TEST(in_a_shared_library)
{
	const struct loaded_file *libc, *program;
	struct found f;
	char *variable;

	find(&f, "addresses", VICTIM_PLAIN);
	ck_assert_ptr_null(f.files.problems);
	ck_assert_uint_eq(f.list.n, 1);
	ck_assert_str_eq(f.list.items[0].prefix, "");
	ck_assert(f.list.items[0].shared);
	ck_assert_ptr_eq(f.list.items[0].file, file_of(&f, "libjemalloc"));
	check_addresses(&f, &f.list.items[0]);
	hs_ck_ok(jemalloc_conf_variable(&f.list.items[0], &variable));
	ck_assert_str_eq(variable, "MALLOC_CONF");
	free(variable);

	/* A library of its own before glibc 2.34. */
	libc = file_with(&f, "pthread_create");
	ck_assert(!libc->main_program);
	ck_assert_uint_eq(loaded_file_function(libc, "pthread_create"),
			  victim_address(&f.victim, "pthread_create"));
	ck_assert_uint_eq(loaded_file_function(libc, "mallctl"), 0);
	ck_assert_uint_eq(loaded_file_function(libc, "environ"), 0);
	program = file_of(&f, "addresses");
	ck_assert(program->main_program);
	ck_assert_uint_eq(loaded_file_function(program, "own_function"),
			  victim_address(&f.victim, "own_function"));
	/* Of many mappings of a file, the first is the lowest. */
	ck_assert_uint_eq(program->first->offset, 0);
	ck_assert_uint_eq(program->bias, program->first->start);
	found_end(&f);
}
END_TEST

START_TEST(in_a_static_program)
{
	struct found f;

	find(&f, "static-addresses", VICTIM_PLAIN);
	ck_assert_uint_eq(f.files.n, 1);
	ck_assert_uint_eq(f.files.items[0].bias, 0);
	ck_assert(f.files.items[0].main_program);
	ck_assert_uint_eq(f.list.n, 1);
	ck_assert_str_eq(f.list.items[0].prefix, "");
	ck_assert(!f.list.items[0].shared);
	check_addresses(&f, &f.list.items[0]);
	found_end(&f);
}
END_TEST

static const struct prefix_case {
	const char *victim, *prefix, *variable;
} prefixes[] = {
	{ "static-leaker-je_", "je_", "JE_MALLOC_CONF" },
	{ "static-leaker-_rjem_", "_rjem_", "_RJEM_MALLOC_CONF" },
	{ "embedded-leaker-je_", "je_", "JE_MALLOC_CONF" },
	{ "embedded-leaker-_rjem_", "_rjem_", "_RJEM_MALLOC_CONF" },
};

START_TEST(with_a_prefix)
{
	const struct prefix_case *c = &prefixes[_i];
	struct jemalloc *je;
	struct found f;
	char name[64], *variable;

	find(&f, c->victim, VICTIM_PLAIN);
	ck_assert_uint_eq(f.list.n, 1);
	je = &f.list.items[0];
	ck_assert_str_eq(je->prefix, c->prefix);
	ck_assert(!je->shared);
	ck_assert(je->file->main_program);
	snprintf(name, sizeof(name), "%smallctlbymib", c->prefix);
	ck_assert_uint_eq(je->mallctlbymib,
			  loaded_file_function(je->file, name));
	hs_ck_ok(jemalloc_conf_variable(je, &variable));
	ck_assert_str_eq(variable, c->variable);
	free(variable);
	found_end(&f);
}
END_TEST

/* The dynamic one's own program is deleted, its libraries are not. */
START_TEST(in_a_deleted_program)
{
	static const char *const victims[] = { "addresses",
					       "static-addresses" };
	struct found f;

	find(&f, victims[_i], VICTIM_DELETED);
	ck_assert_ptr_null(f.files.problems);
	ck_assert(f.files.items[0].first->deleted);
	ck_assert(f.files.items[0].main_program);
	ck_assert_uint_eq(f.list.n, 1);
	check_addresses(&f, &f.list.items[0]);
	found_end(&f);
}
END_TEST

START_TEST(below_another_root)
{
	struct found f;

	if (geteuid())
		return; /* only root can chroot(2) */
	find(&f, "static-addresses", VICTIM_CHROOT);
	ck_assert_ptr_null(f.files.problems);
	ck_assert_uint_eq(f.list.n, 1);
	check_addresses(&f, &f.list.items[0]);
	found_end(&f);
}
END_TEST

START_TEST(none_is_no_error)
{
	struct found f;

	find(&f, "plain", VICTIM_PLAIN);
	ck_assert_uint_eq(f.list.n, 0);
	ck_assert_uint_ge(f.files.n, 3); /* the program, libc, ld.so */
	found_end(&f);
}
END_TEST

/* Files that cannot be opened or are no ELF files are reported; the others are
 * there. The test changes the maps of a process that has no such files. */
START_TEST(problems_are_told)
{
	static const char text[] =
		"1000-2000 r-xp 00000000 00:00 0 \n"
		"2000-3000 r-xp 00000000 00:00 0 [vdso]\n"
		"3000-4000 rw-p 00000000 fe:00 1 /data\n"
		"4000-5000 r-xp 00000000 fe:00 1 /no/such/file\n"
		"5000-6000 r-xp 00001000 fe:00 1 /no/such/file\n";
	struct loaded_files files;
	struct identity id;
	struct maps maps;
	char want[100];

	hs_ck_ok(identity_open(getpid(), &id));
	hs_ck_ok(maps_parse(text, strlen(text), "maps", 1, &maps));
	hs_ck_ok(loaded_files_open(&id, &maps, NULL, &files));
	ck_assert_uint_eq(files.n, 0);
	snprintf(want, sizeof(want),
		 "cannot open '/no/such/file' of process %d: No such file or "
		 "directory",
		 (int)getpid());
	hs_ck_err(files.problems, HS_ERROR_NOT_FOUND, want);
	files.problems = NULL;
	loaded_files_release(&files);
	maps_release(&maps);
	identity_close(&id);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("target/jemalloc");
	TCase *tcase = tcase_create("target/jemalloc");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, in_a_shared_library);
	tcase_add_test(tcase, in_a_static_program);
	tcase_add_loop_test(tcase, with_a_prefix, 0,
			    (int)(sizeof(prefixes) / sizeof(prefixes[0])));
	tcase_add_loop_test(tcase, in_a_deleted_program, 0, 2);
	tcase_add_test(tcase, below_another_root);
	tcase_add_test(tcase, none_is_no_error);
	tcase_add_test(tcase, problems_are_told);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
