#include "base/thread_copy.h"

#include <stdlib.h>
#include <string.h>

void thread_copy_release(struct thread_copy *copy)
{
	free(copy->bytes);
	*copy = (struct thread_copy){ 0 };
}

bool thread_copy_same_stack(const struct thread_copy *a,
			    const struct thread_copy *b)
{
	return a->regs.sp == b->regs.sp && a->len == b->len &&
	       !memcmp(a->bytes, b->bytes, a->len);
}
