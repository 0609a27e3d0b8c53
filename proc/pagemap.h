/**
 * @file pagemap.h - /proc/PID/pagemap: 8 bytes for each page of a process
 * (Linux Documentation/admin-guide/mm/pagemap.rst).
 */
#ifndef PROC_PAGEMAP_H
#define PROC_PAGEMAP_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_SWAPPED (UINT64_C(1) << 62)
#define PAGEMAP_OF_FILE (UINT64_C(1) << 61)   /* or shared anonymous memory */
#define PAGEMAP_EXCLUSIVE (UINT64_C(1) << 56) /* mapped once */

/** Opens that of process @pid. *ret is the caller's to close(2). HS_ERROR_GONE,
 *  HS_ERROR_DENIED. */
struct hs_error *pagemap_open(pid_t pid, int *ret) hs_must_check;

#endif
