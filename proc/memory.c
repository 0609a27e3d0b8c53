#include "proc/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "proc/proc_path.h"

static struct hs_error *memory_error(int errnum, const char *verb, pid_t pid,
				     uint64_t addr)
{
	enum hs_error_code code = HS_ERROR_SYSTEM;

	if (errnum == ESRCH)
		code = HS_ERROR_GONE;
	else if (errnum == EPERM)
		code = HS_ERROR_DENIED;
	return hs_error_sys(code, errnum,
			    "cannot %s memory at 0x%llx of process %d", verb,
			    (unsigned long long)addr, (int)pid);
}

/*
 * One call moves at most 2 GiB and stops silently at the first page it cannot
 * access: go on until a call moves nothing, then errno is the cause and the
 * address the place.
 */
struct hs_error *memory_read(pid_t pid, uint64_t addr, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		struct iovec here = { (char *)buf + done, len - done };
		struct iovec there = { (void *)(uintptr_t)(addr + done),
				       len - done };
		ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

		if (n <= 0)
			return memory_error(n ? errno : EFAULT, "read", pid,
					    addr + done);
		done += (size_t)n;
	}
	return NULL;
}

struct hs_error *memory_read_pieces(pid_t pid,
				    const struct memory_piece *pieces, size_t n)
{
	struct iovec here[MEMORY_PIECES] = { 0 };
	struct iovec there[MEMORY_PIECES] = { 0 };
	size_t i, left;
	ssize_t done;

	if (n > MEMORY_PIECES)
		return memory_error(EINVAL, "read", pid, pieces[0].addr);
	for (i = 0; i < n; i++) {
		here[i] = (struct iovec){ pieces[i].buf, pieces[i].len };
		there[i] = (struct iovec){ (void *)(uintptr_t)pieces[i].addr,
					   pieces[i].len };
	}
	done = process_vm_readv(pid, here, n, there, n, 0);
	if (done < 0)
		return memory_error(errno, "read", pid, n ? pieces[0].addr : 0);
	for (i = 0, left = (size_t)done; i < n; i++) {
		if (left < pieces[i].len)
			return memory_error(EFAULT, "read", pid,
					    pieces[i].addr + left);
		left -= pieces[i].len;
	}
	return NULL;
}

struct hs_error *memory_open(pid_t pid, pid_t tid, int *ret)
{
	const struct proc_path path = proc_task_path(pid, tid, "mem");
	enum hs_error_code code = HS_ERROR_SYSTEM;

	*ret = open(path.text, O_RDWR | O_CLOEXEC);
	if (*ret >= 0)
		return NULL;
	if (errno == ENOENT || errno == ESRCH)
		code = HS_ERROR_GONE;
	else if (errno == EACCES || errno == EPERM)
		code = HS_ERROR_DENIED;
	return hs_error_sys(code, errno, "cannot open '%s'", path.text);
}

/* fs/proc/base.c, mem_rw(): 0 when nobody uses the memory any more. */
static struct hs_error *opened_error(ssize_t n, const char *verb, uint64_t addr)
{
	if (n < 0)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot %s memory at 0x%llx", verb,
				    (unsigned long long)addr);
	return hs_error_new(HS_ERROR_GONE,
			    "cannot %s memory at 0x%llx: the program is gone",
			    verb, (unsigned long long)addr);
}

struct hs_error *memory_get(int memory, uint64_t addr, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(memory, (char *)buf + done, len - done,
				  (off_t)(addr + done));

		if (n <= 0)
			return opened_error(n, "read", addr + done);
		done += (size_t)n;
	}
	return NULL;
}

struct hs_error *memory_put(int memory, uint64_t addr, const void *buf,
			    size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(memory, (const char *)buf + done, len - done,
				   (off_t)(addr + done));

		if (n <= 0)
			return opened_error(n, "write", addr + done);
		done += (size_t)n;
	}
	return NULL;
}

struct hs_error *memory_read_string(pid_t pid, uint64_t addr, size_t max,
				    char **ret)
{
	/* Never read across a page boundary in one step: the page after the
	 * string's last one need not exist. 4096 divides every page size. */
	enum { STEP = 4096 };
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	char buf[STEP];

	for (;;) {
		uint64_t at = addr + sb.len;
		size_t len = STEP - at % STEP;
		struct hs_error *err;
		const char *nul;

		if (len > max - sb.len + 1)
			len = max - sb.len + 1;
		err = memory_read(pid, at, buf, len);
		if (err)
			return err;
		nul = memchr(buf, '\0', len);
		strbuf_add(&sb, buf, nul ? (size_t)(nul - buf) : len);
		if (nul)
			return strbuf_finish(&sb, ret);
		if (sb.failed)
			return strbuf_check(&sb);
		if (sb.len > max)
			return hs_error_new(HS_ERROR_SYSTEM,
					    "string at 0x%llx of process %d is "
					    "longer than %zu bytes",
					    (unsigned long long)addr, (int)pid,
					    max);
	}
}
