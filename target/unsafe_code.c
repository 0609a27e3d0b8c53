#include "target/unsafe_code.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "proc/mapped_file.h"
#include "proc/memory.h"
#include "symbol/eh_frame.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "target/gadget.h"
#include "target/unsafe_allocator.h"
#include "target/unsafe_jemalloc.h"
#include "target/unsafe_names.h"

struct builder {
	pid_t pid;
	const struct maps *maps;
	const struct loaded_files *files;
	const struct jemallocs *jemallocs;
	struct code_map map;
};

/* --- which file is what ---------------------------------------------------- */

static const char *file_base_name(const struct loaded_file *file)
{
	return str_base_name(file->first->path);
}

/* "libc.so.6", or, as glibc before 2.34 is installed, "libc-2.31.so"; but not
 * "libc-client.so". */
static bool is_library(const char *base, const char *name)
{
	size_t n = strlen(name);

	if (!str_starts_with(base, name))
		return false;
	return str_starts_with(base + n, ".so") ||
	       (base[n] == '-' && isdigit((unsigned char)base[n + 1]));
}

/* musl's one file is the dynamic linker and the C library. */
static bool is_libc(const struct loaded_file *file)
{
	const char *base = file_base_name(file);

	return is_library(base, "libc") || is_library(base, "libpthread") ||
	       str_starts_with(base, "ld-musl-") ||
	       str_starts_with(base, "libc.musl-");
}

static const char *whole_by_name(const char *base)
{
	if (str_starts_with(base, "ld-linux") || is_library(base, "ld") ||
	    is_library(base, "ld64"))
		return "dynamic linker";
	if (str_starts_with(base, "libgcc_s") ||
	    str_starts_with(base, "libunwind"))
		return "unwinder";
	return NULL;
}

static bool has_jemalloc(const struct builder *b,
			 const struct loaded_file *file)
{
	size_t i;

	for (i = 0; i < b->jemallocs->n_all; i++)
		if (b->jemallocs->items[i].file == file)
			return true;
	return false;
}

/* --- ranges ---------------------------------------------------------------- */

static struct hs_error *add_range(struct builder *b, uint64_t start,
				  uint64_t end,
				  enum code_unsafe_when unsafe_when,
				  const char *what)
{
	struct unsafe_code *unsafe = &b->map.unsafe;

	if (!ARRAY_GROW(unsafe->items, unsafe->cap, unsafe->n + 1))
		return hs_error_nomem();
	unsafe->items[unsafe->n++] = (struct code_range){
		.start = start,
		.end = end,
		.unsafe_when = unsafe_when,
		.what = what,
	};
	return NULL;
}

/* Functions of @file, at the file's own addresses. */
static struct hs_error *add_text(struct builder *b,
				 const struct loaded_file *file,
				 const struct text_range *text,
				 enum code_unsafe_when unsafe_when,
				 const char *what)
{
	unsigned char last[GADGET_CALL_MAX];
	struct hs_error *err;
	uint64_t offset;

	err = add_range(b, text->start + file->bias, text->end + file->bias,
			unsafe_when, what);
	if (!err &&
	    elf_file_offset(file->elf, text->end - sizeof(last), &offset) &&
	    pread(file->elf->fd, last, sizeof(last), (off_t)offset) ==
		    (ssize_t)sizeof(last))
		b->map.unsafe.items[b->map.unsafe.n - 1].no_return_to_end =
			!gadget_may_end_in_call(last, sizeof(last));
	return err;
}

static struct hs_error *add_whole_file(struct builder *b,
				       const struct loaded_file *file,
				       enum code_unsafe_when unsafe_when,
				       const char *what)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < b->maps->n && !err; i++) {
		const struct mapping *m = &b->maps->items[i];

		if (m->exec && mapping_same_file(m, file->first))
			err = add_range(b, m->start, m->end, unsafe_when, what);
	}
	return err;
}

struct name_walk {
	struct builder *b;
	const struct loaded_file *file;
	bool locals; /* also functions that the file does not export */
	struct hs_error *err;
};

/* For a program's own operator new its own range is enough: no call of ours
 * allocates by it, and the functions that it calls are found by their own
 * names. */
static bool add_named_function(const struct elf_symbol *sym, void *arg)
{
	static const struct code_name cxx_operator = { "", CODE_ALWAYS,
						       "allocator" };
	struct name_walk *walk = arg;
	size_t len = code_name_length(sym->name);
	struct text_range text = { .start = sym->address };
	const struct code_name *row;

	if (!sym->function || (sym->local && !walk->locals))
		return true;
	row = code_name_find(sym->name, len);
	if (!row && code_name_is_cxx_operator(sym->name, len))
		row = &cxx_operator;
	if (!row)
		return true;
	walk->err = symbol_end(walk->file->symbols, sym, &text.end);
	if (!walk->err)
		walk->err = add_text(walk->b, walk->file, &text,
				     row->unsafe_when, row->what);
	return !walk->err;
}

/* In a library that is not libc, or a program that does not contain it, a local
 * function named "exit" or "clone" means nothing. */
static struct hs_error *add_named_functions(struct builder *b,
					    const struct loaded_file *file)
{
	struct name_walk walk = {
		.b = b,
		.file = file,
		.locals = is_libc(file) ||
			  (file->main_program && !file->elf->dynamic),
	};
	struct hs_error *err;

	err = elf_file_each_symbol(file->symbols, add_named_function, &walk);
	return err ? err : walk.err;
}

static struct hs_error *add_ranges(struct builder *b,
				   const struct loaded_file *file,
				   const struct text_ranges *ranges,
				   const char *what)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < ranges->n && !err; i++)
		err = add_text(b, file, &ranges->items[i], CODE_ALWAYS, what);
	return err;
}

static struct hs_error *add_libc(struct builder *b,
				 const struct loaded_file *libc)
{
	struct text_ranges ranges;
	struct hs_error *err;

	err = add_whole_file(b, libc, CODE_RUNNING_PC, "libc");
	if (err)
		return err;
	err = unsafe_libc_allocator(libc, &ranges);
	if (!err)
		err = add_ranges(b, libc, &ranges, "allocator");
	text_ranges_release(&ranges);
	return err;
}

/* A program's own code cannot be called unsafe as a whole: each thread of it is
 * inside. @jemalloc: it is jemalloc that nothing sets apart from it. */
static struct hs_error *unknown_code_error(const struct loaded_file *file,
					   bool jemalloc)
{
	const char *path = file->first->path;
	struct hs_error *err;

	if (jemalloc)
		err = hs_error_new(HS_ERROR_UNSAFE,
				   "'%s' has jemalloc in it, but no symbols to "
				   "tell jemalloc's code from its own",
				   path);
	else if (!elf_file_section(file->symbols, ".symtab", NULL, NULL))
		err = hs_error_new(
			HS_ERROR_UNSAFE,
			"'%s' has an allocator in it, but no symbols "
			"to tell the allocator's code from its own",
			path);
	else
		return hs_error_hint(
			hs_error_new(HS_ERROR_UNSAFE,
				     "'%s' has an allocator in it that is no "
				     "jemalloc, and whose code cannot be told "
				     "from its own",
				     path),
			"link it with that allocator as a shared library");
	return hs_error_hint(err, "give the folder of its debug file by "
				  "--debug-dir");
}

/*
 * Code that is linked into one file with an allocator may be called by it (as
 * hooks), or take its locks; only jemalloc's functions are known by name. A
 * shared library that overrides the C library's malloc() is an allocator, or
 * contains one: all of it is unsafe.
 */
static struct hs_error *add_allocator(struct builder *b,
				      const struct loaded_file *file)
{
	bool jemalloc = has_jemalloc(b, file);
	struct text_ranges entries, ranges = { 0 };
	struct hs_error *err;

	err = unsafe_allocator(file, &entries);
	if (!err && (entries.n || jemalloc))
		err = unsafe_jemalloc(file, b->jemallocs, &ranges);
	if (err || !(entries.n || jemalloc))
		;
	else if (ranges.n && text_ranges_have(&ranges, &entries))
		err = add_ranges(b, file, &ranges, "jemalloc");
	else if (file->main_program)
		err = unknown_code_error(file, jemalloc && !ranges.n);
	else
		err = add_whole_file(b, file, CODE_ALWAYS,
				     jemalloc ? "jemalloc" : "allocator");
	text_ranges_release(&entries);
	text_ranges_release(&ranges);
	return err;
}

/* What the whole file counts as; NULL: only some of its functions are
 * unsafe. */
static const char *whole_file(const struct builder *b,
			      const struct loaded_file *file)
{
	if (file->main_program)
		return NULL;
	if (has_jemalloc(b, file) && strstr(file_base_name(file), "jemalloc"))
		return "jemalloc";
	return whole_by_name(file_base_name(file));
}

static struct hs_error *add_file(struct builder *b,
				 const struct loaded_file *file)
{
	const char *what = whole_file(b, file);
	struct hs_error *err;

	if (what)
		return add_whole_file(b, file, CODE_ALWAYS, what);
	err = is_libc(file) ? add_libc(b, file) : add_allocator(b, file);
	return err ? err : add_named_functions(b, file);
}

struct frame_walk {
	struct code_frames *frames;
	uint64_t bias;
	bool failed;
};

static bool add_frame(uint64_t start, uint64_t entry, void *arg)
{
	struct frame_walk *walk = arg;
	struct code_frames *frames = walk->frames;

	walk->failed = !ARRAY_GROW(frames->items, frames->cap, frames->n + 1);
	if (walk->failed)
		return false;
	frames->items[frames->n++] = (struct code_frame){
		.start = start + walk->bias,
		.entry = entry + walk->bias,
	};
	return true;
}

static int compare_frames(const void *a, const void *b)
{
	const struct code_frame *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static struct hs_error *add_frames(struct builder *b)
{
	struct code_frames *frames = &b->map.frames;
	struct frame_walk walk = { .frames = frames };
	size_t i;

	for (i = 0; i < b->files->n && !walk.failed; i++) {
		walk.bias = b->files->items[i].bias;
		elf_file_each_unindexed(b->files->items[i].elf, add_frame,
					&walk);
	}
	if (walk.failed)
		return hs_error_nomem();
	if (frames->n)
		qsort(frames->items, frames->n, sizeof(*frames->items),
		      compare_frames);
	return NULL;
}

static bool was_opened(const struct builder *b, const struct mapping *m)
{
	size_t i;

	for (i = 0; i < b->files->n; i++)
		if (mapping_same_file(b->files->items[i].first, m))
			return true;
	return false;
}

/* A file that could not be opened (replaced on the disk, and map_files needs a
 * right that we lack) may be unsafe code. */
static struct hs_error *add_unopened(struct builder *b)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < b->maps->n && !err; i++) {
		const struct mapping *m = &b->maps->items[i];
		const char *base = str_base_name(m->path);
		const char *what = whole_by_name(base);

		if (!what && strstr(base, "malloc"))
			what = strstr(base, "jemalloc") ? "jemalloc"
							: "allocator";
		if (what && m->exec && mapping_has_file(m) && !was_opened(b, m))
			err = add_range(b, m->start, m->end, CODE_ALWAYS, what);
	}
	return err;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct code_range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return (x->unsafe_when > y->unsafe_when) -
	       (x->unsafe_when < y->unsafe_when);
}

/* One function can have many names, and be in two symbol tables. */
static void sort_ranges(struct unsafe_code *unsafe)
{
	size_t i, n = 0;

	if (!unsafe->n)
		return;
	qsort(unsafe->items, unsafe->n, sizeof(*unsafe->items), compare_ranges);
	for (i = 1; i < unsafe->n; i++)
		if (compare_ranges(&unsafe->items[n], &unsafe->items[i]))
			unsafe->items[++n] = unsafe->items[i];
	unsafe->n = n + 1;
}

/* --- libc ------------------------------------------------------------------ */

/*
 * Files that contain libc's own code: libc and, before glibc 2.34, libpthread;
 * the program when it is static. Never just any file that exports the name:
 * allocators and sanitizers override pthread_create().
 */
static bool holds_libc(const struct loaded_file *file)
{
	return is_libc(file) || (file->main_program && !file->elf->dynamic);
}

static uint64_t libc_function(const struct builder *b, const char *name)
{
	uint64_t address = 0;
	size_t i;

	for (i = 0; i < b->files->n && !address; i++)
		if (holds_libc(&b->files->items[i]))
			address =
				loaded_file_function(&b->files->items[i], name);
	return address;
}

/* The default of 8 MiB is no more than addresses, unless the process locks its
 * memory, mlockall(2): all of it would become resident. A dump takes 12 KiB
 * (jemalloc 3.6 to 5.3.1), and libc puts the thread's own data on the stack,
 * too (glibc, nptl/allocatestack.c). 0: the size of that data is not known. */
static uint64_t helper_stack(const struct loaded_files *files)
{
	uint64_t size = 256 << 10;
	size_t i;

	if (files->problems)
		return 0;
	for (i = 0; i < files->n; i++)
		size += files->items[i].elf->tls_size;
	return (size + 4095) & ~(uint64_t)4095;
}

static void find_functions(struct builder *b)
{
	struct entry_points *entry = &b->map.entry;

	/* In a static program an allocator's own pthread_create() has the plain
	 * name, and glibc's only this one. */
	entry->pthread_create = libc_function(b, "__pthread_create_2_1");
	if (!entry->pthread_create)
		entry->pthread_create = libc_function(b, "pthread_create");
	entry->pthread_attr_init = libc_function(b, "pthread_attr_init");
	entry->pthread_attr_setdetachstate =
		libc_function(b, "pthread_attr_setdetachstate");
	entry->pthread_attr_setstacksize =
		libc_function(b, "pthread_attr_setstacksize");
	entry->helper_stack = helper_stack(b->files);
	entry->sleep = libc_function(b, "sleep");
	entry->syscall = libc_function(b, "syscall");
	entry->musl = !libc_function(b, "gnu_get_libc_version");
}

/* --- gadgets --------------------------------------------------------------- */

enum { CHUNK = 65536, LONGEST_GADGET = 9 };

struct gadget {
	uint64_t address; /* runtime; 0: not found */
	enum code_result_register reg;
};

/* *ret: memory has the same bytes as the file. */
static struct hs_error *is_in_memory(const struct builder *b, uint64_t address,
				     const unsigned char *bytes, size_t len,
				     bool *ret)
{
	unsigned char memory[LONGEST_GADGET];
	struct hs_error *err;

	err = memory_read(b->pid, address, memory, len);
	if (!err)
		*ret = !memcmp(memory, bytes, len);
	return err;
}

/*
 * An unwinder may walk through the result gadget: when jemalloc samples an
 * allocation made inside the injected call, it walks the stack, and the gadget
 * is a return address there. The gadget is in the middle of foreign code; if
 * that code's unwind table sent an unwinder anywhere else than to the next word
 * of the stack, it could read wild memory and crash the service.
 */
static bool is_acceptable(enum gadget_kind kind, const struct loaded_file *file,
			  uint64_t address)
{
	return kind != GADGET_RESULT ||
	       elf_file_unwinds_as_entry(file->elf, address);
}

/* A chunk of a file's code. */
struct code_bytes {
	const unsigned char *bytes;
	size_t len;
	uint64_t address; /* the file's own */
};

static struct hs_error *find_gadget_in(const struct builder *b,
				       const struct loaded_file *file,
				       enum gadget_kind kind,
				       const struct code_bytes *text,
				       struct gadget *ret)
{
	size_t at = 0;

	for (;; at++) {
		struct hs_error *err;
		size_t n;
		bool same;

		at = gadget_find(kind, text->bytes, text->len, at, &ret->reg);
		if (at == SIZE_MAX)
			return NULL;
		if (!is_acceptable(kind, file, text->address + at))
			continue;
		n = text->len - at;
		if (n > LONGEST_GADGET)
			n = LONGEST_GADGET;
		err = is_in_memory(b, text->address + file->bias + at,
				   text->bytes + at, n, &same);
		if (err)
			return err;
		if (same) {
			ret->address = text->address + file->bias + at;
			return NULL;
		}
	}
}

/*
 * Reads the file, not the memory: to read the whole text from the target would
 * map it there page by page, and grow its RSS. Chunks overlap, to find gadgets
 * across their border.
 */
static struct hs_error *find_gadget_in_file(const struct builder *b,
					    const struct loaded_file *file,
					    enum gadget_kind kind,
					    struct gadget *ret)
{
	const size_t step = CHUNK - (LONGEST_GADGET - 1);
	unsigned char bytes[CHUNK];
	struct code_bytes text = { .bytes = bytes };
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < file->elf->n_segments; i++) {
		const struct elf_segment *s = &file->elf->segments[i];
		uint64_t at;

		if (!s->exec)
			continue;
		for (at = 0; at < s->file_size && !ret->address; at += step) {
			uint64_t left = s->file_size - at;
			ssize_t n = pread(file->elf->fd, bytes,
					  left < CHUNK ? left : CHUNK,
					  (off_t)(s->offset + at));

			if (n <= 0)
				break;
			err = loaded_files_check(b->files);
			if (err)
				return err;
			text.len = (size_t)n;
			text.address = s->address + at;
			err = find_gadget_in(b, file, kind, &text, ret);
			if (err)
				return err;
		}
	}
	return NULL;
}

static struct hs_error *find_gadget(const struct builder *b,
				    enum gadget_kind kind, struct gadget *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	*ret = (struct gadget){ 0 };
	for (i = 0; i < b->files->n && !err && !ret->address; i++)
		if (holds_libc(&b->files->items[i]))
			err = find_gadget_in_file(b, &b->files->items[i], kind,
						  ret);
	return err;
}

/* Of a C library whose file cannot be read, only the exported names are known
 * (mapped_open()). */
static struct hs_error *no_trampoline(const struct builder *b)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < b->files->n && !err; i++) {
		_cleanup_close_ int fd = -1;

		if (holds_libc(&b->files->items[i]))
			err = mapped_file_open(b->pid, b->files->items[i].first,
					       &fd);
	}
	if (err)
		return hs_error_recode(err, HS_ERROR_DENIED);
	return hs_error_new(HS_ERROR_UNSAFE,
			    "no signal trampoline was found in the C library "
			    "of process %d",
			    (int)b->pid);
}

static struct hs_error *find_gadgets(struct builder *b)
{
	struct gadget sigreturn, syscall_return, result;
	struct entry_points *entry = &b->map.entry;
	struct hs_error *err;

	err = find_gadget(b, GADGET_SIGRETURN, &sigreturn);
	if (!err)
		err = find_gadget(b, GADGET_SYSCALL_RETURN, &syscall_return);
	if (!err)
		err = find_gadget(b, GADGET_RESULT, &result);
	if (err)
		return err;
	if (!sigreturn.address)
		return no_trampoline(b);
	entry->sigreturn = sigreturn.address;
	entry->syscall_return = syscall_return.address;
	entry->result = result.address;
	entry->result_register = result.address ? result.reg : CODE_RESULT_NONE;
	return NULL;
}

static struct hs_error *take_fingerprints(struct builder *b)
{
	const uint64_t addresses[CODE_FINGERPRINTS] = {
		b->map.entry.sigreturn,
		b->map.entry.pthread_create,
		b->jemallocs->n ? b->jemallocs->items[0].mallctl : 0,
	};
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < CODE_FINGERPRINTS && !err; i++) {
		struct code_fingerprint *print = &b->map.fingerprints[i];

		print->address = addresses[i];
		if (print->address)
			err = memory_read(b->pid, print->address, print->bytes,
					  sizeof(print->bytes));
	}
	return err;
}

struct hs_error *unsafe_code_map(pid_t pid, const struct maps *maps,
				 const struct loaded_files *files,
				 const struct jemallocs *jemallocs,
				 struct code_map *ret)
{
	struct builder b = {
		.pid = pid,
		.maps = maps,
		.files = files,
		.jemallocs = jemallocs,
	};
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < files->n && !err; i++) {
		err = loaded_files_check(files);
		if (!err)
			err = add_file(&b, &files->items[i]);
	}
	if (!err)
		err = add_unopened(&b);
	if (!err)
		err = add_frames(&b);
	if (!err)
		err = find_gadgets(&b);
	if (err) {
		code_map_release(&b.map);
		return err;
	}
	find_functions(&b);
	sort_ranges(&b.map.unsafe);
	err = loaded_files_check(files);
	if (!err)
		err = take_fingerprints(&b);
	if (err)
		code_map_release(&b.map);
	else
		*ret = b.map;
	return err;
}
