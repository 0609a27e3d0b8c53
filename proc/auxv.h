/**
 * @file auxv.h - the auxiliary vector that the kernel gave a program,
 * getauxval(3).
 */
#ifndef PROC_AUXV_H
#define PROC_AUXV_H

#include <stdint.h>
#include <sys/types.h>

/** The entry point of the program of process @pid: AT_ENTRY, the address of
 *  _start; 0: unknown (not permitted, or a kernel thread). */
uint64_t auxv_entry(pid_t pid);

#endif
