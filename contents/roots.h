/**
 * @file roots.h - where a process's own pointers to its heap are: its globals,
 * its threads' stacks and thread-local memory, what it has mapped by itself,
 * and what the kernel keeps for it.
 *
 * Not among them: what is in the heap itself; the records of jemalloc, which
 * have the address of each slab; what is free there.
 */
#ifndef CONTENTS_ROOTS_H
#define CONTENTS_ROOTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/kernel_words.h"
#include "proc/usage.h"
#include "target/heap_regions.h"

/** The strongest first: who holds a region says most about it. */
enum root_kind {
	ROOT_DATA,	/* data and bss of the program and its libraries */
	ROOT_BRK,	/* memory of brk(2) that is not jemalloc's */
	ROOT_STACK,	/* of a thread, with its thread-local memory */
	ROOT_TLS,	/* thread-local memory of the first thread */
	ROOT_KERNEL,	/* what the kernel gives back: proc/kernel_words.h */
	ROOT_OTHER,	/* other memory that it has mapped */
	ROOT_ALLOCATOR, /* data of the library that is jemalloc */
	ROOT_KINDS,
};

/** Addresses [start, end) of whole words, all of one mapping; or the kernel's
 *  words. */
struct root_range {
	uint64_t start, end;
	enum root_kind kind;
	const struct mapping *mapping; /* of the usage; NULL: the kernel's */
	pid_t tid; /* of a stack: the thread; 0: nobody knows */
};

/** Zero-initialised is empty. */
struct roots {
	struct root_range *items; /* owned; by kind, then by address */
	size_t n, cap;
	struct kernel_words words; /* of the range of ROOT_KERNEL */
	/* Bytes of mappings left out: of that size, and the kernel does not say
	 * what of them is in memory. */
	uint64_t left_out;
};

/** A thread. */
struct root_thread {
	pid_t tid;
	uint64_t sp; /* its stack pointer; 0: it runs */
};

/** What roots are looked for in. All is borrowed. */
struct roots_input {
	const struct usage *usage;
	const struct heap_tree *tree;
	const struct heap_regions *regions; /* that it led to */
	/* A mapping of the library that is jemalloc; NULL: it is in a file with
	 * other things. */
	const struct mapping *allocator;
	const struct root_thread *threads;
	size_t n_threads;
};

/** Appends the mappings of @usage that may hold pointers, or a heap: private
 *  memory that may be written, and is there as far as is known. */
struct hs_error *roots_memory(const struct usage *usage,
			      struct heap_ranges *ret) hs_must_check;

/** Finds all but what the kernel keeps: ret->words, which is the caller's to
 *  read before. Who mappings are of is borrowed from @in. roots_release() in
 *  any case. */
struct hs_error *roots_find(const struct roots_input *in,
			    struct roots *ret) hs_must_check;

void roots_release(struct roots *roots);

/** The threads of @pid: *ret is the caller's to free(3), *n are there.
 *  HS_ERROR_GONE. */
struct hs_error *roots_threads(pid_t pid, struct root_thread **ret,
			       size_t *n) hs_must_check;

#endif
