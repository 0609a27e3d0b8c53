/**
 * @file bpf.h - computes what a seccomp filter would answer, without running
 * the filter: the kernel would act on the answer.
 *
 * An interpreter of classic BPF as seccomp(2) takes it (kernel/seccomp.c,
 * seccomp_check_filter()), over a call of which some bits may be unknown: where
 * the answer depends on them, it takes both branches. So it finds all actions
 * that are possible, and maybe some that are not.
 */
#ifndef ATTACH_BPF_H
#define ATTACH_BPF_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** 32 bits, of which those in @unknown may be anything (they are 0 in
 *  @value). */
struct bpf_value {
	uint32_t value;
	uint32_t unknown;
};

/** Words of struct seccomp_data: nr, arch, instruction pointer (low, high), six
 *  arguments (low, high), on machines with the low byte first. */
enum { BPF_NR, BPF_ARCH, BPF_PC, BPF_ARGS = 4, BPF_WORDS = 16 };

struct bpf_input {
	struct bpf_value words[BPF_WORDS];
};

/** Answers of a filter, the most restrictive first: of several filters' answers
 *  the kernel takes that one. */
enum bpf_action {
	BPF_KILL_PROCESS, /* also unknown actions */
	BPF_KILL_THREAD,
	BPF_TRAP,
	BPF_ERRNO,
	BPF_NOTIFY,
	BPF_TRACE,
	BPF_LOG,
	BPF_ALLOW,
	BPF_ACTIONS,
};

/** The answers that are possible. */
struct bpf_answer {
	unsigned actions;	       /* bit n: enum bpf_action n */
	unsigned error_min, error_max; /* of BPF_ERRNO, if it is possible */
};

/**
 * All answers of filter @code[0..n) to @input. HS_ERROR_INPUT when the kernel
 * would not have accepted the filter, or it has too many branches.
 */
struct hs_error *bpf_explore(const struct sock_filter *code, size_t n,
			     const struct bpf_input *input,
			     struct bpf_answer *ret) hs_must_check;

/** What the kernel may do when filters that answer @a and @b are both asked. */
struct bpf_answer bpf_answer_both(const struct bpf_answer *a,
				  const struct bpf_answer *b);

#endif
