/**
 * @file libc_gadget.h - instructions of our own libc, which a forked child
 * shares.
 */
#ifndef TESTS_UNIT_LIBC_GADGET_H
#define TESTS_UNIT_LIBC_GADGET_H

#include <unistd.h>

#include "proc/maps.h"
#include "target/gadget.h"
#include "tests/unit/hs_check.h"

/** Address of the first ones of @kind, in the code that has syscall(2),
 *  whatever its file is called; @maps are ours. */
static uint64_t find_in_libc(enum gadget_kind kind, const struct maps *maps)
{
	const struct mapping *m = maps_find(maps, (uintptr_t)syscall);
	enum code_result_register reg;
	size_t at;

	ck_assert_ptr_nonnull(m);
	at = gadget_find(kind, (const unsigned char *)(uintptr_t)m->start,
			 (size_t)(m->end - m->start), 0, &reg);
	ck_assert_uint_ne(at, SIZE_MAX);
	return m->start + at;
}

#endif
