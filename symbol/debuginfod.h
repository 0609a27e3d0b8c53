/**
 * @file debuginfod.h - fetches debug files from servers, when asked to.
 *
 * The servers are those of DEBUGINFOD_URLS, the client is elfutils' own
 * (debuginfod-find(1) describes its variables and its cache). It is loaded when
 * it is wanted, not linked: it brings a whole HTTP client with it, and nothing
 * here may use the network unasked.
 */
#ifndef SYMBOL_DEBUGINFOD_H
#define SYMBOL_DEBUGINFOD_H

#include <signal.h>

#include "base/error.h"
#include "symbol/elf.h"

/** How this program asks servers, for `--version -v'. */
extern const char debuginfod_support[];

struct debuginfod;

enum debuginfod_kind {
	DEBUGINFOD_EXECUTABLE, /* the program or library itself */
	DEBUGINFOD_DEBUGINFO,
};

/** Loads the client, and asks nobody yet. @stop (borrowed, may be NULL): a
 *  transfer ends soon after it became other than 0. HS_ERROR_USAGE when no
 *  server is named, HS_ERROR_SYSTEM when there is no client. */
struct hs_error *debuginfod_create(const volatile sig_atomic_t *stop,
				   struct debuginfod **ret) hs_must_check;

/** NULL is fine. */
void debuginfod_destroy(struct debuginfod *d);

/**
 * Asks for the file of the build @build_id (lower-case hex); several threads
 * may. *ret: elf_file_close(); NULL: no server has it, or what came is another
 * build, or the transfer failed (debuginfod_problem()).
 */
struct hs_error *debuginfod_find(struct debuginfod *d,
				 enum debuginfod_kind kind,
				 const char *build_id, const char *name,
				 struct elf_file **ret) hs_must_check;

/** The first thing that went wrong since the last call, beside files that no
 *  server has: the caller's; NULL: nothing. */
struct hs_error *debuginfod_problem(struct debuginfod *d);

#endif
