/**
 * @file row_frame.h - a frame of the rows that all reports show.
 */
#ifndef OUTPUT_ROW_FRAME_H
#define OUTPUT_ROW_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "heap/profile.h"
#include "output/fold.h"
#include "output/wrapper_names.h"

/** The only "function" of a stack without frames. */
#define ROWS_NO_STACK "no call stack was recorded"

/** What a frame shows, but for its place in the code. Strings are those of the
 *  profiles and of rows. */
struct row_look {
	const char *function;		/* linkage name; NULL: unknown */
	const char *name;		/* the same as it is shown */
	const char *file;		/* NULL: unknown */
	const char *module;		/* path; NULL: unknown */
	const char *module_name;	/* the same as it is shown; program.h */
	const struct heap_module *code; /* the profile's; NULL: of a group, or
					   unknown */
	uint64_t hash;			/* of what its frames have in common */
	uint32_t line;			/* 0: unknown */
	uint32_t symbol; /* number of its function, from 1; 0: unknown */
	uint32_t space;	 /* address space, where only the address is known */
	enum fold_kind fold : 8;
	enum wrapper_name wrapper : 8;
	bool in_file : 1; /* its module is a file, or the kernel's code */
	bool inlined : 1; /* into the frame after it */
	bool library : 1; /* not the program's own code, by its path */
	bool program : 1; /* its module is the one that has main() */
	bool apart : 1;	  /* code at other offsets is different */
	bool focus : 1, ignore : 1, hide : 1, show : 1; /* matches these */
	bool suppressed : 1; /* matches a suppression */
};

/** The module that tells frames of @look from others: functions without a file
 *  may be different ones with the same name. NULL: none does. */
static inline const char *row_look_module(const struct row_look *look)
{
	return look->function && look->file && !look->apart ? NULL
							    : look->module;
}

/** A frame. There may be millions. */
struct row_frame {
	const struct row_look *look; /* of the rows */
	uint64_t address;	     /* in its run: PC, minus 1 for callers */
	uint64_t offset; /* file offset if in_file, else the address */
	uint32_t key;	 /* same function, file, line, or module, offset: same
			    key */
};

/** The address of the code of @f that addr2line -e takes; false: not known. */
static inline bool row_frame_elf_address(const struct row_frame *f,
					 uint64_t *ret)
{
	const struct heap_module *code = f->look->code;

	return code && heap_module_elf_address(code, f->offset, ret);
}

/** Its offset is one of the file, not the module's own address. */
static inline bool row_frame_has_file_offset(const struct row_frame *f)
{
	return f->look->in_file && !f->look->code->own_addresses;
}

#endif
