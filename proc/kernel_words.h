/**
 * @file kernel_words.h - words that a process has given the kernel, which gives
 * them back later: often pointers, and sometimes the only ones there are.
 *
 * - epoll_ctl(2): the data of each descriptor, "data:" in /proc/PID/fdinfo/FD
 *   (fs/eventpoll.c, ep_show_fdinfo()).
 * - timer_create(2): sigev_value, "signal:" in /proc/PID/timers
 *   (fs/proc/base.c, show_timer()).
 * - io_uring keeps the user_data of what was submitted, which nobody can read.
 */
#ifndef PROC_KERNEL_WORDS_H
#define PROC_KERNEL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum { KERNEL_WORDS_MAX = 1 << 22 };

/** Zero-initialised is empty. */
struct kernel_words {
	uint64_t *items; /* owned */
	size_t n, cap;
	/* The process has some that cannot be read, or more than
	 * KERNEL_WORDS_MAX. */
	bool hidden;
};

/** Appends those of the text of an fdinfo file. HS_ERROR_NOMEM. */
struct hs_error *
kernel_words_parse_fdinfo(const char *text, size_t len,
			  struct kernel_words *to) hs_must_check;

/** Appends those of the text of a timers file. HS_ERROR_NOMEM. */
struct hs_error *
kernel_words_parse_timers(const char *text, size_t len,
			  struct kernel_words *to) hs_must_check;

/** Reads those of process @pid; what cannot be read is hidden. Threads that
 *  have a descriptor table of their own (unshare(2)) are not looked at.
 *  HS_ERROR_GONE, HS_ERROR_NOMEM; kernel_words_release() in any case. */
struct hs_error *kernel_words_read(pid_t pid,
				   struct kernel_words *ret) hs_must_check;

void kernel_words_release(struct kernel_words *words);

#endif
