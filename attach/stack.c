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

	if (!m || !m->write || (sp & 7))
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
			    struct stack_copy *ret)
{
	enum { STACK_COPY_MAX = 1 << 20 };
	struct hs_error *err;

	*ret = (struct stack_copy){ 0 };
	err = arch_regs_get(t->tid, &ret->regs);
	if (!err)
		err = stack_find(t, &ret->regs, maps, &ret->bounds);
	if (err)
		return err;
	ret->sp = arch_sp(&ret->regs);
	if (ret->bounds.high - ret->sp > STACK_COPY_MAX)
		return hs_error_new(HS_ERROR_UNSAFE, "its stack is too deep");
	ret->len = (size_t)(ret->bounds.high - ret->sp);
	ret->bytes = malloc(ret->len);
	if (!ret->bytes)
		return hs_error_nomem();
	err = memory_read(t->tid, ret->sp, ret->bytes, ret->len);
	if (err)
		stack_copy_release(ret);
	return err;
}

void stack_copy_release(struct stack_copy *copy)
{
	free(copy->bytes);
	*copy = (struct stack_copy){ 0 };
}

bool stack_copy_equal(const struct stack_copy *a, const struct stack_copy *b)
{
	return !memcmp(&a->regs, &b->regs, sizeof(a->regs)) && a->sp == b->sp &&
	       a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

uint64_t stack_room(const struct stack_copy *copy)
{
	return copy->sp - copy->bounds.low;
}
