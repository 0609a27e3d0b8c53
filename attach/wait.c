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

bool wait_stands_at_call(pid_t tid, const struct arch_regs *regs)
{
	unsigned char code[ARCH_CALL_CODE];
	struct hs_error *err;

	if (arch_waits(regs))
		return true;
	if (!arch_left_wait(regs))
		return false;
	/* When a signal came, too, the registers are those of the call and the
	 * PC is its handler's (linux, arch/x86/kernel/signal.c). */
	err = memory_read(tid, arch_pc(regs) - sizeof(code), code,
			  sizeof(code));
	if (!err)
		return arch_code_calls(code);
	hs_error_free(err);
	return false;
}

struct arch_wait wait_at(pid_t tid, const struct task_syscall *where)
{
	struct arch_wait wait = { .number = where->number };

	memcpy(wait.args, where->args, sizeof(wait.args));
	wait_continued(tid, where->pc, &wait);
	return wait;
}
