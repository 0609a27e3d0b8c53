/* The computed answers of a seccomp filter are the kernel's; where bits of the
 * call are unknown, the kernel's answer is among those that are found. */
#include "attach/bpf.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

#define S(code, k)                \
	{                         \
		(code), 0, 0, (k) \
	}
#define J(op, k, jt, jf)                                \
	{                                               \
		BPF_JMP | (op) | BPF_K, (jt), (jf), (k) \
	}
#define LOAD(word) S(BPF_LD | BPF_W | BPF_ABS, 4 * (word))
#define RET(k) S(BPF_RET | BPF_K, (k))
#define ONLY(action) (1u << (action))

enum { MOST = 12, PROBE = 4000, ARGS_LOW = BPF_ARGS };

static const struct bpf_input nothing_known = {
	.words = { [0 ... BPF_WORDS - 1] = { 0, UINT32_MAX } }
};

static struct bpf_answer explore(const struct sock_filter *code, size_t n,
				 const struct bpf_input *input)
{
	struct bpf_answer answer;

	hs_ck_ok(bpf_explore(code, n, input, &answer));
	return answer;
}

static const struct answer_case {
	uint32_t returned;
	enum bpf_action action;
} answers[] = {
	{ 0, BPF_KILL_THREAD },
	{ 0x80000000, BPF_KILL_PROCESS },
	{ 0x80000007, BPF_KILL_PROCESS },
	{ 0x00010000, BPF_KILL_PROCESS }, /* no such action */
	{ 0x00030000, BPF_TRAP },
	{ 0x00050001, BPF_ERRNO },
	{ 0x7fc00000, BPF_NOTIFY },
	{ 0x7ff00000, BPF_TRACE },
	{ 0x7ffc0000, BPF_LOG },
	{ 0x7fff0000, BPF_ALLOW },
	{ 0x7fffffff, BPF_ALLOW },
};

START_TEST(every_answer_is_known)
{
	const struct answer_case *c = &answers[_i];
	const struct sock_filter code[] = { RET(c->returned) };

	ck_assert_uint_eq(explore(code, 1, &nothing_known).actions,
			  ONLY(c->action));
}
END_TEST

START_TEST(both_branches_are_taken)
{
	const struct sock_filter code[] = {
		LOAD(ARGS_LOW),		J(BPF_JEQ, 5, 0, 1),
		RET(SECCOMP_RET_ALLOW), J(BPF_JGT, 9, 0, 1),
		RET(0x00050002),	J(BPF_JSET, 2, 0, 1),
		RET(0x00050009),	RET(SECCOMP_RET_TRAP),
	};
	struct bpf_input input = nothing_known;
	struct bpf_answer a = explore(code, 8, &input);

	ck_assert_uint_eq(a.actions,
			  ONLY(BPF_ALLOW) | ONLY(BPF_ERRNO) | ONLY(BPF_TRAP));
	ck_assert_uint_eq(a.error_min, 2);
	ck_assert_uint_eq(a.error_max, 9);
	/* Only its lowest bit is not known: 4 or 5. */
	input.words[ARGS_LOW] = (struct bpf_value){ 4, 1 };
	ck_assert_uint_eq(explore(code, 8, &input).actions,
			  ONLY(BPF_ALLOW) | ONLY(BPF_TRAP));
	input.words[ARGS_LOW] = (struct bpf_value){ 16, 1 };
	a = explore(code, 8, &input);
	ck_assert_uint_eq(a.actions, ONLY(BPF_ERRNO));
	ck_assert_uint_eq(a.error_max, 2);
}
END_TEST

START_TEST(the_most_restrictive_wins)
{
	const struct bpf_answer allow = { .actions = ONLY(BPF_ALLOW) };
	const struct bpf_answer fails = { .actions = ONLY(BPF_ERRNO),
					  .error_min = 1,
					  .error_max = 1 };
	const struct bpf_answer either = { .actions = ONLY(BPF_ALLOW) |
						      ONLY(BPF_KILL_THREAD) };
	struct bpf_answer a = bpf_answer_both(&allow, &fails);

	ck_assert_uint_eq(a.actions, ONLY(BPF_ERRNO));
	ck_assert_uint_eq(a.error_min, 1);
	a = bpf_answer_both(&fails, &allow);
	ck_assert_uint_eq(a.actions, ONLY(BPF_ERRNO));
	/* Either the one kills, or the other one makes it fail. */
	a = bpf_answer_both(&either, &fails);
	ck_assert_uint_eq(a.actions, ONLY(BPF_ERRNO) | ONLY(BPF_KILL_THREAD));
	a = bpf_answer_both(&either, &allow);
	ck_assert_uint_eq(a.actions, either.actions);
}
END_TEST

static const struct invalid_case {
	size_t n;
	struct sock_filter code[3];
	const char *message;
} invalid[] = {
	{ 0, { { 0 } }, "instruction 0 of its seccomp filter is not known" },
	{ 1, { LOAD(0) }, "instruction 1 of its seccomp filter is not known" },
	{ 2,
	  { LOAD(BPF_WORDS), RET(0) },
	  "instruction 0 of its seccomp filter is not known" },
	{ 2,
	  { S(BPF_LD | BPF_H | BPF_ABS, 0), RET(0) },
	  "instruction 0 of its seccomp filter is not known" },
	{ 2,
	  { S(BPF_LD | BPF_MEM, BPF_MEMWORDS), RET(0) },
	  "instruction 0 of its seccomp filter is not known" },
	{ 2,
	  { S(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0) },
	  "instruction 0 of its seccomp filter is not known" },
	{ 2,
	  { S(BPF_ALU | BPF_MOD | BPF_K, 3), RET(0) },
	  "instruction 0 of its seccomp filter is not known" },
	{ 3,
	  { LOAD(0), J(BPF_JA, UINT32_MAX, 0, 0), RET(0) },
	  "instruction 1 of its seccomp filter is not known" },
	{ 1,
	  { S(BPF_RET | BPF_X, 0) },
	  "instruction 0 of its seccomp filter is not known" },
};

START_TEST(what_the_kernel_rejects)
{
	const struct invalid_case *c = &invalid[_i];
	struct bpf_answer answer;

	hs_ck_err(bpf_explore(c->code, c->n, &nothing_known, &answer),
		  HS_ERROR_INPUT, c->message);
}
END_TEST

/* Each jump doubles the branches: 2^200 of them are not walked. */
START_TEST(too_many_branches)
{
	struct sock_filter code[601] = { { 0 } };
	struct bpf_answer answer;
	size_t i;

	for (i = 0; i < 200; i++) {
		code[3 * i] = (struct sock_filter)LOAD(ARGS_LOW);
		code[3 * i + 1] =
			(struct sock_filter)J(BPF_JSET, 1u << i % 32, 0, 1);
		code[3 * i + 2] = (struct sock_filter)S(BPF_MISC | BPF_TAX, 0);
	}
	code[600] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	hs_ck_err(bpf_explore(code, 601, &nothing_known, &answer),
		  HS_ERROR_INPUT,
		  "its seccomp filter has too many branches to be judged");
}
END_TEST

/* --- as the kernel has it --------------------------------------------------- */

static uint64_t seed;

static uint32_t random_number(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* Numbers near each other, so that comparisons go both ways. */
static uint32_t random_word(void)
{
	static const uint32_t words[] = { 0, 1,	 2,	     3,		7,
					  8, 31, 0x80000000, UINT32_MAX };

	if (random_number(4))
		return words[random_number(9)];
	return random_number(UINT32_MAX);
}

static struct sock_filter random_instruction(size_t left)
{
	static const uint16_t alu[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV,
					BPF_AND, BPF_OR,  BPF_XOR, BPF_LSH,
					BPF_RSH, BPF_NEG };
	static const uint16_t jumps[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	uint16_t source = random_number(2) ? BPF_X : BPF_K, op;
	struct sock_filter i = { 0 };

	switch (random_number(8)) {
	case 0:
	case 1:
		return (struct sock_filter)LOAD(ARGS_LOW + random_number(12));
	case 2:
		return (struct sock_filter)S(
			random_number(2) ? BPF_ST : BPF_STX, random_number(2));
	case 3:
		return (struct sock_filter)S(
			(random_number(2) ? BPF_LD : BPF_LDX) | BPF_MEM,
			random_number(2));
	case 4:
		return (struct sock_filter)S(
			BPF_MISC | (random_number(2) ? BPF_TAX : BPF_TXA), 0);
	case 5:
		i.code = BPF_JMP | source | jumps[random_number(4)];
		i.k = source == BPF_K ? random_word() : 0;
		i.jt = (uint8_t)random_number((uint32_t)left);
		i.jf = (uint8_t)random_number((uint32_t)left);
		return i;
	default:
		op = alu[random_number(10)];
		i.k = random_word();
		if (op == BPF_DIV && !i.k)
			i.k = 3;
		if (op == BPF_LSH || op == BPF_RSH)
			i.k %= 32;
		/* By zero it would end the process. */
		if (op == BPF_NEG || op == BPF_DIV)
			source = BPF_K;
		i.code = BPF_ALU | op | source;
		return i;
	}
}

/* Of calls with number PROBE; all others are allowed. Words that are stored are
 * set first: the kernel wants that. */
static size_t random_filter(struct sock_filter *code)
{
	const struct sock_filter start[] = {
		LOAD(BPF_NR),		J(BPF_JEQ, PROBE, 1, 0),
		RET(SECCOMP_RET_ALLOW), S(BPF_ST, 0),
		S(BPF_ST, 1),		S(BPF_LDX | BPF_IMM, 1),
	};
	size_t n = sizeof(start) / sizeof(start[0]), i;

	memcpy(code, start, sizeof(start));
	for (i = 0; i < MOST; i++)
		code[n++] = random_instruction(MOST - i);
	for (i = 0; i < MOST; i++)
		code[n++] = (struct sock_filter)RET(SECCOMP_RET_ERRNO |
						    (random_number(100) + 1));
	/* One return after another: only the first is ever reached, unless a
	 * jump goes further. */
	return n;
}

/* The error that the kernel makes call PROBE with @args fail with. */
static unsigned kernel_says(struct sock_filter *code, size_t n,
			    const uint64_t args[6])
{
	struct sock_fprog program = { (unsigned short)n, code };
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
			_exit(255);
		syscall(PROBE, args[0], args[1], args[2], args[3], args[4],
			args[5]);
		_exit(errno);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return (unsigned)WEXITSTATUS(status);
}

START_TEST(as_the_kernel_answers)
{
	struct sock_filter code[3 * MOST];
	struct bpf_input input = nothing_known;
	struct bpf_answer a;
	uint64_t args[6];
	unsigned error;
	size_t n, i;

	seed = (uint64_t)_i;
	n = random_filter(code);
	for (i = 0; i < 6; i++)
		args[i] = random_word() | (uint64_t)random_word() << 32;
	input.words[BPF_NR] = (struct bpf_value){ PROBE, 0 };
	for (i = 0; i < 12; i++)
		input.words[BPF_ARGS + i] = (struct bpf_value){
			(uint32_t)(args[i / 2] >> (i % 2 * 32)), 0
		};
	error = kernel_says(code, n, args);
	ck_assert_uint_ne(error, 255);
	a = explore(code, n, &input);
	ck_assert_uint_eq(a.actions, ONLY(BPF_ERRNO));
	ck_assert_uint_eq(a.error_min, error);
	ck_assert_uint_eq(a.error_max, error);
	/* The less is known the more is possible, that answer among it. */
	for (i = 0; i < 12; i++) {
		struct bpf_value *word = &input.words[BPF_ARGS + i];

		word->unknown = random_word();
		word->value &= ~word->unknown;
	}
	a = explore(code, n, &input);
	ck_assert_uint_eq(a.actions, ONLY(BPF_ERRNO));
	ck_assert_uint_le(a.error_min, error);
	ck_assert_uint_ge(a.error_max, error);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attach/bpf");
	TCase *tcase = tcase_create("attach/bpf");

	tcase_add_loop_test(tcase, every_answer_is_known, 0,
			    (int)(sizeof(answers) / sizeof(answers[0])));
	tcase_add_test(tcase, both_branches_are_taken);
	tcase_add_test(tcase, the_most_restrictive_wins);
	tcase_add_loop_test(tcase, what_the_kernel_rejects, 0,
			    (int)(sizeof(invalid) / sizeof(invalid[0])));
	tcase_add_test(tcase, too_many_branches);
	tcase_add_loop_test(tcase, as_the_kernel_answers, 0, 400);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
