#include "launch/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "target/jemalloc.h"

void program_release(struct program *p)
{
	free(p->path);
	free(p->variable);
	*p = (struct program){ 0 };
}

/* --- where it is ----------------------------------------------------------- */

static bool can_run(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

static struct hs_error *copy_path(const char *path, char **ret)
{
	*ret = strdup(path);
	return *ret ? NULL : hs_error_nomem();
}

/* An empty folder of PATH is the current one (environ(7)). */
static struct hs_error *search_path(const char *name, char **ret)
{
	const char *folders = getenv("PATH");
	size_t len;

	if (!folders)
		folders = "/bin:/usr/bin"; /* execvp(3) */
	for (;; folders += len + 1) {
		_cleanup_strbuf_ struct strbuf path = { 0 };
		struct hs_error *err;

		len = strcspn(folders, ":");
		strbuf_add(&path, folders, len);
		strbuf_adds(&path, len ? "/" : "./");
		strbuf_adds(&path, name);
		err = strbuf_check(&path);
		if (err)
			return err;
		if (can_run(strbuf_str(&path)))
			return copy_path(strbuf_str(&path), ret);
		if (!folders[len])
			break;
	}
	return hs_error_new(HS_ERROR_NOT_FOUND,
			    "there is no program '%s' in PATH", name);
}

static struct hs_error *find_path(const char *name, char **ret)
{
	if (!*name)
		return hs_error_new(HS_ERROR_USAGE, "the command is empty");
	if (!strchr(name, '/'))
		return search_path(name, ret);
	if (access(name, X_OK))
		return hs_error_sys(HS_ERROR_NOT_FOUND, errno,
				    "cannot run '%s'", name);
	if (!can_run(name))
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "cannot run '%s': it is no file", name);
	return copy_path(name, ret);
}

/* --- what it is ------------------------------------------------------------ */

/* The interpreter in the first line of the script @path; *ret is NULL when it
 * is none (execve(2): the line ends after 255 bytes). */
static struct hs_error *find_interpreter(const char *path, char **ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char line[256];
	const char *word;
	ssize_t n;

	*ret = NULL;
	n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (n < 2 || memcmp(line, "#!", 2) != 0)
		return NULL;
	line[n] = '\0';
	word = line + 2 + strspn(line + 2, " \t");
	*ret = strndup(word, strcspn(word, " \t\r\n"));
	return *ret ? NULL : hs_error_nomem();
}

static struct hs_error *refuse(const char *path, const char *why)
{
	return hs_error_new(HS_ERROR_UNPROFILED, "'%s' %s", path, why);
}

/* What makes ld.so(8) ignore LD_PRELOAD, and jemalloc its variable: AT_SECURE
 * of getauxval(3). File capabilities of a root that has them all change nothing
 * (capabilities(7)). */
static struct hs_error *check_rights(const char *path)
{
	struct stat st;
	const char *what = NULL;

	if (stat(path, &st))
		return NULL;
	if (st.st_mode & S_ISUID && st.st_uid != geteuid())
		what = "is setuid";
	else if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
		 st.st_gid != getegid())
		what = "is setgid";
	else if (geteuid() &&
		 getxattr(path, "security.capability", NULL, 0) > 0)
		what = "has capabilities";
	if (!what)
		return NULL;
	return hs_error_hint(
		hs_error_new(HS_ERROR_UNPROFILED,
			     "'%s' %s: such a program takes no library "
			     "and no settings from its caller",
			     path, what),
		"run heapsnap as the user that it becomes, or a copy of it "
		"without these rights");
}

static struct hs_error *check_sanitizers(const struct elf_file *elf,
					 const char *path)
{
	struct elf_symbol sym;
	const void *names;
	size_t size;

	if (!elf_file_find_symbol(elf, "__asan_init", &sym) &&
	    !(elf_file_section(elf, ".dynstr", &names, &size) &&
	      memmem(names, size, "__asan_init", strlen("__asan_init"))))
		return NULL;
	return hs_error_hint(
		refuse(path, "is built with AddressSanitizer, which has a "
			     "malloc of its own"),
		"it finds leaks itself (ASAN_OPTIONS=detect_leaks=1); for "
		"heapsnap build it without -fsanitize=address");
}

/* Whether a library's name in the dynamic section has "libjemalloc" in it. */
static bool is_linked_with_jemalloc(const struct elf_file *elf)
{
	const void *names;
	size_t size;

	return elf_file_section(elf, ".dynstr", &names, &size) &&
	       memmem(names, size, "libjemalloc", strlen("libjemalloc"));
}

static struct hs_error *find_jemalloc(struct elf_file *elf, struct program *p)
{
	struct jemallocs list = { 0 };
	struct hs_error *err = jemallocs_find_in_file(elf, p->path, &list);

	if (!err && list.n_all) {
		p->jemalloc = true;
		err = jemalloc_conf_variable(&list.items[0], &p->variable);
	}
	jemallocs_release(&list);
	if (!err && !p->jemalloc)
		p->jemalloc = is_linked_with_jemalloc(elf);
	return err;
}

static struct hs_error *examine_elf(struct elf_file *elf, const char *path,
				    struct program *p)
{
	struct hs_error *err;

	if (elf->elf_class != ELFCLASS64)
		return refuse(path, "is a program of 32 bits, whose jemalloc "
				    "heapsnap does not know");
	err = find_jemalloc(elf, p);
	if (err || p->jemalloc)
		return err;
	if (!elf->dynamic)
		return hs_error_hint(
			refuse(path, "is a static program without jemalloc: "
				     "no library can be brought into it"),
			"link it with jemalloc, or dynamically");
	return check_sanitizers(elf, path);
}

/* @path: of the program, or of the interpreter of a script; scripts may be
 * those of other scripts, five in a row (fs/exec.c, exec_binprm()). */
static struct hs_error *examine(const char *path, int depth, struct program *p)
{
	_cleanup_free_ char *interpreter = NULL;
	struct elf_file *elf = NULL;
	struct hs_error *err = find_interpreter(path, &interpreter);

	if (err)
		return err;
	if (interpreter)
		return depth ? examine(interpreter, depth - 1, p) : NULL;
	err = check_rights(path);
	if (!err)
		err = elf_file_open_path(path, &elf);
	if (!err && elf)
		err = examine_elf(elf, path, p);
	elf_file_close(elf);
	return err;
}

struct hs_error *program_find(const char *name, struct program *ret)
{
	enum { SCRIPTS = 5 };
	struct program p = { 0 };
	struct hs_error *err = find_path(name, &p.path);

	if (!err)
		err = examine(p.path, SCRIPTS, &p);
	if (err) {
		program_release(&p);
		return err;
	}
	*ret = p;
	return NULL;
}
