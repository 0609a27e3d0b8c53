#include "proc/meminfo.h"

#include <stddef.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/words.h"
#include "proc/file.h"
#include "proc/status.h"

uint64_t meminfo_available(void)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	uint64_t kib = 0;
	size_t len;

	err = file_read_proc("/proc/meminfo", &text, &len);
	if (!err)
		kib = words_number(text, "MemAvailable:");
	hs_error_free(err);
	return kib << 10;
}

uint64_t meminfo_own(void)
{
	struct status status = { 0 };

	hs_error_free(status_read(getpid(), &status));
	return status.vm_rss;
}

uint64_t meminfo_own_peak(void)
{
	struct status status = { 0 };

	hs_error_free(status_read(getpid(), &status));
	return status.vm_hwm;
}
