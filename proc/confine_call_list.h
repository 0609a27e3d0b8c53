/**
 * @file confine_call_list.h - the system calls that are left after confine().
 */
#ifndef PROC_CONFINE_CALL_LIST_H
#define PROC_CONFINE_CALL_LIST_H

#include <stddef.h>
#include <stdint.h>

/** A call is left where the low 32 bits of its argument @arg, and'ed with @mask,
 *  are @value; with mask 0 always. Of several rows of a number one suffices. */
struct confined_call {
	uint32_t number; /* SYS_... */
	uint32_t arg;
	uint32_t mask, value;
};

/** AUDIT_ARCH_... of this machine, audit.h. */
extern const uint32_t confine_arch;

struct confined_calls {
	const struct confined_call *items;
	size_t n;
};

/** Those that this machine has beside those of all machines; and those of them
 *  that change files. */
extern const struct confined_calls confine_machine_calls,
	confine_machine_writing;

#endif
