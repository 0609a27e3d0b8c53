/*
 * without CALL=ERRNO... COMMAND...: runs the command as on a kernel that lacks
 * these system calls: they fail with that number. It is no victim, but what
 * heapsnap is started by.
 *
 *	openat2		openat2(2)
 *	ptrace-rseq	PTRACE_GET_RSEQ_CONFIGURATION of ptrace(2)
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/linux.h"
#include "tests/victims/refuse.h"

static const struct call {
	const char *name;
	uint32_t number;
	uint32_t first; /* argument; 0: any */
} calls[] = {
	{ "openat2", SYS_openat2, 0 },
	{ "ptrace-rseq", SYS_ptrace, PTRACE_GET_RSEQ_CONFIGURATION },
};

static bool take(const char *arg)
{
	const char *is = strchr(arg, '=');
	size_t i;

	for (i = 0; is && i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strncmp(arg, calls[i].name, (size_t)(is - arg)) != 0 ||
		    calls[i].name[is - arg])
			continue;
		if (refuse(calls[i].number, calls[i].first,
			   (uint32_t)strtoul(is + 1, NULL, 10)))
			return true;
		perror("seccomp");
		exit(2);
	}
	return false;
}

int main(int argc, char **argv)
{
	int i = 1;

	while (i < argc && take(argv[i]))
		i++;
	if (i == 1 || i == argc) {
		fprintf(stderr, "usage: without CALL=ERRNO... COMMAND...\n");
		return 2;
	}
	execvp(argv[i], argv + i);
	perror(argv[i]);
	return 127;
}
