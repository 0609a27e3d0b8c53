#include "target/limit_use.h"

#include "base/cleanup.h"
#include "base/words.h"
#include "proc/cgroup.h"
#include "proc/file.h"
#include "proc/limits.h"
#include "proc/status.h"

static void set(struct heap_limit *limit, uint64_t bytes, uint64_t used)
{
	if (bytes > HEAP_NUMBER_MAX || used > HEAP_NUMBER_MAX)
		return;
	*limit = (struct heap_limit){ (int64_t)bytes, (int64_t)used };
}

static void read_group(pid_t pid, enum cgroup_resource resource,
		       struct heap_limit *limit)
{
	struct cgroup_headroom headroom;
	struct hs_error *err = cgroup_headroom(pid, resource, &headroom);

	if (!err && headroom.limited)
		set(limit, headroom.limit, headroom.used);
	hs_error_free(err);
}

static void read_process(pid_t pid, struct heap_limit *addresses,
			 struct heap_limit *data)
{
	struct hs_error *err;
	struct limits limits;
	struct status s;

	err = limits_read(pid, &limits);
	if (!err)
		err = status_read(pid, &s);
	if (!err && limits.address_space != LIMITS_NONE)
		set(addresses, limits.address_space, s.vm_size);
	if (!err && limits.data != LIMITS_NONE)
		set(data, limits.data, s.vm_data);
	hs_error_free(err);
}

static void read_machine(struct heap_limit *limit)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	uint64_t total, available;
	size_t len;

	err = file_read_proc("/proc/meminfo", &text, &len);
	if (err) {
		hs_error_free(err);
		return;
	}
	total = words_number(text, "MemTotal:");
	available = words_number(text, "MemAvailable:");
	if (total && available <= total)
		set(limit, total << 10, (total - available) << 10);
}

void limit_use_read(pid_t pid, struct heap_meta *o)
{
	read_group(pid, CGROUP_MEMORY, &o->limits[HEAP_LIMIT_GROUP_MAX]);
	read_group(pid, CGROUP_MEMORY_HIGH, &o->limits[HEAP_LIMIT_GROUP_HIGH]);
	read_process(pid, &o->limits[HEAP_LIMIT_ADDRESSES],
		     &o->limits[HEAP_LIMIT_DATA]);
	read_machine(&o->limits[HEAP_LIMIT_MACHINE]);
}
