#include "proc/proc_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct proc_path proc_path(pid_t pid, const char *fmt, ...)
{
	struct proc_path path;
	size_t n = (size_t)snprintf(path.text, sizeof(path.text), "/proc/%d/",
				    (int)pid);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path.text + n, sizeof(path.text) - n, fmt, ap);
	va_end(ap);
	return path;
}

struct proc_path proc_task_path(pid_t pid, pid_t tid, const char *name)
{
	return proc_path(pid, "task/%d/%s", (int)tid, name);
}
