/**
 * @file capability.h - what a process may do beyond its user's rights.
 */
#ifndef PROC_CAPABILITY_H
#define PROC_CAPABILITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "proc/status.h"

/**
 * Process @pid of status @s has capability @number (CAP_..., capability.h) in
 * the initial user namespace: what the kernel's capable() asks for. That root
 * of a container with a user namespace of its own has it there does not count.
 * False when unknown.
 */
bool capability_has(pid_t pid, const struct status *s, unsigned number);

/** Process @pid is in the initial user namespace; false when unknown. */
bool capability_in_initial_namespace(pid_t pid);

/** heapsnap itself has it. */
bool capability_is_ours(unsigned number);

#endif
