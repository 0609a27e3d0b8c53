#include "attach/wait.h"

#include <string.h>

#include "proc/memory.h"

void wait_continued(pid_t tid, uint64_t pc, struct arch_wait *wait)
{
	unsigned char code[ARCH_CALL_CODE];
	struct hs_error *err;
	int64_t number;

	if (!arch_is_resumption(wait->number))
		return;
	err = memory_read(tid, pc - sizeof(code), code, sizeof(code));
	if (err) {
		hs_error_free(err);
		return;
	}
	number = arch_call_of_code(code);
	if (number >= 0)
		wait->number = number;
}

struct arch_wait wait_at(pid_t tid, const struct task_syscall *where)
{
	struct arch_wait wait = { .number = where->number };

	memcpy(wait.args, where->args, sizeof(wait.args));
	wait_continued(tid, where->pc, &wait);
	return wait;
}
