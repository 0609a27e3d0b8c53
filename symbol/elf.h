/**
 * @file elf.h - one ELF file: its segments, sections and build-id.
 *
 * Addresses are the file's own (virtual addresses as in the symbol table; what
 * addr2line -e takes), unless called a file offset.
 */
#ifndef SYMBOL_ELF_H
#define SYMBOL_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/intern.h"

struct elf_segment {			 /* PT_LOAD */
	uint64_t address;		 /* p_vaddr */
	uint64_t offset;		 /* p_offset */
	uint64_t file_size, memory_size; /* bytes */
	bool exec;
};

/** Names that had a version. */
struct elf_names {
	struct intern table;
	uint64_t left; /* bytes that they may still take */
};

/** Of a file that somebody else may write to: what is needed of it is read
 * once, and parsed from that copy. */
struct elf_copy {
	uint64_t left; /* bytes that may still be read */
	bool *read;    /* owned; by section: it was */
	size_t n;
};

struct elf_file {
	int fd;		/* owned */
	char *name;	/* owned: for errors */
	void *elf;	/* owned: Elf * of libelf */
	int elf_class;	/* ELFCLASS32, ELFCLASS64 */
	int data;	/* ELFDATA2LSB: little-endian */
	int machine;	/* EM_X86_64, ... */
	int type;	/* ET_EXEC, ET_DYN, ... */
	char *build_id; /* owned: lower-case hex; NULL when it has none */
	struct elf_segment *segments; /* owned */
	size_t n_segments;
	bool dynamic;	   /* has PT_INTERP or PT_DYNAMIC with DT_NEEDED */
	uint64_t tls_size; /* bytes of a thread's own data; PT_TLS */
	struct elf_names *names; /* owned */
	bool here;		 /* debug_paths.h: of DEBUG_ROOT_THIS */
	/* Borrowed: when to leave off going through its symbols, which may be
	 * many or a hole in the file; NULL: never. */
	const struct deadline *deadline;
	struct elf_copy *copy;	 /* owned; NULL: it is mapped */
	uint64_t size;		 /* bytes, */
	struct timespec changed; /* and when it was written last: as it was
				    opened */
};

/** Opens the ELF file @fd, which is consumed in any case. @name is copied.
 *  HS_ERROR_INPUT when it is not ELF or is damaged. *ret: elf_file_close(). */
struct hs_error *elf_file_open(int fd, const char *name,
			       struct elf_file **ret) hs_must_check;

/** Opens the ELF file at @path, when there is one: *ret is NULL when it cannot
 *  be opened, is no regular file, no ELF file, or damaged. */
struct hs_error *elf_file_open_path(const char *path,
				    struct elf_file **ret) hs_must_check;

/** NULL is fine. */
void elf_file_close(struct elf_file *file);

/** Whether somebody wrote to the file, or cut it, since it was opened: what was
 *  read from it may be of two files. (The bytes of a file of root's or our
 * user's are mapped, not copied: a read beyond the end of one that was cut
 * raises SIGBUS, mmap(2). base/sigbus.h turns that into zeros.) */
bool elf_file_is_changed(const struct elf_file *file);

/** Before libelf reads section @index: whether it may, which it may not where
 * too much would be copied. */
bool elf_file_may_read(const struct elf_file *file, size_t index);

/** Address of the byte at file offset @offset; false when no PT_LOAD has it in
 *  its file part. */
bool elf_file_address(const struct elf_file *file, uint64_t offset,
		      uint64_t *ret);

/** The other way round. */
bool elf_file_offset(const struct elf_file *file, uint64_t address,
		     uint64_t *ret);

/** Finds the first section named @name that has bytes in the file. @data and
 *  @size (may be NULL): its bytes as they are there, compressed or not; owned
 *  by @file. */
bool elf_file_section(const struct elf_file *file, const char *name,
		      const void **data, size_t *size);

/** The same, and where it is loaded (sh_addr). */
bool elf_file_section_at(const struct elf_file *file, const char *name,
			 const void **data, size_t *size, uint64_t *address);

#endif
