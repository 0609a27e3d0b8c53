#include "proc/pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "proc/proc_path.h"

struct hs_error *pagemap_open(pid_t pid, int *ret)
{
	const struct proc_path path = proc_path(pid, "pagemap");
	int errnum;

	*ret = open(path.text, O_RDONLY | O_CLOEXEC);
	if (*ret >= 0)
		return NULL;
	errnum = errno;
	return hs_error_sys(errnum == ENOENT || errnum == ESRCH ? HS_ERROR_GONE
			    : errnum == EACCES || errnum == EPERM
				    ? HS_ERROR_DENIED
				    : HS_ERROR_SYSTEM,
			    errnum, "cannot open '%s'", path.text);
}
