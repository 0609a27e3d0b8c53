#include "target/headroom.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <stdbool.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/words.h"
#include "proc/capability.h"
#include "proc/cgroup.h"
#include "proc/file.h"
#include "proc/limits.h"
#include "proc/status.h"

/* Whether swap space can take what exceeds the group's limit. */
static bool can_swap(void)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len;

	err = file_read_proc("/proc/meminfo", &text, &len);
	if (!err)
		return words_number(text, "SwapFree:") >= HEADROOM_MEMORY >> 10;
	hs_error_free(err);
	return false;
}

struct hs_error *headroom_for_memory(const struct identity *id)
{
	struct cgroup_headroom headroom;
	struct hs_error *err;

	err = cgroup_headroom(id->pid, CGROUP_MEMORY, &headroom);
	if (err || !headroom.limited ||
	    headroom.limit - headroom.used >= HEADROOM_MEMORY || can_swap())
		return err;
	err = hs_error_new(HS_ERROR_DENIED,
			   "its memory control group has %" PRIu64
			   " KiB left, and a snapshot may take %d: the kernel "
			   "would kill it for that",
			   (headroom.limit - headroom.used) >> 10,
			   HEADROOM_MEMORY >> 10);
	return hs_error_hint(err, "raise the group's limit for the time of a "
				  "snapshot");
}

/* Bytes that the machine can still commit; UINT64_MAX: no limit (mm/util.c,
 * __vm_enough_memory()). */
static struct hs_error *machine_headroom(uint64_t *ret)
{
	_cleanup_free_ char *mode = NULL, *text = NULL;
	struct hs_error *err;
	uint64_t limit, used;
	size_t len;

	*ret = UINT64_MAX;
	err = file_read_proc("/proc/sys/vm/overcommit_memory", &mode, &len);
	if (err || mode[0] != '2')
		return err;
	err = file_read_proc("/proc/meminfo", &text, &len);
	if (err)
		return err;
	limit = words_number(text, "CommitLimit:");
	used = words_number(text, "Committed_AS:");
	*ret = used < limit ? (limit - used) << 10 : 0;
	return NULL;
}

static uint64_t left(uint64_t limit, uint64_t used)
{
	if (limit == LIMITS_NONE)
		return UINT64_MAX;
	return used < limit ? limit - used : 0;
}

/* @what leaves it @left bytes. */
static struct hs_error *too_few_addresses(const char *what, uint64_t left)
{
	struct hs_error *err;

	err = hs_error_new(HS_ERROR_DENIED,
			   "%s leaves it %" PRIu64
			   " KiB of addresses, and a snapshot may take %d: "
			   "jemalloc may crash when it gets none",
			   what, left >> 10, HEADROOM_ADDRESSES >> 10);
	if (capability_is_ours(CAP_SYS_RESOURCE))
		return hs_error_hint(err, "raise that limit, as by prlimit(1), "
					  "for the time of a snapshot");
	return hs_error_hint(err, "raise that limit where the process is "
				  "started (of a container: --ulimit), or by "
				  "prlimit(1) as root outside of its "
				  "container: it takes CAP_SYS_RESOURCE");
}

struct hs_error *headroom_for_addresses(const struct identity *id)
{
	struct {
		const char *what;
		uint64_t left;
	} rows[] = {
		{ "RLIMIT_AS", 0 },
		{ "RLIMIT_DATA", 0 },
		{ "the machine (vm.overcommit_memory is 2)", 0 },
	};
	struct hs_error *err;
	struct limits limits;
	struct status s;
	size_t i;

	err = limits_read(id->pid, &limits);
	if (!err)
		err = status_read(id->pid, &s);
	if (!err)
		err = machine_headroom(&rows[2].left);
	if (err)
		return err;
	rows[0].left = left(limits.address_space, s.vm_size);
	rows[1].left = left(limits.data, s.vm_data);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].left < HEADROOM_ADDRESSES)
			return too_few_addresses(rows[i].what, rows[i].left);
	return NULL;
}

struct hs_error *headroom_locked(const struct identity *id, uint64_t *ret)
{
	struct hs_error *err;
	struct limits limits;
	struct status s;

	*ret = UINT64_MAX;
	err = status_read(id->pid, &s);
	if (err || !s.vm_locked || capability_has(id->pid, &s, CAP_IPC_LOCK))
		return err;
	err = limits_read(id->pid, &limits);
	if (!err)
		*ret = left(limits.locked, s.vm_locked);
	return err;
}

struct hs_error *headroom_locked_error(uint64_t left)
{
	return too_few_addresses("it locks its new memory, too (mlockall(2) "
				 "with MCL_FUTURE): RLIMIT_MEMLOCK",
				 left);
}
