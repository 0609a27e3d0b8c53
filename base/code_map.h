/**
 * @file code_map.h - what must be known of the target's code before a thread of
 * it is borrowed: where calls begin and return through, where no thread may be,
 * how its stack is unwound, and that the program is still the same.
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

/** Where injected calls begin, and what they return through. */
struct entry_points {
	/* Functions of the target's libc; 0: not there. The first four are
	 * needed for a helper thread. syscall(2) makes system calls. */
	uint64_t pthread_create, pthread_attr_init;
	uint64_t pthread_attr_setdetachstate, sleep;
	uint64_t syscall;

	/* May be 0, as may be its function: libc's default is taken then. */
	uint64_t pthread_attr_setstacksize;
	uint64_t helper_stack; /* bytes of a helper thread's stack */

	/* Gadgets, see attach/frame.h. The first is needed for any call. */
	uint64_t sigreturn, syscall_return, result;
	enum code_result_register result_register;

	bool musl; /* its libc is musl, or may be: not known to be glibc */
};

/** When a thread that is inside such code may not be borrowed. */
enum code_unsafe_when {
	CODE_ALWAYS,  /* a word on its stack or its PC points into it */
	CODE_RUNNING, /* the same, but only while it is not blocked in a system
			 call: it holds its locks only between calls
			 (pthread_join) */
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

/** Where the unwind information of a function is. */
struct code_frame {
	uint64_t start; /* of the function */
	uint64_t entry; /* of its entry in .eh_frame (an FDE) */
};

/** Of files that have no .eh_frame_hdr to find them by. */
struct code_frames {
	struct code_frame *items; /* owned; ascending by start */
	size_t n, cap;
};

/** Bytes that stand at an address as long as the same program runs. */
struct code_fingerprint {
	uint64_t address; /* 0: none */
	unsigned char bytes[8];
};

enum { CODE_FINGERPRINTS = 3 };

struct code_map {
	struct entry_points entry;
	struct unsafe_code unsafe;
	struct code_frames frames;
	/* Some code of libc's and the program's: not there after execve(2). */
	struct code_fingerprint fingerprints[CODE_FINGERPRINTS];
};

/** The last of @frames that starts at @pc or before; NULL: none. The entry
 *  itself says where its function ends. */
const struct code_frame *code_frames_find(const struct code_frames *frames,
					  uint64_t pc);

void code_map_release(struct code_map *map);

#endif
