/**
 * @file victim.h - what all victims share: the heartbeat, the input, the end.
 *
 * A victim is a program that heapsnap is pointed at. It prints "ready PID"
 * when it does what it is there for, takes commands on stdin, one a line, and
 * ends at "quit", at the end of stdin, or by SIGALRM when its life is over,
 * so that a test that dies leaves nothing behind. It watches itself: what it
 * sees of heapsnap is in the heartbeat file.
 *
 * Options, each with a value:
 *	--heartbeat FILE   keep struct heartbeat there, mapped, with a thread
 *	                   that beats every 5 ms
 *	--beat no          no such thread: the victim's own threads beat
 *	--life SECONDS     1,800 by default: many times what a test waits for
 *	                   anything, so that no busy machine ends a victim
 *	--input no         read no stdin, live until killed or the life is over
 *
 * Commands of every victim:
 *	status		prints "status beats=N max_gap_us=N eintr=N harmed=TEXT"
 *	reset		forgets the largest gap; prints "reset"
 *	open PATH	opens a file, maps a page of it, keeps both; prints
 *"opened" quit
 *
 * Nothing here allocates: a profile shows what the victim itself allocated.
 */
#ifndef TESTS_VICTIMS_VICTIM_H
#define TESTS_VICTIMS_VICTIM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/** Read from outside with od(1): eight bytes a number, in this order. */
struct heartbeat {
	uint64_t beats;
	uint64_t max_gap_us; /* longest time between two beats */
	uint64_t eintr;	     /* waits that ended with EINTR, all threads */
	uint64_t leaked_bytes;
	uint64_t leaked_objects;
	char harmed[216]; /* the first harm seen; "" when all is well */
};

/** Never NULL: without --heartbeat it is private memory. */
extern struct heartbeat *heartbeat;

/** An option that is not ours: false when @name is unknown. */
typedef bool (*victim_option_fn)(const char *name, const char *value);

/** Takes the options above, gives the others to @option (may be NULL), exits
 *  with a message for an unknown one; starts the heartbeat. */
void victim_begin(int argc, char **argv, victim_option_fn option);

/** Prints "ready PID". */
void victim_ready(void);

/** A line that is not ours: false when it is unknown. May be NULL. */
typedef bool (*victim_command_fn)(const char *line);

/** Reads and obeys commands until the end; returns at quit. */
void victim_obey(victim_command_fn command);

/** Obeys what has come since, and waits for nothing. False at the end. */
bool victim_obey_now(victim_command_fn command);

/** Prints a line to stdout, in one write. */
void victim_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Notes that the victim was harmed; the first text is kept. */
void victim_harmed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Counts a wait of ours that ended with EINTR. */
void victim_interrupted(void);

/** A thread, or the end of the victim with a message. */
void victim_thread(void *(*fn)(void *), void *arg);

/** Microseconds of CLOCK_MONOTONIC. */
int64_t victim_now(void);

/** Digits that are a number, or the end of the victim with a message. */
uint64_t victim_number(const char *text);

#endif
