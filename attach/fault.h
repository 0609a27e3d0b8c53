/**
 * @file fault.h - where a test build may be made to fail.
 *
 * The program links attach/fault.c, in which this does nothing. Test builds
 * link tests/fault/fault.c instead, which can end the process at the Nth
 * point: so the claim that a target outlives us at any moment is tested at
 * every moment.
 */
#ifndef ATTACH_FAULT_H
#define ATTACH_FAULT_H

#include <sys/types.h>

/** Called after each ptrace request; @what is its name. */
void fault_point(const char *what);

/** The only thread that may be borrowed; 0: any. Lets a test borrow a thread in
 *  each kind of wait. */
pid_t fault_thread(void);

#endif
