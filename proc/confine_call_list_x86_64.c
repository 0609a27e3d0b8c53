/*
 * x86-64: the older calls, for which newer machines have only those with "at"
 * in their names, and which its C libraries still use.
 */
#include "proc/confine_call_list.h"

#include <linux/audit.h>

#include "base/array.h"
#include "base/linux.h"

const uint32_t confine_arch = AUDIT_ARCH_X86_64;

static const struct confined_call calls[] = {
	{ .number = SYS_stat },	    { .number = SYS_lstat },
	{ .number = SYS_access },   { .number = SYS_readlink },
	{ .number = SYS_poll },	    { .number = SYS_time },
	{ .number = SYS_getdents },
};

static const struct confined_call writing[] = {
	{ .number = SYS_unlink }, { .number = SYS_rename },
	{ .number = SYS_mkdir },  { .number = SYS_rmdir },
	{ .number = SYS_utime },  { .number = SYS_utimes },
};

const struct confined_calls confine_machine_calls = { calls,
						      ARRAY_SIZE(calls) };
const struct confined_calls confine_machine_writing = { writing,
							ARRAY_SIZE(writing) };
