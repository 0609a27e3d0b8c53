/**
 * @file limit_use.h - reads the limits of memory that a process has, and how
 * much of them is used.
 */
#ifndef TARGET_LIMIT_USE_H
#define TARGET_LIMIT_USE_H

#include <sys/types.h>

#include "heap/profile.h"

/** Sets o->limits; what cannot be read stays unknown. */
void limit_use_read(pid_t pid, struct heap_meta *o);

#endif
