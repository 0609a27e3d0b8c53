/**
 * @file meminfo.h - the memory of this machine, and of this process.
 */
#ifndef PROC_MEMINFO_H
#define PROC_MEMINFO_H

#include <stdint.h>

/** Bytes that can be had without swapping, MemAvailable of /proc/meminfo; 0:
 * not known. */
uint64_t meminfo_available(void);

/** Bytes of memory that this process has, and the most that it had so far,
 * VmRSS and VmHWM of /proc/self/status; 0: not known. */
uint64_t meminfo_own(void);
uint64_t meminfo_own_peak(void);

#endif
