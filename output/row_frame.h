/**
 * @file row_frame.h - a frame of the rows that all reports show.
 */
#ifndef OUTPUT_ROW_FRAME_H
#define OUTPUT_ROW_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "output/fold.h"
#include "output/wrapper_names.h"

/** The only "function" of a stack without frames. */
#define ROWS_NO_STACK "no call stack was recorded"

/** A frame as it is shown. Strings are those of the profiles and of rows. */
struct row_frame {
	const char *function;	 /* linkage name; NULL: unknown */
	const char *name;	 /* the same as it is shown */
	const char *file;	 /* NULL: unknown */
	uint32_t line;		 /* 0: unknown */
	const char *module;	 /* path; NULL: unknown */
	const char *module_name; /* the same as it is shown; program.h */
	const char *build_id;	 /* of the module; NULL: unknown */
	uint64_t address;	 /* in its run: PC, minus 1 for callers */
	uint64_t offset;	 /* file offset if in_file, else the address */
	uint64_t elf_address; /* what addr2line -e takes; see has_elf_address */
	bool has_elf_address;
	bool in_file; /* its module is a file, or the kernel's code */
	bool inlined; /* into the frame after it */
	bool library; /* not the program's own code, by its path */
	bool program; /* its module is the one that has main() */
	uint32_t key; /* same function, file, line, or module, offset: same key */
	enum fold_kind fold;
	enum wrapper_name wrapper;
	uint32_t symbol;   /* number of its function, from 1; 0: unknown */
	bool in_allocator; /* its module has jemalloc in it */
	bool focus, ignore, hide, show; /* matches these options */
	bool suppressed;		/* matches a suppression */
	uint32_t space; /* address space, where only the address is known */
	bool apart;	/* code at other offsets is different */
};

#endif
