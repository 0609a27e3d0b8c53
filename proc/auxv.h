/**
 * @file auxv.h - what the kernel told a program when it began, getauxval(3).
 */
#ifndef PROC_AUXV_H
#define PROC_AUXV_H

#include <stdint.h>
#include <sys/types.h>

/** Where the program of process @pid begins: AT_ENTRY, the address of _start;
 *  0: not told (not permitted, or a kernel thread). */
uint64_t auxv_entry(pid_t pid);

#endif
