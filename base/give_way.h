/**
 * @file give_way.h - work that can wait for everybody else's.
 */
#ifndef BASE_GIVE_WAY_H
#define BASE_GIVE_WAY_H

/** Lets others go first from now on, as long as the calling thread lives: a
 *  nice value of 10 and SCHED_BATCH (sched(7)). Only that thread, and what it
 *  starts; there is no way back without privileges. That it may fail, where the
 *  thread has less already, does not matter. */
void give_way(void);

#endif
