/**
 * @file refuse.h - processes that are not touched, and why.
 */
#ifndef ATTACH_REFUSE_H
#define ATTACH_REFUSE_H

#include <stdbool.h>

#include "base/error.h"
#include "proc/identity.h"

/**
 * NULL when process @id may be attached to as far as can be told without
 * touching it. Else HS_ERROR_DENIED with the reason and what to do: stopped,
 * traced, a program of another word size, a shadow stack, a seccomp filter
 * (unless @assume_seccomp_allows).
 */
struct hs_error *refuse(const struct identity *id,
			bool assume_seccomp_allows) hs_must_check;

#endif
