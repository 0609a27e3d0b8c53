/* Unsafe code and gadgets of live processes: addresses and bytes are compared
 * with those that the process itself reports and has in memory; jemalloc's
 * functions in a program are all covered and no others; a thread that waits is
 * clean. */
#include "target/unsafe_code.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/code_map.h"
#include "proc/identity.h"
#include "proc/maps.h"
#include "proc/memory.h"
#include "proc/task.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "target/jemalloc.h"
#include "target/unsafe_names.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/victim_child.h"

struct target {
	struct victim victim;
	struct identity id;
	struct maps maps;
	struct loaded_files files;
	struct jemallocs jemallocs;
	struct code_map code;
};

/* The dynamic linker's file; before glibc 2.35 that has its release in its
 * name. */
static bool is_linker(const char *path)
{
	return strstr(path, "/ld-linux") || strstr(path, "/ld-2.");
}

static struct hs_error *target_map(struct target *t, const char *name,
				   enum victim_way way, const char *option,
				   const char *value)
{
	pid_t pid;

	*t = (struct target){ 0 };
	victim_start(&t->victim, name, way, option, value);
	pid = t->victim.pid;
	hs_ck_ok(identity_open(pid, &t->id));
	hs_ck_ok(maps_read(pid, &t->maps));
	hs_ck_ok(loaded_files_open(&t->id, &t->maps, NULL, &t->files));
	hs_ck_ok(jemallocs_find(&t->files, &t->jemallocs));
	return unsafe_code_map(pid, &t->maps, &t->files, &t->jemallocs,
			       &t->code);
}

static void target_start(struct target *t, const char *name,
			 enum victim_way way)
{
	hs_ck_ok(target_map(t, name, way, NULL, NULL));
}

static void target_end(struct target *t)
{
	code_map_release(&t->code);
	jemallocs_release(&t->jemallocs);
	loaded_files_release(&t->files);
	maps_release(&t->maps);
	identity_close(&t->id);
	victim_end(&t->victim);
}

/* The first range with @unsafe_when that contains @addr. */
static const struct code_range *find_range(const struct target *t,
					   uint64_t addr,
					   enum code_unsafe_when unsafe_when)
{
	size_t i;

	for (i = 0; i < t->code.unsafe.n; i++)
		if (t->code.unsafe.items[i].start <= addr &&
		    addr < t->code.unsafe.items[i].end &&
		    t->code.unsafe.items[i].unsafe_when == unsafe_when)
			return &t->code.unsafe.items[i];
	return NULL;
}

/* Checks what the code of @name, whose address the victim reports, counts as;
 * "" is safe. */
static void check_what(const struct target *t, const char *name,
		       enum code_unsafe_when unsafe_when, const char *what)
{
	uint64_t addr = victim_address(&t->victim, name);
	const struct code_range *r = find_range(t, addr, unsafe_when);

	ck_assert_msg((r != NULL) == (*what != '\0'), "%s", name);
	if (r)
		ck_assert_str_eq(r->what, what);
}

static void check_functions(const struct target *t)
{
	const struct victim *v = &t->victim;

	ck_assert_uint_eq(t->code.entry.pthread_create,
			  victim_address(v, "pthread_create"));
	ck_assert_uint_eq(t->code.entry.pthread_attr_init,
			  victim_address(v, "pthread_attr_init"));
	ck_assert_uint_eq(t->code.entry.pthread_attr_setdetachstate,
			  victim_address(v, "pthread_attr_setdetachstate"));
	/* A static program lacks functions that it does not use. */
	if (t->code.entry.pthread_attr_setstacksize)
		ck_assert_uint_eq(t->code.entry.pthread_attr_setstacksize,
				  victim_address(v,
						 "pthread_attr_setstacksize"));
	ck_assert_uint_ge(t->code.entry.helper_stack, 256 << 10);
	ck_assert_uint_le(t->code.entry.helper_stack, 288 << 10);
	ck_assert_uint_eq(t->code.entry.sleep, victim_address(v, "sleep"));
	check_what(t, "mallctl", CODE_ALWAYS, "jemalloc");
	check_what(t, "mallctlbymib", CODE_ALWAYS, "jemalloc");
	check_what(t, "pthread_create", CODE_ALWAYS, "pthread_create");
	check_what(t, "pthread_exit", CODE_ALWAYS, "thread exit");
	check_what(t, "fork", CODE_ALWAYS, "fork");
	check_what(t, "system", CODE_ALWAYS, "fork");
	check_what(t, "exit", CODE_ALWAYS, "exit");
	check_what(t, "setuid", CODE_ALWAYS, "set*id");
	check_what(t, "pthread_join", CODE_RUNNING, "pthread_join");
	check_what(t, "pthread_join", CODE_ALWAYS, "");
	check_what(t, "sleep", CODE_ALWAYS, "");
	check_what(t, "read", CODE_ALWAYS, "");
	check_what(t, "own_function", CODE_ALWAYS, "");
}

static void check_bytes(const struct target *t, uint64_t addr, const char *want,
			size_t len)
{
	char have[16];

	ck_assert_uint_ne(addr, 0);
	hs_ck_ok(memory_read(t->victim.pid, addr, have, len));
	ck_assert_mem_eq(have, want, len);
}

static void check_gadgets(const struct target *t)
{
	static const char *const results[] = {
		[CODE_RESULT_RBX] = "\x93\xc3", [CODE_RESULT_RDX] = "\x92\xc3",
		[CODE_RESULT_RSI] = "\x96\xc3", [CODE_RESULT_RDI] = "\x97\xc3",
		[CODE_RESULT_RBP] = "\x95\xc3",
	};
	const struct mapping *m;

	check_bytes(t, t->code.entry.sigreturn,
		    "\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05", 9);
	check_bytes(t, t->code.entry.syscall_return, "\x0f\x05\xc3", 3);
	ck_assert_int_ne(t->code.entry.result_register, CODE_RESULT_NONE);
	check_bytes(t, t->code.entry.result,
		    results[t->code.entry.result_register], 2);
	m = maps_find(&t->maps, t->code.entry.result);
	ck_assert(m && m->exec);
}

static void check_sorted(const struct target *t)
{
	size_t i;

	for (i = 0; i < t->code.unsafe.n; i++) {
		const struct code_range *r = &t->code.unsafe.items[i];

		ck_assert_uint_lt(r->start, r->end);
		ck_assert(maps_find(&t->maps, r->start));
		if (i)
			ck_assert_uint_le(t->code.unsafe.items[i - 1].start,
					  r->start);
	}
}

/* Without .eh_frame_hdr: the entry of each function is known, and says in
 * memory where the function begins (relative to itself, in its third word). */
static void check_frames(const struct target *t)
{
	static const char *const names[] = { "mallctl", "read",
					     "own_function" };
	size_t i;

	ck_assert_uint_gt(t->code.frames.n, 1000);
	for (i = 1; i < t->code.frames.n; i++)
		ck_assert_uint_le(t->code.frames.items[i - 1].start,
				  t->code.frames.items[i].start);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t addr = victim_address(&t->victim, names[i]);
		const struct code_frame *f =
			code_frames_find(&t->code.frames, addr);
		int32_t back;

		ck_assert_ptr_nonnull(f);
		ck_assert_uint_eq(f->start, addr);
		ck_assert_ptr_eq(code_frames_find(&t->code.frames, addr + 1),
				 f);
		hs_ck_ok(memory_read(t->victim.pid, f->entry + 8, &back,
				     sizeof(back)));
		ck_assert_uint_eq(f->entry + 8 + (uint64_t)(int64_t)back, addr);
	}
	ck_assert_ptr_null(code_frames_find(&t->code.frames, 0));
}

START_TEST(a_dynamic_program)
{
	struct target t;
	size_t i, whole = 0;

	target_start(&t, "addresses", VICTIM_PLAIN);
	check_functions(&t);
	check_gadgets(&t);
	check_sorted(&t);
	/* jemalloc has a malloc, and so has libc, which nobody uses. */
	check_what(&t, "malloc", CODE_ALWAYS, "jemalloc");
	for (i = 0; i < t.maps.n; i++) {
		const struct mapping *m = &t.maps.items[i];
		const char *what = strstr(m->path, "/libjemalloc") ? "jemalloc"
				   : is_linker(m->path) ? "dynamic linker"
				   : strstr(m->path, "/libgcc_s") ? "unwinder"
								  : NULL;
		const struct code_range *r;

		if (!m->exec || !what)
			continue;
		whole++;
		r = find_range(&t, m->start, CODE_ALWAYS);
		ck_assert_ptr_nonnull(r);
		ck_assert_str_eq(r->what, what);
		ck_assert_uint_eq(r->start, m->start);
		ck_assert_uint_eq(r->end, m->end);
	}
	ck_assert_uint_eq(whole, 3);
	/* All of its files have .eh_frame_hdr. */
	ck_assert_uint_eq(t.code.frames.n, 0);
	target_end(&t);
}
END_TEST

START_TEST(a_static_program)
{
	struct target t;

	target_start(&t, "static-addresses", VICTIM_PLAIN);
	check_functions(&t);
	check_gadgets(&t);
	check_sorted(&t);
	check_frames(&t);
	target_end(&t);
}
END_TEST

struct coverage {
	const struct target *t;
	size_t jemalloc, own; /* functions seen */
};

/* An independent way to know jemalloc's functions in this program: by names of
 * object files that only jemalloc has. */
static bool see_function(const struct elf_symbol *sym, void *arg)
{
	static const char *const objects[] = { "jemalloc.",  "arena.",
					       "prof_data.", "extent.",
					       "ctl.",	     "tcache.",
					       "stats.pic" };
	struct coverage *c = arg;
	const struct code_range *first, *last;
	bool is_jemalloc = false;
	size_t i;

	if (!sym->function || !sym->source || !sym->size)
		return true;
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		is_jemalloc |=
			!strncmp(sym->source, objects[i], strlen(objects[i]));
	first = find_range(c->t, sym->address, CODE_ALWAYS);
	last = find_range(c->t, sym->address + sym->size - 1, CODE_ALWAYS);
	if (is_jemalloc) {
		c->jemalloc++;
		ck_assert_msg(first && first == last, "%s of %s", sym->name,
			      sym->source);
		ck_assert_str_eq(first->what, "jemalloc");
	} else if (!strcmp(sym->source, "stats.c") ||
		   !strcmp(sym->source, "victim.c")) {
		c->own++;
		ck_assert_msg(!first && !last, "%s of %s", sym->name,
			      sym->source);
	}
	return true;
}

/* The victim's own functions are in an object file "stats", as jemalloc's are
 * that print statistics. */
START_TEST(inner_functions_are_told_from_others)
{
	struct coverage c = { 0 };
	struct target t;

	target_start(&t, "static-addresses", VICTIM_PLAIN);
	c.t = &t;
	hs_ck_ok(elf_file_each_symbol(t.files.items[0].elf, see_function, &c));
	/* 374 of jemalloc 5.2.1, more of later ones. */
	ck_assert_uint_gt(c.jemalloc, 300);
	ck_assert_uint_ge(c.own, 4);
	target_end(&t);
}
END_TEST

/* A program with a jemalloc of its own, the C library is a shared one. */
START_TEST(an_embedded_jemalloc)
{
	struct target t;
	uint64_t arena_boot, leak_site;

	target_start(&t, "embedded-leaker-_rjem_", VICTIM_PLAIN);
	check_gadgets(&t);
	check_sorted(&t);
	arena_boot = loaded_file_function(&t.files.items[0], "je_arena_boot");
	leak_site = loaded_file_function(&t.files.items[0], "leak_site");
	ck_assert_uint_ne(arena_boot, 0);
	ck_assert_uint_ne(leak_site, 0);
	ck_assert(find_range(&t, arena_boot, CODE_ALWAYS));
	ck_assert(!find_range(&t, leak_site, CODE_ALWAYS));
	ck_assert(find_range(&t, t.jemallocs.items[0].mallctl, CODE_ALWAYS));
	target_end(&t);
}
END_TEST

START_TEST(without_symbols_it_is_refused)
{
	struct target t;
	struct hs_error *err;
	char want[8192];

	err = target_map(&t, "stripped-addresses", VICTIM_PLAIN, NULL, NULL);
	ck_assert_uint_eq(t.jemallocs.n, 1);
	snprintf(want, sizeof(want),
		 "'%s' has jemalloc in it, but no symbols to tell jemalloc's "
		 "code from its own",
		 t.id.executable);
	hs_ck_err_hint(err, HS_ERROR_UNSAFE, want,
		       "give the folder of its debug file by --debug-dir");
	target_end(&t);
}
END_TEST

START_TEST(a_process_without_jemalloc)
{
	const struct loaded_file *libc;
	struct target t;
	uint64_t at;

	target_start(&t, "plain", VICTIM_PLAIN);
	ck_assert_uint_eq(t.jemallocs.n, 0);
	check_gadgets(&t);
	ck_assert_uint_ne(t.code.entry.pthread_create, 0);
	/* The C library's malloc is the one in use here; between its exported
	 * functions there are others, whose names were stripped away. */
	libc = &t.files.items[1];
	ck_assert(find_range(&t, loaded_file_function(libc, "malloc"),
			     CODE_ALWAYS));
	at = loaded_file_function(libc, "free") - 64;
	ck_assert(!loaded_file_has_symtab(libc));
	ck_assert_ptr_nonnull(find_range(&t, at, CODE_ALWAYS));
	ck_assert_str_eq(find_range(&t, at, CODE_ALWAYS)->what, "allocator");
	target_end(&t);
}
END_TEST

START_TEST(deleted_or_below_another_root)
{
	static const struct {
		const char *victim;
		enum victim_way way;
	} cases[] = {
		{ "addresses", VICTIM_DELETED },
		{ "static-addresses", VICTIM_DELETED },
		{ "static-addresses", VICTIM_CHROOT },
	};
	struct target t;

	if (cases[_i].way == VICTIM_CHROOT && geteuid())
		return; /* only root can chroot(2) */
	target_start(&t, cases[_i].victim, cases[_i].way);
	check_functions(&t);
	check_gadgets(&t);
	target_end(&t);
}
END_TEST

/* Words of the stack of thread @tid, which waits, that point into unsafe code;
 * *size is how many words it has. */
static size_t count_hits(const struct target *t, pid_t tid, size_t *size)
{
	struct task_syscall task;
	const struct mapping *m;
	uint64_t words[8192];
	size_t hits = 0, i;

	do
		hs_ck_ok(task_syscall_read(t->victim.pid, tid, &task));
	while (task.activity != TASK_IN_SYSCALL);
	m = maps_find(&t->maps, task.sp);
	ck_assert_ptr_nonnull(m);
	*size = (m->end - task.sp) / 8;
	if (*size > 8192)
		*size = 8192;
	hs_ck_ok(memory_read(t->victim.pid, task.sp, words, *size * 8));
	for (i = 0; i < *size; i++)
		hits += find_range(t, words[i], CODE_ALWAYS) != NULL;
	return hits + (find_range(t, task.pc, CODE_ALWAYS) != NULL) +
	       (find_range(t, task.pc, CODE_PC) != NULL);
}

/* Left out as loaded_files_open() leaves out what it cannot open. */
static void leave_out_linker(struct loaded_files *files)
{
	size_t i = 0;

	while (i < files->n && !is_linker(files->items[i].first->path))
		i++;
	ck_assert_uint_lt(i, files->n);
	elf_file_close(files->items[i].elf);
	files->n--;
	memmove(&files->items[i], &files->items[i + 1],
		(files->n - i) * sizeof(files->items[0]));
}

START_TEST(files_that_cannot_be_opened)
{
	struct target t;
	uint64_t linker = 0;
	size_t i;

	target_start(&t, "addresses", VICTIM_PLAIN);
	for (i = 0; i < t.maps.n; i++) {
		if (t.maps.items[i].exec && is_linker(t.maps.items[i].path))
			linker = t.maps.items[i].start;
	}
	ck_assert_uint_ne(linker, 0);
	code_map_release(&t.code);
	leave_out_linker(&t.files);
	hs_ck_ok(unsafe_code_map(t.victim.pid, &t.maps, &t.files, &t.jemallocs,
				 &t.code));
	ck_assert_ptr_nonnull(find_range(&t, linker, CODE_ALWAYS));
	ck_assert_str_eq(find_range(&t, linker, CODE_ALWAYS)->what,
			 "dynamic linker");
	target_end(&t);
}
END_TEST

/* What stands at the bottom of every stack (the dynamic linker's entry, the
 * first frames of libc, clone) is no alarm: nothing could be attached to. */
START_TEST(threads_that_wait_are_clean)
{
	static const char *const victims[] = { "addresses",
					       "static-addresses" };
	struct task_list tasks;
	struct target t;
	size_t i, size;

	hs_ck_ok(target_map(&t, victims[_i], VICTIM_PLAIN, "--thread", "3"));
	hs_ck_ok(task_list_read(t.victim.pid, &tasks));
	ck_assert_uint_ge(tasks.n, 4);
	for (i = 0; i < tasks.n; i++) {
		ck_assert_uint_eq(count_hits(&t, tasks.tids[i], &size), 0);
		ck_assert_uint_gt(size, 20);
	}
	task_list_release(&tasks);
	target_end(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("target/unsafe_code");
	TCase *tcase = tcase_create("target/unsafe_code");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_dynamic_program);
	tcase_add_test(tcase, a_static_program);
	tcase_add_test(tcase, inner_functions_are_told_from_others);
	tcase_add_test(tcase, an_embedded_jemalloc);
	tcase_add_test(tcase, without_symbols_it_is_refused);
	tcase_add_test(tcase, a_process_without_jemalloc);
	tcase_add_loop_test(tcase, deleted_or_below_another_root, 0, 3);
	tcase_add_test(tcase, files_that_cannot_be_opened);
	tcase_add_loop_test(tcase, threads_that_wait_are_clean, 0, 2);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
