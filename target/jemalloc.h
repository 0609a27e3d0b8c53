/**
 * @file jemalloc.h - finds the files that a process has loaded, and the
 * jemallocs in them.
 *
 * A jemalloc is at least one of the functions <prefix>mallctl,
 * <prefix>mallctlnametomib and <prefix>mallctlbymib, in .dynsym or .symtab of
 * any file that is mapped executable. Several in one process are possible.
 */
#ifndef TARGET_JEMALLOC_H
#define TARGET_JEMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"
#include "proc/identity.h"
#include "proc/maps.h"

struct elf_file;

/** An ELF file that is mapped in the target: mapped_open(). */
struct loaded_file {
	const struct mapping *first; /* lowest mapping of it; of the maps */
	struct elf_file *elf;	     /* owned */
	struct elf_file *debug;	     /* owned; NULL: none was needed */
	/* The one of the two that has the symbols. */
	const struct elf_file *symbols;
	uint64_t bias;	   /* runtime address minus the file's own address */
	bool main_program; /* it is /proc/PID/exe, not a shared library */
};

struct loaded_files {
	struct loaded_file *items; /* owned */
	size_t n, cap;
	struct hs_error *problems; /* owned: files that could not be opened,
				      joined; NULL: none */
	/* Borrowed: until when they are searched; NULL: to the end. */
	const struct deadline *deadline;
};

/** Opens each file that has an executable mapping. A file that cannot be opened
 *  or is no ELF is skipped, and its error joined to problems. @maps must
 *  outlive *ret, as must @d (may be NULL): who looks for something in their
 *  symbols leaves off then, and asks loaded_files_check().
 *  loaded_files_release(). */
struct hs_error *loaded_files_open(const struct identity *id,
				   const struct maps *maps,
				   const struct deadline *d,
				   struct loaded_files *ret) hs_must_check;

/** HS_ERROR_TIMEOUT or HS_ERROR_INTERRUPTED when their deadline has passed:
 * what was not found in them since may be there. */
struct hs_error *
loaded_files_check(const struct loaded_files *files) hs_must_check;

void loaded_files_release(struct loaded_files *files);

/**
 * Looks for the debug files of stripped files, as the process sees them, in
 * @dirs[0..n) and on this machine, and uses their symbols from then on. Not for
 * the C library, whose exported symbols suffice. *found: at least one was
 * found.
 */
struct hs_error *loaded_files_find_debug(struct loaded_files *files,
					 const struct identity *id,
					 const char *const *dirs, size_t n,
					 bool *found) hs_must_check;

/** The bias of @elf when @m is an executable mapping of it; false when it is
 *  not mapped as its program headers say. */
bool loaded_file_bias(const struct elf_file *elf, const struct mapping *m,
		      uint64_t *ret);

/** Runtime address of @name's function in the symbols (.dynsym, else .symtab)
 *  of @file; 0: none. */
uint64_t loaded_file_function(const struct loaded_file *file, const char *name);

/** The file itself has a .symtab: its local functions can be found, too. */
bool loaded_file_has_symtab(const struct loaded_file *file);

struct jemalloc {
	const struct loaded_file *file; /* the file that contains it */
	char *prefix;			/* owned: "", "je_", "_rjem_", ... */
	/* Runtime addresses, 0: not there. Calls go through the first. */
	uint64_t mallctl, mallctlnametomib, mallctlbymib;
	bool shared; /* in a shared library, not in the main program */
};

struct jemallocs {
	struct jemalloc *items; /* owned */
	size_t n;     /* the first ones: can be called, mallctl is not 0 */
	size_t n_all; /* all: no thread may be borrowed inside the others
			 either */
	size_t cap;
	/* Owned: what of a file looks like a part of one, and why it counts for
	 * none; NULL: nothing does. */
	struct hs_error *doubtful;
};

/** Finds all jemallocs; none is not an error. @files must outlive *ret. */
struct hs_error *jemallocs_find(const struct loaded_files *files,
				struct jemallocs *ret) hs_must_check;

/** The same in @elf alone, the file @path: addresses are the file's own, and
 *  jemalloc.file is NULL. */
struct hs_error *jemallocs_find_in_file(struct elf_file *elf, const char *path,
					struct jemallocs *ret) hs_must_check;

/** Runtime address of its function @name, which is @je's prefix and that name
 * in its file; 0: none. */
uint64_t jemalloc_function(const struct jemalloc *je, const char *name);

/** Adds a copy of @je; the list owns its prefix from then on. */
struct hs_error *jemallocs_add(struct jemallocs *list,
			       const struct jemalloc *je) hs_must_check;

void jemallocs_release(struct jemallocs *list);

/** The environment variable that configures it: "MALLOC_CONF",
 *  "JE_MALLOC_CONF", "_RJEM_MALLOC_CONF": its prefix in capitals before
 *  MALLOC_CONF. *ret is the caller's to free(3). */
struct hs_error *jemalloc_conf_variable(const struct jemalloc *je,
					char **ret) hs_must_check;

#endif
