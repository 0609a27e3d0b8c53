#include "attach/stack.h"

#include <stdlib.h>
#include <string.h>

#include "proc/memory.h"

struct hs_error *stack_find(const struct tracee *t,
			    const struct arch_regs *regs,
			    const struct maps *maps, struct stack_bounds *ret)
{
	uint64_t sp = arch_sp(regs), tp = arch_thread_pointer(regs);
	const struct mapping *m = maps_find(maps, sp);
	bool main_thread = t->tid == t->pid;

	if (!m || !m->write || m->shared || (sp & 7))
		return hs_error_new(HS_ERROR_UNSAFE,
				    "its stack pointer is nowhere");
	*ret = (struct stack_bounds){ .low = m->start, .high = m->end };
	if (main_thread && !strcmp(m->path, "[stack]")) {
		ret->grows = true;
		return NULL;
	}
	if (main_thread || tp <= sp || tp >= m->end)
		return hs_error_new(HS_ERROR_UNSAFE,
				    "it runs on a stack that is not its own "
				    "(a fiber or a signal stack)");
	ret->high = tp;
	return NULL;
}

struct hs_error *stack_copy(const struct tracee *t, const struct maps *maps,
			    struct arch_regs *regs, struct thread_copy *ret)
{
	enum { STACK_COPY_MAX = 1 << 20 };
	struct hs_error *err;

	*ret = (struct thread_copy){ 0 };
	err = arch_regs_get(t->tid, regs);
	if (!err)
		err = stack_find(t, regs, maps, &ret->bounds);
	if (err)
		return err;
	arch_thread_registers(regs, &ret->regs);
	if (ret->bounds.high - ret->regs.sp > STACK_COPY_MAX)
		return hs_error_new(HS_ERROR_UNSAFE, "its stack is too deep");
	ret->len = (size_t)(ret->bounds.high - ret->regs.sp);
	ret->bytes = malloc(ret->len);
	if (!ret->bytes)
		return hs_error_nomem();
	err = memory_read(t->tid, ret->regs.sp, ret->bytes, ret->len);
	if (err)
		thread_copy_release(ret);
	return err;
}
