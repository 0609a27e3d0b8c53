/**
 * @file thread_copy.h - a copy of a stopped thread: its registers and the used
 * part of its stack. Proofs are made on the copy, while the thread runs on.
 */
#ifndef BASE_THREAD_COPY_H
#define BASE_THREAD_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	THREAD_REGISTERS = 33, /* the most that an unwinder asks for: aarch64 */
	UNWIND_DEPTH = 256,
	UNWIND_WORDS = 1024, /* of the stack; a frame takes two or three */
};

struct thread_registers {
	uint64_t pc, sp;
	/* Indexed by DWARF's register numbers on this CPU, as in libunwind. */
	uint64_t numbered[THREAD_REGISTERS];
	size_t n;
};

/** The part of the address space that is a thread's stack. */
struct stack_bounds {
	uint64_t low;  /* first address of its mapping */
	uint64_t high; /* exclusive: end of the frames */
	bool grows;    /* the kernel extends it downwards: the main thread's */
};

struct thread_copy {
	struct thread_registers regs;
	struct stack_bounds bounds;
	unsigned char *bytes; /* owned; bytes[0] is at regs.sp */
	size_t len;	      /* up to bounds.high */
};

void thread_copy_release(struct thread_copy *copy);

/** Both have the same stack, at the same place. The @len bytes at address
 *  @except, which may be elsewhere, are not compared. */
bool thread_copy_same_stack(const struct thread_copy *a,
			    const struct thread_copy *b, uint64_t except,
			    size_t len);

/** All that the frames of a copied thread follow from, but for the code and its
 *  unwind information, which do not change. */
struct unwind_inputs {
	struct thread_registers regs;
	uint64_t used; /* bit n: regs.numbered[n] was read */
	struct {
		uint64_t address, value;
	} words[UNWIND_WORDS]; /* of the stack */
	size_t n;
	bool whole; /* there was nothing else */
};

/** The frames of a copied thread. */
struct unwind {
	uint64_t pcs[UNWIND_DEPTH]; /* innermost first */
	size_t n;
	bool complete; /* each frame had unwind information, the stack pointer
			  grew, and the last one says that it is the root */
	bool interrupted; /* one of them is a signal frame: the next PC is where
			     the signal came, and no return address */
	const char *why;  /* not complete: the reason, static */
	struct unwind_inputs inputs;
};

/** @copy has the same frames as the copy that @inputs are of: an unwinder reads
 *  the same of both, and so does the same. */
bool thread_copy_unwinds_as(const struct thread_copy *copy,
			    const struct unwind_inputs *inputs);

#endif
