#include "proc/auxv.h"

#include <elf.h>
#include <string.h>

#include "base/cleanup.h"
#include "proc/file.h"
#include "proc/proc_path.h"

uint64_t auxv_entry(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	Elf64_auxv_t pair;
	size_t len = 0, i;

	err = file_read_proc(proc_path(pid, "auxv").text, &text, &len);
	if (err) {
		hs_error_free(err);
		return 0;
	}
	for (i = 0; i + sizeof(pair) <= len; i += sizeof(pair)) {
		memcpy(&pair, text + i, sizeof(pair));
		if (pair.a_type == AT_ENTRY)
			return pair.a_un.a_val;
	}
	return 0;
}
