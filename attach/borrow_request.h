/**
 * @file borrow_request.h - describes the thread to borrow: of which process,
 * and for what use.
 */
#ifndef ATTACH_BORROW_REQUEST_H
#define ATTACH_BORROW_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/code_map.h"
#include "base/deadline.h"
#include "base/judge.h"

/** How much of the target's stack and time the thread will be used for. */
enum borrow_use {
	BORROW_FOR_HELPER, /* one pthread_create() */
	BORROW_FOR_CALLS, /* all calls run on it: it must wait in a system call,
			     have more stack left, and never be cancelled */
};

struct task_list;

enum {
	BORROW_SCRATCH = 4096, /* bytes of its stack for the calls' data */
};

/** All pointers are borrowed for the time of the search. */
struct borrow_request {
	pid_t pid; /* of the process */
	const struct code_map *code;
	const struct judge *judge;
	/* NULL, for borrow_examine() only: the thread has a second to stop. */
	const struct deadline *deadline;
	const struct task_list *among; /* only these; NULL: any thread */
	enum borrow_use use;
	/* Bytes that the process must be able to get, for attach/
	 * locked_memory.h; 0: it locks no memory, or is free to. */
	uint64_t lockable;
	/* A thread that was stopped for longer is let go, and that is
	 * HS_ERROR_UNSAFE; 0: any time. */
	int64_t max_pause_us;
	bool assume_seccomp_allows; /* continue where filters cannot be read */
};

#endif
