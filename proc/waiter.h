/**
 * @file waiter.h - heapsnaps that wait for something of a process, as others
 * see them.
 *
 * A heapsnap that waits is named so, where ps(1) and top(1) show it, and holds
 * one process: by its pidfd. Both are there for as long as it waits, however it
 * ends.
 */
#ifndef PROC_WAITER_H
#define PROC_WAITER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/** This process is one from now on. */
void waiter_begin(void);

/** No more. */
void waiter_end(void);

struct waiter {
	pid_t pid;    /* the heapsnap */
	uid_t uid;    /* its effective user */
	pid_t target; /* the process that it waits for */
};

struct waiter_list {
	struct waiter *items; /* owned */
	size_t n, cap;
};

/** Finds those that we may look at: our own, and with root's rights all. Call
 *  waiter_list_release() in any case. */
struct hs_error *waiter_list_read(struct waiter_list *ret) hs_must_check;

void waiter_list_release(struct waiter_list *list);

#endif
