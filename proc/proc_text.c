#include "proc/proc_text.h"

#include <stdlib.h>

#include "proc/file.h"

struct hs_error *proc_text_read(struct proc_path path, struct proc_text *ret)
{
	*ret = (struct proc_text){ .path = path };
	return file_read_proc(path.text, &ret->s, &ret->len);
}

void proc_text_release(struct proc_text *t)
{
	free(t->s);
	*t = (struct proc_text){ 0 };
}
