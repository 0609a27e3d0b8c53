/**
 * @file code_map.h - the facts about the target's code that borrowing a thread
 * needs: entry points and gadgets of calls, unsafe code, unwind information,
 * and fingerprints of the program.
 *
 * attach/ knows nothing of symbols or of jemalloc; target/ fills this in. All
 * addresses are runtime addresses of the target.
 */
#ifndef BASE_CODE_MAP_H
#define BASE_CODE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Registers that can carry a C return value over rt_sigreturn's entry. */
enum code_result_register {
	CODE_RESULT_NONE, /* no gadget found */
	CODE_RESULT_RBX,
	CODE_RESULT_RDX,
	CODE_RESULT_RSI,
	CODE_RESULT_RDI,
	CODE_RESULT_RBP,
};

/** Where injected calls begin, and the gadgets that they return through. */
struct entry_points {
	/* Functions of the target's libc; 0: not there. A helper thread needs
	 * the first four. syscall(2) makes system calls. */
	uint64_t pthread_create, pthread_attr_init;
	uint64_t pthread_attr_setdetachstate, sleep;
	uint64_t syscall;

	/* If this or the stack size is 0, libc's default is used. */
	uint64_t pthread_attr_setstacksize;
	uint64_t helper_stack; /* bytes of a helper thread's stack */

	/* Gadgets, see attach/frame.h. Every call needs the first. */
	uint64_t sigreturn, syscall_return, result;
	enum code_result_register result_register;

	bool musl; /* its libc is not known to be glibc: musl is assumed */
};

/** When a thread that is inside such code may not be borrowed. */
enum code_unsafe_when {
	CODE_ALWAYS,  /* a word on its stack or its PC points into it */
	CODE_RUNNING, /* the same, but only while it does not stand at a system
			 call (attach/wait.h): it holds its locks only between
			 calls (pthread_join) */
	CODE_PC,      /* only the PC counts: return addresses into it are on
			 every stack (clone, the root of all threads) */
	CODE_RUNNING_PC, /* only the PC counts, and only while it runs: libc,
			    which can hold a lock of its own anywhere (a thread
			    that is about to end holds the stack list's) */
};

struct code_range {
	uint64_t start;
	uint64_t end; /* exclusive */
	enum code_unsafe_when unsafe_when;
	/* No call ends where it ends, so that its end is no return address: the
	 * address of a function that begins there is on many a stack. */
	bool no_return_to_end;
	const char *what; /* "jemalloc", "fork", for messages; owned by the
			     code_map's creator, lives as long */
};

/** Code that no borrowed thread may be inside of. */
struct unsafe_code {
	struct code_range *items; /* owned; ascending by start, may overlap */
	size_t n, cap;
};

/** The address of a function's unwind information. */
struct code_frame {
	uint64_t start; /* of the function */
	uint64_t entry; /* of its entry in .eh_frame (an FDE) */
};

/** The functions of files that have no .eh_frame_hdr. */
struct code_frames {
	struct code_frame *items; /* owned; ascending by start */
	size_t n, cap;
};

/** Bytes at an address that stay the same as long as the same program runs. */
struct code_fingerprint {
	uint64_t address; /* 0: none */
	unsigned char bytes[8];
};

enum { CODE_FINGERPRINTS = 3 };

struct code_map {
	struct entry_points entry;
	struct unsafe_code unsafe;
	struct code_frames frames;
	/* Some code of libc and the program: other bytes after execve(2). */
	struct code_fingerprint fingerprints[CODE_FINGERPRINTS];
};

/** The last of @frames that starts at @pc or before; NULL: none. The entry
 *  itself has the end of its function. */
const struct code_frame *code_frames_find(const struct code_frames *frames,
					  uint64_t pc);

void code_map_release(struct code_map *map);

#endif
