/**
 * @file symbol_check.h - what the tests of symbol/ share: programs that are
 * built for them, and short ways to ask.
 */
#ifndef TESTS_UNIT_SYMBOL_CHECK_H
#define TESTS_UNIT_SYMBOL_CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "symbol/symbolizer.h"
#include "tests/unit/hs_check.h"

/** The sources, and what each of them has to be compiled with. */
#define SOURCES "tests/data/symbols/"
#define PROTOTYPES "-include " SOURCES "chain.h"

/** A folder of the test's own; the caller removes it with remove_folder(). */
static inline char *make_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path;

	ck_assert_int_ge(asprintf(&path, "%s/heapsnap-symbol-XXXXXX",
				  tmp ? tmp : "/tmp"),
			 0);
	hs_ck_mkdtemp(path);
	return path;
}

/** Runs a shell command; it must end with status 0. */
__attribute__((format(printf, 1, 2))) static inline void run(const char *fmt,
							     ...)
{
	char *command;
	va_list args;
	int status;

	va_start(args, fmt);
	ck_assert_int_ge(vasprintf(&command, fmt, args), 0);
	va_end(args);
	status = system(command);
	if (status)
		ck_abort_msg("status %d: %s", status, command);
	free(command);
}

static inline void remove_folder(char *path)
{
	run("rm -rf '%s'", path);
	free(path);
}

static inline int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		ck_abort_msg("%s: %s", path, strerror(errno));
	return fd;
}

static inline struct elf_file *open_elf(const char *path)
{
	struct elf_file *file = NULL;

	hs_ck_ok(elf_file_open(open_file(path), path, &file));
	return file;
}

static inline uint64_t address_of(const struct elf_file *file, const char *name)
{
	struct elf_symbol symbol;

	if (!elf_file_find_symbol(file, name, &symbol))
		ck_abort_msg("no symbol '%s'", name);
	return symbol.address;
}

/** The frames of @address, a virtual address of the file. */
static inline struct symbol_frames
frames_at(struct symbolizer *s, struct symbol_module *m, uint64_t address)
{
	struct symbol_frames frames;
	uint64_t offset;

	ck_assert(elf_file_offset(symbol_module_elf(m), address, &offset));
	hs_ck_ok(symbolizer_lookup(s, m, offset, &frames));
	return frames;
}

/** Machine-dependent sources: only what is written for this one. */
static inline int is_x86_64(void)
{
	struct utsname u;

	return !uname(&u) && !strcmp(u.machine, "x86_64");
}

#endif
