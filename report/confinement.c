#include "report/confinement.h"

#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "proc/confine.h"
#include "symbol/cache/cache_folder.h"

/* Programs are not there, and what is there is nobody's business; /home and
 * /var are looked at on their own. */
static const char *const closed[] = { "boot", "dev", "etc", "home", "proc",
				      "root", "run", "sys", "var" };
static const char *const var_folders[] = { "/var/cache", "/var/lib", "/var/opt",
					   "/var/snap", "/var/www" };
/* Hidden ones of a home that programs are in. */
static const char *const home_folders[] = {
	".asdf",
	".bun",
	".cargo/bin",
	".conda",
	".deno",
	".ghcup",
	".linuxbrew",
	".local/bin",
	".local/lib",
	".local/opt",
	".local/pipx",
	".local/share/mise",
	".local/share/uv",
	".nix-profile",
	".nvm",
	".opam",
	".pyenv",
	".rbenv",
	".rustup",
	".rvm",
	".sdkman",
	".volta",
	".cache/debuginfod_client",
};
/* What a client of HTTP reads, and where debuginfod's keeps what it was sent. */
static const char *const network_files[] = {
	"/etc/resolv.conf",
	"/etc/hosts",
	"/etc/nsswitch.conf",
	"/etc/gai.conf",
	"/etc/host.conf",
	"/etc/ssl",
	"/etc/services",
	"/etc/ca-certificates",
	"/run/systemd/resolve",
	"/etc/debuginfod",
	"/etc/pki",
	"/dev/urandom",
};

/* Strings of its own. */
struct path_list {
	char **items;
	size_t n, cap;
	bool failed;
};

static void path_list_release(struct path_list *list)
{
	while (list->n)
		free(list->items[--list->n]);
	free(list->items);
}

/* @folder/@name; or @folder alone. */
static void path_list_add(struct path_list *list, const char *folder,
			  const char *name)
{
	char *path = NULL;

	if (!ARRAY_GROW(list->items, list->cap, list->n + 1) ||
	    asprintf(&path, "%s%s%s", folder, name ? "/" : "",
		     name ? name : "") < 0) {
		list->failed = true;
		return;
	}
	list->items[list->n++] = path;
}

static bool is_closed(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(closed); i++) {
		if (!strcmp(name, closed[i]))
			return true;
	}
	return false;
}

enum { MOST_PATHS = 1024 }; /* a rule each */

/* What is in @folder; at / without what is closed, elsewhere without what is
 * hidden. */
static void add_entries(struct path_list *list, const char *folder)
{
	const bool is_root = !strcmp(folder, "");
	DIR *dir = opendir(is_root ? "/" : folder);
	const struct dirent *e;

	while (dir && list->n < MOST_PATHS && (e = readdir(dir))) {
		if (e->d_name[0] != '.' && !(is_root && is_closed(e->d_name)))
			path_list_add(list, folder, e->d_name);
	}
	if (dir)
		(void)closedir(dir);
}

static void add_home(struct path_list *list, const char *home)
{
	size_t i;

	add_entries(list, home);
	for (i = 0; i < ARRAY_SIZE(home_folders); i++)
		path_list_add(list, home, home_folders[i]);
}

static void add_homes(struct path_list *list)
{
	struct path_list homes = { 0 };
	size_t i;

	add_entries(&homes, "/home");
	if (getenv("HOME") && *getenv("HOME") == '/')
		path_list_add(&homes, getenv("HOME"), NULL);
	for (i = 0; i < homes.n; i++)
		add_home(list, homes.items[i]);
	list->failed |= homes.failed;
	path_list_release(&homes);
}

static void add_texts(struct path_list *list, const char *const *texts,
		      size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		path_list_add(list, texts[i], NULL);
}

static void add_readable(const struct cli_options *o,
			 const struct text_list *files, struct path_list *list)
{
	add_texts(list, files->items, files->n);
	add_texts(list, o->debug_dirs.items, o->debug_dirs.n);
	if (o->sysroot)
		path_list_add(list, o->sysroot, NULL);
	/* which sysconf(3) counts CPUs by */
	path_list_add(list, "/sys/devices/system/cpu/online", NULL);
	add_texts(list, var_folders, ARRAY_SIZE(var_folders));
	if (o->debuginfod)
		add_texts(list, network_files, ARRAY_SIZE(network_files));
	add_entries(list, "");
	add_homes(list);
}

/* What an earlier run kept; it is only read. */
static struct hs_error *add_names(const struct cli_options *o,
				  struct path_list *list)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *none = NULL;

	if (!o->no_cache)
		none = cache_folder_path(&path);
	if (!none && path.len)
		path_list_add(list, strbuf_str(&path), NULL);
	hs_error_free(none);
	return strbuf_check(&path);
}

/* @folder/@name, made, since a rule needs one that is there. */
static void add_made(struct path_list *list, const char *folder,
		     const char *name)
{
	path_list_add(list, folder, name);
	if (list->n)
		(void)mkdir(list->items[list->n - 1], 0700);
}

/* Where debuginfod-find(1) says that the client keeps files: this folder alone,
 * since others keep theirs beside it. */
static void add_cache(struct path_list *list)
{
	static const char name[] = "debuginfod_client";
	const char *path = getenv("DEBUGINFOD_CACHE_PATH");
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	struct path_list above = { 0 };

	if (path) {
		add_made(list, path, NULL);
	} else if (cache) {
		add_made(&above, cache, NULL);
		add_made(list, cache, name);
	} else if (home) {
		add_made(&above, home, ".cache");
		if (above.n)
			add_made(list, above.items[0], name);
	}
	list->failed |= above.failed;
	path_list_release(&above);
	if (home)
		path_list_add(list, home, ".debuginfod_client_cache");
}

/* The file alone where it is there and is none that is replaced: a pipe, a tty.
 */
static struct hs_error *add_output(const char *output, struct path_list *list)
{
	_cleanup_free_ char *path = strdup(output);
	struct stat st;

	if (!path)
		return hs_error_nomem();
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		path_list_add(list, path, NULL);
	else
		path_list_add(list, dirname(path), NULL);
	return NULL;
}

enum {
	LEAST_MEMORY = 2,     /* GiB */
	MEMORY_PER_BYTE = 16, /* of the files: measured are 1 to 4 */
};

static uint64_t memory_for(const struct text_list *files)
{
	uint64_t bytes = (uint64_t)LEAST_MEMORY << 30;
	struct stat st;
	size_t i;

	for (i = 0; i < files->n; i++) {
		if (!stat(files->items[i], &st) && S_ISREG(st.st_mode))
			bytes += MEMORY_PER_BYTE * (uint64_t)st.st_size;
	}
	return bytes;
}

struct hs_error *cli_confine(const struct cli_options *o,
			     const struct text_list *files)
{
	struct path_list readable = { 0 }, writable = { 0 };
	struct confine_rules rules = {
		.network = o->debuginfod,
		.other_root = o->sysroot != NULL,
		.memory = memory_for(files),
	};
	struct hs_error *err = NULL;

	tzset(); /* reads /etc/localtime */
	add_readable(o, files, &readable);
	err = add_names(o, &readable);
	if (o->debuginfod)
		add_cache(&writable);
	if (!err && o->output)
		err = add_output(o->output, &writable);
	if (!err && (readable.failed || writable.failed))
		err = hs_error_nomem();
	rules.readable = (const char *const *)readable.items;
	rules.n_readable = readable.n;
	rules.writable = (const char *const *)writable.items;
	rules.n_writable = writable.n;
	if (!err)
		err = confine(&rules);
	path_list_release(&readable);
	path_list_release(&writable);
	return err;
}
