#include "symbol/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbol/rust_bounds.h"
#include "symbol/short_name.h"

enum {
	/* libiberty recurses once per letter of a name like _Z1fPPPPP...: this
	 * bounds the stack to some 4 MiB. */
	NAME_MAX_BYTES = 8192,
	/* A few hundred letters of back references can stand for a name that
	 * would fill all memory, and a file can have a hundred thousand such
	 * names. Of 172,000 real ones, of the largest libraries of Debian, the
	 * longest text has 8,358 letters, 29 for each of the mangled name. */
	TEXT_FREE_BYTES = 16 << 10,
	TEXT_RATIO = 16,
	/* D's demangler works in memory and cannot be stopped: 24 back
	 * references multiply a name at most some 6,500 times. */
	D_NAME_MAX_BYTES = 1024,
	D_NAME_MAX_BACK_REFERENCES = 24,
};

/* Where libiberty's pieces go, and the way out when they are too many. */
struct demangler {
	jmp_buf stop;
	struct strbuf text;
	size_t most; /* bytes */
};

typedef int demangle_fn(const char *name, int options,
			demangle_callbackref callback, void *arg);

/* Neither demangler holds memory of its own while it prints plain names, so
 * that leaving by longjmp() loses none. (Rust's punycode names lose one small
 * buffer.) */
static void demangler_add(const char *piece, size_t len, void *arg)
{
	struct demangler *d = arg;

	if (len > d->most - d->text.len || d->text.failed)
		longjmp(d->stop, 1);
	strbuf_add(&d->text, piece, len);
}

/* The demangler is the caller's: what changes between setjmp() and longjmp()
 * must not be local to the function that calls setjmp(). */
static bool demangler_run(struct demangler *d, demangle_fn *fn,
			  const char *name, int options)
{
	return !setjmp(d->stop) && fn(name, options, demangler_add, d);
}

/* *ret is the caller's, free(3). Without memory @sb has failed. */
static bool run_demangler(demangle_fn *fn, const char *name, int options,
			  struct strbuf *sb, char **ret)
{
	struct demangler d = {
		.most = TEXT_FREE_BYTES + TEXT_RATIO * strlen(name),
	};
	struct hs_error *err;

	if (!demangler_run(&d, fn, name, options)) {
		sb->failed |= d.text.failed;
		strbuf_release(&d.text);
		return false;
	}
	err = strbuf_finish(&d.text, ret);
	if (!err)
		return true;
	sb->failed = true;
	hs_error_free(err);
	return false;
}

/* Whether it may be one of Rust's that libiberty can be trusted with. Names of
 * the old scheme it reads without recursion. Without memory @sb has failed. */
static bool is_rust(struct strbuf *sb, const char *name)
{
	struct hs_error *err;
	bool bounded;

	if (strncmp(name, "_R", 2))
		return !strncmp(name, "_ZN", 3);
	err = rust_name_is_bounded(name, &bounded);
	sb->failed |= err != NULL;
	hs_error_free(err);
	return bounded;
}

static bool demangle_rust(struct strbuf *sb, const char *name,
			  enum demangle_style style)
{
	_cleanup_free_ char *text = NULL;

	if (!is_rust(sb, name))
		return false;
	/* Without DMGL_VERBOSE it leaves the hash out. */
	if (!run_demangler(rust_demangle_callback, name, 0, sb, &text))
		return false;
	if (style == DEMANGLE_SHORT && name[1] == 'R')
		short_name_rust(sb, text);
	else
		strbuf_adds(sb, text);
	return true;
}

static bool demangle_cxx(struct strbuf *sb, const char *name,
			 enum demangle_style style)
{
	int options = DMGL_PARAMS | DMGL_ANSI;
	_cleanup_free_ char *full = NULL, *text = NULL;

	if (strncmp(name, "_Z", 2))
		return false;
	/* The limit that comes with libiberty refuses names of more than 1,024
	 * letters, which templates do reach; NAME_MAX_BYTES is ours. */
	options |= DMGL_NO_RECURSE_LIMIT;
	if (!run_demangler(cplus_demangle_v3_callback, name, options, sb,
			   &full))
		return false;
	if (style == DEMANGLE_FULL) {
		strbuf_adds(sb, full);
		return true;
	}
	/* Without DMGL_PARAMS it ignores what follows the name proper, so that
	 * only the first run finds out whether it is a mangled name. */
	if (!run_demangler(cplus_demangle_v3_callback, name,
			   DMGL_NO_RECURSE_LIMIT, sb, &text))
		return false;
	short_name_cxx(sb, text);
	return true;
}

/* libiberty's D demangler takes memory by these two alone, and the library's
 * own end the program without it. Ours, which the linker finds first, give the
 * name up: what was taken for it is lost. */
static _Thread_local jmp_buf no_memory;

void *xmalloc(size_t size);
void *xrealloc(void *old, size_t size);

void *xmalloc(size_t size)
{
	return xrealloc(NULL, size);
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		longjmp(no_memory, 1);
	return p;
}

/* *ret: free(3); NULL: it is no name of D's. false: without memory. */
static bool run_dlang(const char *name, char **ret)
{
	if (setjmp(no_memory))
		return false;
	*ret = dlang_demangle(name, 0);
	return true;
}

static bool demangle_d(struct strbuf *sb, const char *name,
		       enum demangle_style style)
{
	_cleanup_free_ char *text = NULL;
	size_t back_references = 0;
	const char *p;

	if (strncmp(name, "_D", 2) || strlen(name) > D_NAME_MAX_BYTES)
		return false;
	for (p = name; *p; p++)
		back_references += *p == 'Q';
	if (back_references > D_NAME_MAX_BACK_REFERENCES)
		return false;
	if (!run_dlang(name, &text))
		sb->failed = true;
	if (!text)
		return false;
	if (style == DEMANGLE_SHORT)
		short_name_d(sb, text);
	else
		strbuf_adds(sb, text);
	return true;
}

/* A name that was put together from DWARF's scopes, as C++ functions in
 * anonymous namespaces have no other: "a::B<int>::f". */
static bool is_cxx_path(const char *name)
{
	return strchr(name, '<') && strstr(name, "::") && name[0] != '<';
}

void demangle(struct strbuf *sb, const char *name, enum demangle_style style)
{
	/* Rust's old scheme looks like C++ with a hash for a last name. */
	if (style != DEMANGLE_NONE && strlen(name) <= NAME_MAX_BYTES &&
	    (demangle_rust(sb, name, style) || demangle_cxx(sb, name, style) ||
	     demangle_d(sb, name, style)))
		return;
	if (style == DEMANGLE_SHORT && is_cxx_path(name))
		short_name_cxx(sb, name);
	else
		strbuf_adds(sb, name);
}
