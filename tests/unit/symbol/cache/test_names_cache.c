/*
 * Proves that names of an earlier run are those that a look-up gives, that no
 * debug information is opened for them, and that they are not used when
 * anything that they depend on has changed: the program, its debug file, one
 * that was not there, the folders that are searched, what was split off.
 */
#include "symbol/cache/names_cache.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "symbol/debug_paths.h"
#include "tests/unit/symbol_check.h"

enum { SPAN = 64 }; /* bytes of code that are looked up */

/* A program in folder/prog, its debug file in folder/debug/prog.debug. */
struct fixture {
	char *folder, *program, *cache;
	uint64_t at; /* chain_twice(), with inlined calls */
};

static char *path_in(const struct fixture *f, const char *name)
{
	char *path;

	ck_assert_int_ge(asprintf(&path, "%s/%s", f->folder, name), 0);
	return path;
}

static struct fixture build_with(const char *flags)
{
	struct fixture f = { .folder = make_folder() };
	struct elf_file *file;

	f.program = path_in(&f, "prog");
	f.cache = path_in(&f, "heapsnap");
	run("cd '%s' && mkdir debug && cp \"$OLDPWD\"/" SOURCES "* . && "
	    "gcc -O1 -g -include chain.h %s -o prog chain.c far.c nothing.c main.c",
	    f.folder, flags);
	file = open_elf(f.program);
	f.at = address_of(file, "chain_twice");
	elf_file_close(file);
	setenv("XDG_CACHE_HOME", f.folder, 1);
	return f;
}

static struct fixture build_stripped(void)
{
	struct fixture f = build_with("");

	run("cd '%s' && objcopy --only-keep-debug prog debug/prog.debug && "
	    "strip prog && cp debug/prog.debug kept",
	    f.folder);
	return f;
}

static void remove_fixture(struct fixture *f)
{
	free(f->program);
	free(f->cache);
	remove_folder(f->folder);
}

/* Whether we have one whose name ends in @ending mapped. */
static bool is_mapped(const char *ending)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[600], want[100];
	bool found = false;

	ck_assert_ptr_nonnull(maps);
	snprintf(want, sizeof(want), "%s\n", ending);
	while (fgets(line, sizeof(line), maps))
		found |= strlen(line) > strlen(want) &&
			 !strcmp(line + strlen(line) - strlen(want), want);
	fclose(maps);
	return found;
}

struct asked {
	char *text;  /* what it says of all SPAN addresses; free(3) */
	bool looked; /* it has the debug file open */
};

static void add_answer(struct strbuf *sb, struct symbolizer *s,
		       struct symbol_module *m, uint64_t address)
{
	const struct symbol_frames r = frames_at(s, m, address);
	size_t i;

	for (i = 0; i < r.n; i++)
		strbuf_addf(sb, "%s %s:%u%s, ",
			    r.items[i].function ? r.items[i].function : "?",
			    r.items[i].file ? r.items[i].file : "?",
			    r.items[i].line,
			    r.items[i].inlined ? " inlined" : "");
	strbuf_addc(sb, '\n');
}

static struct asked ask_by(const struct fixture *f,
			   struct symbolizer_options options, size_t span)
{
	struct strbuf sb = { 0 };
	struct symbol_module *m;
	struct symbolizer *s;
	struct asked ret;
	size_t i;

	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_check_cache(s));
	hs_ck_ok(
		symbolizer_add(s, open_file(f->program), f->program, NULL, &m));
	for (i = 0; i < span; i++)
		add_answer(&sb, s, m, f->at + i);
	ret.looked = is_mapped("prog.debug");
	symbolizer_destroy(s);
	hs_ck_ok(strbuf_finish(&sb, &ret.text));
	return ret;
}

static struct asked ask(const struct fixture *f, enum names_cache_use use)
{
	char *debug = path_in(f, "debug");
	const char *dirs[] = { debug };
	const struct symbolizer_options options = {
		.debug_paths = { .debug_dirs = dirs, .n_debug_dirs = 1 },
		.cache = use,
	};
	const struct asked ret = ask_by(f, options, SPAN);

	free(debug);
	return ret;
}

enum { LOOKED_UP, KEPT };

/* The answers are those that there are without a cache; and so is whether the
 * debug file was read, unless they are KEPT. */
static void check(const struct fixture *f, enum names_cache_use use, int how,
		  const char *what)
{
	struct asked want = ask(f, NAMES_CACHE_NONE), have = ask(f, use);

	ck_assert_msg(!strcmp(have.text, want.text), "%s: %s", what, have.text);
	ck_assert_msg(have.looked == (how == LOOKED_UP && want.looked),
		      "%s: %s", what,
		      have.looked ? "it was read" : "it was not read");
	free(want.text);
	free(have.text);
}

static int count_files(const struct fixture *f)
{
	DIR *d = opendir(f->cache);
	const struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

START_TEST(kept_from_run_to_run)
{
	struct fixture f = build_stripped();
	struct asked a = ask(&f, NAMES_CACHE_NONE);

	ck_assert_ptr_nonnull(strstr(a.text, "inlined, chain_twice "));
	ck_assert(a.looked);
	free(a.text);
	check(&f, NAMES_CACHE_READ, LOOKED_UP, "nothing is kept");
	ck_assert_int_eq(count_files(&f), 0);
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "nor yet");
	ck_assert_int_eq(count_files(&f), 1);
	check(&f, NAMES_CACHE_WRITE, KEPT, "the second time");
	check(&f, NAMES_CACHE_READ, KEPT, "by one that only reads");
	ck_assert_int_eq(count_files(&f), 1);
	remove_fixture(&f);
}
END_TEST

START_TEST(what_is_new_is_added)
{
	struct fixture f = build_stripped();
	char *debug = path_in(&f, "debug");
	const char *dirs[] = { debug };
	struct symbolizer_options options = {
		.debug_paths = { .debug_dirs = dirs, .n_debug_dirs = 1 },
		.cache = NAMES_CACHE_WRITE,
	};

	free(ask_by(&f, options, SPAN / 2).text);
	check(&f, NAMES_CACHE_READ, LOOKED_UP, "half of them");
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "the rest is added");
	check(&f, NAMES_CACHE_READ, KEPT, "all of them");
	free(debug);
	remove_fixture(&f);
}
END_TEST

/* With no_inlines they are the outermost of the same. */
START_TEST(options_of_frames)
{
	struct fixture f = build_stripped();
	char *debug = path_in(&f, "debug");
	const char *dirs[] = { debug };
	struct symbolizer_options options = {
		.debug_paths = { .debug_dirs = dirs, .n_debug_dirs = 1 },
		.no_inlines = true,
	};
	struct asked want = ask_by(&f, options, SPAN), have;

	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "all frames");
	options.cache = NAMES_CACHE_READ;
	have = ask_by(&f, options, SPAN);
	ck_assert(!have.looked);
	ck_assert_str_eq(have.text, want.text);
	ck_assert_ptr_null(strstr(have.text, "inlined"));
	free(want.text);
	free(have.text);
	free(debug);
	remove_fixture(&f);
}
END_TEST

/* Times of files have the grain of the kernel's ticks: what changes within one
 * has the same. */
static void wait_for_tick(void)
{
	const struct timespec while_ = { .tv_nsec = 1000000 };
	struct timespec before, now;

	clock_gettime(CLOCK_REALTIME_COARSE, &before);
	do {
		nanosleep(&while_, NULL);
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (now.tv_sec == before.tv_sec && now.tv_nsec == before.tv_nsec);
}

static void change(const struct fixture *f, const char *command)
{
	wait_for_tick();
	run("cd '%s' && %s", f->folder, command);
}

/* After @command it looks again, what it says is right, and is kept. */
static void check_change(const struct fixture *f, const char *command)
{
	check(f, NAMES_CACHE_WRITE, LOOKED_UP, "before");
	check(f, NAMES_CACHE_READ, KEPT, "kept");
	change(f, command);
	check(f, NAMES_CACHE_READ, LOOKED_UP, command);
	check(f, NAMES_CACHE_WRITE, LOOKED_UP, command);
	check(f, NAMES_CACHE_WRITE, KEPT, command);
	run("cd '%s' && rm -rf debug heapsnap && mkdir debug && "
	    "cp kept debug/prog.debug",
	    f->folder);
}

START_TEST(changes_are_noticed)
{
	struct fixture f = build_stripped();

	check_change(&f, "touch debug/prog.debug");
	check_change(&f, "cp kept x && mv x debug/prog.debug");
	check_change(&f, "objcopy --strip-debug debug/prog.debug");
	check_change(&f, "rm debug/prog.debug");
	check_change(&f, "touch prog");
	check_change(&f, "cp prog x && mv x prog");
	/* One that is searched for before it. */
	check_change(&f, "mkdir -p \"debug/$PWD\" && objcopy --strip-debug "
			 "kept \"debug/$PWD/prog.debug\"");
	/* As large as before, and of the same time. */
	check_change(&f, "objcopy --strip-debug kept x && "
			 "truncate -s \"$(stat -c %s kept)\" x && "
			 "touch -r debug/prog.debug x && "
			 "cat x >debug/prog.debug && "
			 "touch -r x debug/prog.debug");
	remove_fixture(&f);
}
END_TEST

/* Installed after the names were kept. */
START_TEST(debug_file_that_comes)
{
	struct fixture f = build_stripped();
	struct asked a;

	change(&f, "rm debug/prog.debug");
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "without a debug file");
	check(&f, NAMES_CACHE_WRITE, KEPT, "without a debug file");
	change(&f, "cp kept debug/prog.debug");
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "with one");
	a = ask(&f, NAMES_CACHE_READ);
	ck_assert(!a.looked);
	ck_assert_ptr_nonnull(strstr(a.text, "chain.c"));
	free(a.text);
	remove_fixture(&f);
}
END_TEST

/* Its folder is not searched, or before another one. */
START_TEST(other_folders)
{
	struct fixture f = build_stripped();
	char *debug = path_in(&f, "debug"), *more = path_in(&f, "more");
	const char *dirs[] = { more, debug };
	struct symbolizer_options options = { .cache = NAMES_CACHE_READ };
	struct asked a;

	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "before");
	a = ask_by(&f, options, SPAN);
	ck_assert_ptr_null(strstr(a.text, "chain.c"));
	free(a.text);
	run("cd '%s' && mkdir more && "
	    "objcopy --strip-debug kept more/prog.debug",
	    f.folder);
	options.debug_paths.debug_dirs = dirs;
	options.debug_paths.n_debug_dirs = 2;
	a = ask_by(&f, options, SPAN);
	ck_assert(a.looked);
	ck_assert_ptr_null(strstr(a.text, "chain.c"));
	free(a.text);
	free(more);
	free(debug);
	remove_fixture(&f);
}
END_TEST

/* What was split off, and what dwz moved to a third file. */
START_TEST(split_files)
{
	struct fixture f = build_with("-gsplit-dwarf");

	run("cd '%s' && ls *chain.dwo >names && mkdir away", f.folder);
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "before");
	check(&f, NAMES_CACHE_READ, KEPT, "kept");
	change(&f, "mv *chain.dwo away");
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "a .dwo is gone");
	check(&f, NAMES_CACHE_READ, KEPT, "it is gone, still");
	change(&f, "mv away/* .");
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "it is there again");
	remove_fixture(&f);
}
END_TEST

START_TEST(shared_file)
{
	struct fixture f = build_with("");

	run("cd '%s' && cp prog other && dwz -m common prog other && "
	    "objcopy --only-keep-debug prog debug/prog.debug && "
	    "cp debug/prog.debug kept && strip prog && cp common debug",
	    f.folder);
	check_change(&f, "rm common debug/common");
	remove_fixture(&f);
}
END_TEST

/* A file that somebody else may write to, or that is not there any more. */
START_TEST(files_that_are_not_kept)
{
	struct fixture f = build_stripped();

	run("chmod 0757 '%s'", f.program);
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "a program of others");
	ck_assert_int_eq(count_files(&f), 0);
	run("chmod 0755 '%s' && chmod 0646 '%s/debug/prog.debug'", f.program,
	    f.folder);
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "a debug file of others");
	ck_assert_int_eq(count_files(&f), 0);
	run("cd '%s' && chmod 0644 debug/prog.debug && "
	    "objcopy -R .note.gnu.build-id prog",
	    f.folder);
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "without a build-id");
	ck_assert_int_eq(count_files(&f), 0);
	remove_fixture(&f);
}
END_TEST

/* What is damaged is not used, and replaced. */
START_TEST(damaged)
{
	struct fixture f = build_stripped();

	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "before");
	run("cd '%s/heapsnap' && for f in *; do head -c 200 $f >x && "
	    "mv x $f; done",
	    f.folder);
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "damaged");
	check(&f, NAMES_CACHE_WRITE, KEPT, "replaced");
	remove_fixture(&f);
}
END_TEST

/* What is too much goes, by a run that adds something. */
START_TEST(too_much)
{
	struct fixture f = build_stripped();

	run("cd '%s' && mkdir -m 700 heapsnap && cd heapsnap && "
	    "truncate -s 65M old.names && touch -d 2001-01-01 old.names",
	    f.folder);
	check(&f, NAMES_CACHE_READ, LOOKED_UP, "one that only reads");
	ck_assert_int_eq(count_files(&f), 1);
	check(&f, NAMES_CACHE_WRITE, LOOKED_UP, "one that writes");
	ck_assert_int_eq(count_files(&f), 1);
	check(&f, NAMES_CACHE_WRITE, KEPT, "what it has written is there");
	remove_fixture(&f);
}
END_TEST

/* --- another root ------------------------------------------------------------
 */

static int open_below(const void *arg, const char *path)
{
	char below[600];

	snprintf(below, sizeof(below), "%s%s", (const char *)arg, path);
	return open(below, O_RDONLY | O_CLOEXEC);
}

static bool no_path(const void *arg, int fd, char *ret)
{
	(void)arg;
	(void)fd;
	(void)ret;
	return false;
}

/* What was kept of a search in a process's root is used by one without it only
 * where this machine's files are the same. */
START_TEST(roots)
{
	struct fixture f = build_with("");
	char *root = path_in(&f, "root");
	struct symbolizer_options live = {
		.debug_paths = { .open = open_below, .path_of = no_path },
		.cache = NAMES_CACHE_WRITE,
	};
	const struct symbolizer_options dead = { .cache = NAMES_CACHE_READ };
	struct asked a;

	run("cd '%s' && objcopy --only-keep-debug prog prog.debug && "
	    "strip prog && objcopy --add-gnu-debuglink=prog.debug prog && "
	    "mkdir -p \"root/$PWD\" && ln prog.debug \"root/$PWD\"",
	    f.folder);
	live.debug_paths.arg = root;
	a = ask_by(&f, live, SPAN);
	ck_assert(a.looked);
	free(a.text);
	a = ask_by(&f, dead, SPAN);
	ck_assert(!a.looked);
	ck_assert_ptr_nonnull(strstr(a.text, "chain.c"));
	free(a.text);
	change(&f, "rm prog.debug");
	a = ask_by(&f, dead, SPAN);
	ck_assert_ptr_null(strstr(a.text, "chain.c"));
	free(a.text);
	/* The other way round: it may lie there, too. */
	run("rm -r '%s'; ln '%s'/root/'%s'/prog.debug '%s'", f.cache, f.folder,
	    f.folder, f.folder);
	live.debug_paths.open = NULL;
	a = ask_by(&f, live, SPAN);
	ck_assert(a.looked);
	free(a.text);
	live.debug_paths.open = open_below;
	a = ask_by(&f, live, SPAN);
	ck_assert(a.looked);
	free(a.text);
	free(root);
	remove_fixture(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/names_cache");
	TCase *tcase = tcase_create("names");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, kept_from_run_to_run);
	tcase_add_test(tcase, what_is_new_is_added);
	tcase_add_test(tcase, options_of_frames);
	tcase_add_test(tcase, changes_are_noticed);
	tcase_add_test(tcase, debug_file_that_comes);
	tcase_add_test(tcase, other_folders);
	tcase_add_test(tcase, split_files);
	tcase_add_test(tcase, shared_file);
	tcase_add_test(tcase, files_that_are_not_kept);
	tcase_add_test(tcase, damaged);
	tcase_add_test(tcase, too_much);
	tcase_add_test(tcase, roots);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
