#include "proc/process_facts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "proc/file.h"
#include "proc/proc_path.h"

static void add_kernel(struct strbuf *sb)
{
	struct utsname u;

	if (!uname(&u))
		strbuf_addf(sb, "kernel: %s %s %s %s\n", u.sysname, u.release,
			    u.version, u.machine);
}

/* The first line of a file; it is not there on each kernel. */
static void add_line(struct strbuf *sb, const char *name, const char *path)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len = 0;

	err = file_read_proc(path, &text, &len);
	hs_error_free(err);
	if (text)
		len = strcspn(text, "\n");
	strbuf_addf(sb, "%s: ", name);
	if (len)
		strbuf_add(sb, text, len);
	else
		strbuf_adds(sb, "not known");
	strbuf_addc(sb, '\n');
}

/* "NAME:\tVALUE" if @name is one of those that say what the process may do. */
static void add_field(struct strbuf *sb, const char *line)
{
	static const char *const fields[] = {
		"State",   "TracerPid",	     "Uid",
		"Gid",	   "NSpid",	     "VmLck",
		"Threads", "CapEff",	     "NoNewPrivs",
		"Seccomp", "Seccomp_filters"
	};
	const char *colon = strchr(line, ':'), *c;
	size_t i, len = colon ? (size_t)(colon - line) : 0;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (len != strlen(fields[i]) || memcmp(line, fields[i], len))
			continue;
		strbuf_addf(sb, "%s: ", fields[i]);
		for (c = colon + 1 + strspn(colon + 1, " \t"); *c; c++)
			strbuf_addc(sb, *c == '\t' ? ' ' : *c);
		strbuf_addc(sb, '\n');
	}
}

static void add_status(struct strbuf *sb, pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	char *line, *next = NULL;
	size_t len = 0;

	err = file_read_proc(proc_path(pid, "status").text, &text, &len);
	hs_error_free(err);
	line = text ? strtok_r(text, "\n", &next) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &next))
		add_field(sb, line);
}

static void add_limits(struct strbuf *sb, pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len = 0;

	err = file_read_proc(proc_path(pid, "limits").text, &text, &len);
	hs_error_free(err);
	if (text)
		strbuf_addf(sb, "limits:\n%s", text);
}

void process_facts_add(struct strbuf *sb, pid_t pid)
{
	add_kernel(sb);
	add_line(sb, "security modules", "/sys/kernel/security/lsm");
	add_line(sb, "yama ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope");
	add_line(sb, "own security label", "/proc/self/attr/current");
	add_line(sb, "security label", proc_path(pid, "attr/current").text);
	add_status(sb, pid);
	add_limits(sb, pid);
}
