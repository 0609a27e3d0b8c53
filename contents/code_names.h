/**
 * @file code_names.h - what the files that a process has mapped say about its
 * memory: symbols, and constants that are not in memory.
 */
#ifndef CONTENTS_CODE_NAMES_H
#define CONTENTS_CODE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "proc/maps.h"
#include "proc/memory.h"
#include "target/jemalloc.h"

struct code_table;

struct code_names {
	const struct maps *maps;	  /* borrowed */
	const struct loaded_files *files; /* borrowed */
	struct memory_source memory;	  /* of the process; borrowed */
	struct code_table *tables; /* owned; of each file, when it was asked */
	/* Of all files together; the caller may set fewer. What has a symbol
	 * behind them has none. */
	size_t symbols_left;
	bool failed; /* memory ran out */
};

/** code_names_release() in any case. */
struct hs_error *code_names_open(const struct maps *maps,
				 const struct loaded_files *files,
				 const struct memory_source *memory,
				 struct code_names *ret) hs_must_check;

void code_names_release(struct code_names *c);

/** Appends the symbol of code or data of a file that holds @address, or
 *  "FILE+0x1234", the file's own address, of what is not written to and has
 *  none. False: it is not in a file, or has no name. @arg: struct
 *  code_names. */
bool code_names_find(void *arg, uint64_t address, struct strbuf *name);

/** The memory of the process; what is not in memory there and belongs to a file
 *  and is not written to is read from that file. @c is borrowed. */
struct memory_source code_names_constants(struct code_names *c);

#endif
