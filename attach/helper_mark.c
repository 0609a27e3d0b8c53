#include "attach/helper_mark.h"

#include <string.h>

#include "attach/remote.h"

/* The thread blocks the signals that both masks of our calls have, of whichever
 * libc: among them one that libc lets nobody block, but not the one that libc
 * sends to all threads (the kernel's own threads, like io_uring's, block
 * both). */
bool helper_mark_in_call(const struct status *thread)
{
	uint64_t glibc = remote_signal_mask(false);
	uint64_t musl = remote_signal_mask(true);

	return (thread->sig_blocked & glibc & musl) == (glibc & musl) &&
	       (thread->sig_blocked & (glibc ^ musl)) != (glibc ^ musl);
}

static bool has_mark(const struct status *thread, const char *name)
{
	return !strcmp(thread->name, name) && thread->tgid != thread->pid &&
	       helper_mark_in_call(thread);
}

bool helper_mark_works(const struct status *thread)
{
	return has_mark(thread, HELPER_NAME);
}

bool helper_mark_rests(const struct status *thread)
{
	return has_mark(thread, HELPER_RESTING);
}
