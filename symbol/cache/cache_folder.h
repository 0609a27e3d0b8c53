/**
 * @file cache_folder.h - the folder in which names are kept from one run to the
 * next: $XDG_CACHE_HOME/heapsnap, or ~/.cache/heapsnap.
 *
 * It is used only when it is the user's own: what somebody else put there would
 * be believed. It is opened once, and everything in it by that descriptor.
 */
#ifndef SYMBOL_CACHE_CACHE_FOLDER_H
#define SYMBOL_CACHE_CACHE_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

enum {
	CACHE_FILE_MAX = 16 << 20, /* bytes of a file that is read or written */
	CACHE_FOLDER_MAX = 64 << 20, /* of all, after a run that wrote some */
	CACHE_NAME_MAX = 64,	     /* of a name, with its NUL */
};

/** The path of the folder, whether it is there or not; HS_ERROR_NOT_FOUND:
 * there can be none, and why. @ret: strbuf_release(). */
struct hs_error *cache_folder_path(struct strbuf *ret) hs_must_check;

/** Opens it; @create: makes it, mode 0700, when it is not there. *ret:
 * close(2); -1: there is none, and none was to be made. HS_ERROR_NOT_FOUND:
 * there is one which cannot be used, and why. */
struct hs_error *cache_folder_open(bool create, int *ret) hs_must_check;

/** Reads the regular file @name of the folder @dir, when it is our own and not
 *  larger than CACHE_FILE_MAX. @used: marks it as used now. false: there is
 * none, or none that may be read. */
bool cache_folder_read(int dir, const char *name, bool used,
		       struct strbuf *ret);

/** Writes it in one step, if it is no larger than CACHE_FILE_MAX. false: it was
 *  not written, and the names are looked up again the next time. */
bool cache_folder_write(int dir, const char *name, const struct strbuf *data);

/** Removes those that were not used for longest, until the rest is no more than
 *  @most bytes. */
void cache_folder_trim(int dir, uint64_t most);

/** The name of a file for a build-id and a number: @ret has CACHE_NAME_MAX
 *  bytes. */
void cache_folder_name(const char *build_id, unsigned long number, char *ret);

#endif
