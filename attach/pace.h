/**
 * @file pace.h - keeps what a search takes of the threads that it stops small.
 *
 * Each stop of a thread that never rests is a throw of dice, and the more of
 * them the better; but while it is stopped it does not do its work. So the
 * search rests after each stop for as many times its length as the share that
 * it may take.
 */
#ifndef ATTACH_PACE_H
#define ATTACH_PACE_H

#include <stdint.h>

/** Zero-initialised: nothing was taken yet. */
struct pace {
	int64_t free_at; /* clock_us(): paid for by then */
};

/** A thread was stopped for @us microseconds. */
void pace_spend(struct pace *pace, int64_t us);

/** Microseconds until the next stop; 0: now. The first few stops of a search
 *  follow each other at once. */
int64_t pace_left(const struct pace *pace);

#endif
