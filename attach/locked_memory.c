#include "attach/locked_memory.h"

#include <errno.h>
#include <sys/mman.h>

static struct hs_error *would_be_locked(void)
{
	return hs_error_sys(HS_ERROR_DENIED, EAGAIN,
			    "new memory of it would be locked");
}

bool locked_memory_denied(const struct hs_error *err)
{
	return err && hs_error_code(err) == HS_ERROR_DENIED &&
	       hs_error_errno(err) == EAGAIN;
}

struct hs_error *locked_memory_check(struct remote *r, uint64_t bytes,
				     const struct seccomp_allows *allows,
				     const struct deadline *d)
{
	/* Neither MAP_PRIVATE nor MAP_SHARED is an error, EINVAL, but only
	 * after the limit of locked memory was checked, EAGAIN (mm/mmap.c,
	 * do_mmap(): mlock_future_ok()). */
	const struct arch_call call = {
		.number = arch_syscalls.mmap,
		.bare = true,
		.args = { 0, bytes, PROT_NONE, MAP_ANONYMOUS, UINT64_MAX, 0 },
	};
	struct hs_error *err;
	int64_t result = 0;

	if (!bytes)
		return NULL;
	/* Filters were asked about other arguments of mmap(2). */
	if (!allows->others || !r->entry->syscall_return)
		return would_be_locked();
	err = remote_call(r, &call, d, NULL, &result);
	if (err)
		return hs_error_wrap(err, "mmap()");
	return result == -EINVAL ? NULL : would_be_locked();
}
