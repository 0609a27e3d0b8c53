/**
 * @file fault.h - the points at which a test build can be made to fail.
 *
 * The program links attach/fault.c, in which these functions do nothing. Test
 * builds link tests/fault/fault.c instead, which can end the process at the Nth
 * point: so tests check at every point that the target survives our end.
 */
#ifndef ATTACH_FAULT_H
#define ATTACH_FAULT_H

#include <sys/types.h>

/** Called after each ptrace request; @what is its name. */
void fault_point(const char *what);

/** The only thread that may be borrowed; 0: any. Lets a test choose a thread in
 *  each kind of wait. */
pid_t fault_thread(void);

#endif
