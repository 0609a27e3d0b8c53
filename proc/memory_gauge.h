/**
 * @file memory_gauge.h - how much memory a process and its control group use,
 * read again and again at the cost of a few system calls, which the process
 * does not notice.
 *
 * The files are opened once: what they are of stays the same when the pid is
 * another process's. Everybody may read them.
 */
#ifndef PROC_MEMORY_GAUGE_H
#define PROC_MEMORY_GAUGE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct memory_reading {
	uint64_t rss; /* bytes; as exact as /proc/PID/statm, proc(5) */
	bool limited; /* a group that it is in has a limit; else unset: */
	uint64_t limit, used; /* bytes of the group of which the largest part
				 is used: its own or one above */
};

/** A control group with a memory controller. */
struct memory_group {
	bool v1;
	int limit, usage, stat; /* owned; -1: there is no such file */
	int events;		/* owned: memory.events; of version 2 */
	uint64_t most;		/* bytes: its limit; UINT64_MAX: none */
};

struct memory_gauge {
	pid_t pid;
	int statm;    /* owned */
	int cgroup;   /* owned: /proc/PID/cgroup */
	char *groups; /* owned: its text, by which these were opened */
	struct memory_group *items; /* owned; its own, then those above */
	size_t n, cap;
	unsigned reads; /* so far */
	int pressure;	/* owned: of its own group; -1: the kernel tells none */
};

/** Opens the files of process @pid. HS_ERROR_GONE when there is none. Call
 *  memory_gauge_close() in any case. */
struct hs_error *memory_gauge_open(pid_t pid,
				   struct memory_gauge *ret) hs_must_check;

void memory_gauge_close(struct memory_gauge *g);

/**
 * Reads it now. Page cache, which is given back first, is no used memory; but
 * since it takes the kernel some time to add up, it is subtracted only from
 * what is at least @percent of a limit. 0: the groups are not looked at.
 * HS_ERROR_GONE when the process has ended.
 */
struct hs_error *memory_gauge_read(struct memory_gauge *g, unsigned percent,
				   struct memory_reading *ret) hs_must_check;

/** The most descriptors that memory_gauge_wakers() gives. */
enum { MEMORY_WAKERS = 8 };

/**
 * What ends a poll(2) when it may be time to look: a group has reached its
 * limit (memory.events), or waits for memory (memory.pressure, PSI): both of
 * version 2 of control groups. Fills fds[0..MEMORY_WAKERS) and returns how
 * many.
 */
size_t memory_gauge_wakers(const struct memory_gauge *g, struct pollfd *fds);

/** After a poll(2): so that the next one waits for something new. */
void memory_gauge_woken(struct memory_gauge *g);

/** Adds a group by its @folder, as memory_gauge_open() does; ours is what is
 *  below it. */
struct hs_error *memory_gauge_add(struct memory_gauge *g, const char *folder,
				  bool v1) hs_must_check;

#endif
