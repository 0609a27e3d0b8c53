/**
 * @file default_suppressions.h - what the C and C++ libraries and ld.so keep
 * until a process ends, in every program.
 */
#ifndef HEAP_DEFAULT_SUPPRESSIONS_H
#define HEAP_DEFAULT_SUPPRESSIONS_H

#include "base/error.h"
#include "heap/suppressions.h"

/** Adds the rules for it to @s, which is zero or has patterns already. */
struct hs_error *
heap_default_suppressions(struct heap_suppressions *s) hs_must_check;

#endif
