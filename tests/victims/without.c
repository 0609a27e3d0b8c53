/*
 * without CALL=ERRNO... COMMAND...: runs the command on a kernel that lacks
 *these system calls, or in a container whose filter refuses them: they fail
 *with that number. It is no victim, but what heapsnap is started by.
 *
 *	openat2		openat2(2)
 *	ptrace-rseq	ptrace(PTRACE_GET_RSEQ_CONFIGURATION), and no other
 *request
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/linux.h"

static const struct call {
	const char *name;
	uint32_t number;
	uint32_t first; /* argument; 0: any */
} calls[] = {
	{ "openat2", SYS_openat2, 0 },
	{ "ptrace-rseq", SYS_ptrace, PTRACE_GET_RSEQ_CONFIGURATION },
};

static void refuse(const struct call *call, uint32_t errnum)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->number, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0])),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
			 call->first ? UINT32_MAX : 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->first, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errnum),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog)) {
		perror("seccomp");
		exit(2);
	}
}

static bool take(const char *arg)
{
	const char *is = strchr(arg, '=');
	size_t i;

	for (i = 0; is && i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strncmp(arg, calls[i].name, (size_t)(is - arg)) != 0 ||
		    calls[i].name[is - arg])
			continue;
		refuse(&calls[i], (uint32_t)strtoul(is + 1, NULL, 10));
		return true;
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
