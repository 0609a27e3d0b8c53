/**
 * @file signal_frame.h - finds the frames that the kernel leaves on a stack
 * when it has a thread handle a signal, by how they look. One file a CPU.
 *
 * No unwind information is needed: what returns from a handler may have none
 * (musl's code, or the program's own). A frame that was left there by an
 * earlier signal looks the same as one to which a handler will return.
 */
#ifndef TARGET_SIGNAL_FRAME_H
#define TARGET_SIGNAL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/thread_copy.h"

struct signal_frame {
	uint64_t at; /* its first address */
	/* Of the interrupted thread. On an alternate stack SP may be anywhere,
	 * also below the frame. */
	uint64_t pc, sp;
	bool at_call; /* it waited in a system call that the signal ended, and
			 that is issued again or fails with EINTR */
};

/** The first signal frame in the bytes of @copy from *offset on; *offset is
 *  behind its beginning then, for the next call. False: there is none. */
bool signal_frame_next(const struct thread_copy *copy, size_t *offset,
		       struct signal_frame *ret);

#endif
