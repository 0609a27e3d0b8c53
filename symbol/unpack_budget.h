/**
 * @file unpack_budget.h - what the compressed parts of all files may come to.
 *
 * A few bytes of a hostile file unpack to gigabytes, and a hostile dump names
 * as many such files as it likes. So there is one budget for all of them: they
 * may come to 1 GiB together; and what any part comes to beyond 16 times its
 * packed size (debug sections come to 2 to 8 times) is taken from 64 MiB. Debug
 * sections that are copied because others may write to the file (elf.h) are of
 * it, too.
 */
#ifndef SYMBOL_UNPACK_BUDGET_H
#define SYMBOL_UNPACK_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/** Zero-initialised: nothing was taken. Several threads may take from it. */
struct unpack_budget {
	_Atomic uint64_t total;	 /* bytes, unpacked */
	_Atomic uint64_t beyond; /* of those, beyond 16 times the packed ones */
	_Atomic(char *) refused; /* owned; name of the first file refused */
	atomic_bool incomplete;	 /* something was refused, ever */
};

void unpack_budget_release(struct unpack_budget *b);

/** Takes @unpacked bytes that are of @packed ones of the file @name. false:
 *  they are too many, and nothing was taken. */
bool unpack_budget_take(struct unpack_budget *b, const char *name,
			uint64_t packed, uint64_t unpacked);

/** HS_ERROR_NOT_FOUND "names of 'X' may be missing: ..." when something was
 *  refused since the last call. */
struct hs_error *unpack_budget_check(struct unpack_budget *b) hs_must_check;

#endif
