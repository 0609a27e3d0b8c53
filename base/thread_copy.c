#include "base/thread_copy.h"

#include <stdlib.h>
#include <string.h>

void thread_copy_release(struct thread_copy *copy)
{
	free(copy->bytes);
	*copy = (struct thread_copy){ 0 };
}

/* The part of @copy's bytes that begins @address, within them. */
static size_t offset_of(const struct thread_copy *copy, uint64_t address)
{
	if (address < copy->regs.sp)
		return 0;
	if (address - copy->regs.sp > copy->len)
		return copy->len;
	return (size_t)(address - copy->regs.sp);
}

bool thread_copy_same_stack(const struct thread_copy *a,
			    const struct thread_copy *b, uint64_t except,
			    size_t len)
{
	size_t from = offset_of(a, except), to = offset_of(a, except + len);

	return a->regs.sp == b->regs.sp && a->len == b->len &&
	       !memcmp(a->bytes, b->bytes, from) &&
	       !memcmp(a->bytes + to, b->bytes + to, a->len - to);
}

bool thread_copy_unwinds_as(const struct thread_copy *copy,
			    const struct unwind_inputs *inputs)
{
	const struct thread_registers *then = &inputs->regs, *now = &copy->regs;
	uint64_t word;
	size_t i;

	if (!inputs->whole || now->pc != then->pc || now->sp != then->sp ||
	    now->n != then->n)
		return false;
	for (i = 0; i < now->n; i++)
		if (inputs->used >> i & 1 &&
		    now->numbered[i] != then->numbered[i])
			return false;
	for (i = 0; i < inputs->n; i++) {
		uint64_t offset = inputs->words[i].address - now->sp;

		if (offset > copy->len || copy->len - offset < sizeof(word))
			return false;
		memcpy(&word, copy->bytes + offset, sizeof(word));
		if (word != inputs->words[i].value)
			return false;
	}
	return true;
}
