/**
 * @file program.h - what is known of a program before it is started.
 */
#ifndef LAUNCH_PROGRAM_H
#define LAUNCH_PROGRAM_H

#include <stdbool.h>

#include "base/error.h"

struct program {
	char *path;	/* owned: the file that execve(2) takes */
	bool jemalloc;	/* it brings one: in itself, or it is linked with it */
	char *variable; /* owned: of the one in itself, which configures it
			   (jemalloc_conf_variable()); NULL: none */
};

/**
 * Finds the program that @name means, as execvp(3) does, and looks at its file,
 * or for a script at its interpreter's. A file that may not be read is taken
 * for one that brings no jemalloc. program_release().
 *
 * HS_ERROR_NOT_FOUND: there is none. HS_ERROR_UNPROFILED: no jemalloc can be
 * brought into it, and why: it is static, of 32 bits, setuid for this user, or
 * has AddressSanitizer.
 */
struct hs_error *program_find(const char *name,
			      struct program *ret) hs_must_check;

void program_release(struct program *p);

#endif
