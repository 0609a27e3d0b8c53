/**
 * @file never_null.h - what clang-tidy cannot see: it reads one file at a time,
 * and takes a new error for NULL where that makes trouble.
 */
#ifndef TESTS_ANALYZE_NEVER_NULL_H
#define TESTS_ANALYZE_NEVER_NULL_H

#include "base/error.h"

static inline struct hs_error *never_null(struct hs_error *err)
{
	if (!err)
		__builtin_unreachable();
	return err;
}

#define hs_error_new(...) never_null((hs_error_new)(__VA_ARGS__))
#define hs_error_sys(...) never_null((hs_error_sys)(__VA_ARGS__))
#define hs_error_nomem() never_null((hs_error_nomem)())

#endif
