#include "attach/bpf.h"

#include <linux/seccomp.h>
#include <stdbool.h>

enum {
	/* The filters of real programs take a few hundred steps a call. */
	STEPS_MAX = 1 << 20,
	BRANCHES_MAX = 64,
};

struct branch {
	size_t pc;
	struct bpf_value a, x, m[BPF_MEMWORDS];
};

/* A walk over all branches of a filter. */
struct walk {
	const struct sock_filter *code;
	size_t n;
	const struct bpf_input *input;
	struct branch waiting[BRANCHES_MAX];
	size_t n_waiting;
	struct bpf_answer answer;
};

enum step {
	STEP_ON,
	STEP_OVER,    /* this branch has an answer */
	STEP_INVALID, /* the kernel accepts no such filter */
	STEP_TOO_MANY,
};

static const struct bpf_value anything = { 0, UINT32_MAX };

static struct bpf_value known(uint32_t value)
{
	return (struct bpf_value){ value, 0 };
}

static uint32_t least(struct bpf_value v)
{
	return v.value;
}

static uint32_t most(struct bpf_value v)
{
	return v.value | v.unknown;
}

/* --- answers --------------------------------------------------------------- */

static enum bpf_action action_of(uint32_t answer)
{
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_THREAD:
		return BPF_KILL_THREAD;
	case SECCOMP_RET_TRAP:
		return BPF_TRAP;
	case SECCOMP_RET_ERRNO:
		return BPF_ERRNO;
	case SECCOMP_RET_USER_NOTIF:
		return BPF_NOTIFY;
	case SECCOMP_RET_TRACE:
		return BPF_TRACE;
	case SECCOMP_RET_LOG:
		return BPF_LOG;
	case SECCOMP_RET_ALLOW:
		return BPF_ALLOW;
	default:
		return BPF_KILL_PROCESS;
	}
}

static void answer_add(struct bpf_answer *answer, struct bpf_value v)
{
	enum bpf_action action = action_of(v.value);
	unsigned error = v.value & SECCOMP_RET_DATA;

	if (v.unknown)
		action = BPF_KILL_PROCESS;
	if (action == BPF_ERRNO && !(answer->actions & 1u << BPF_ERRNO)) {
		answer->error_min = answer->error_max = error;
	} else if (action == BPF_ERRNO) {
		if (error < answer->error_min)
			answer->error_min = error;
		if (error > answer->error_max)
			answer->error_max = error;
	}
	answer->actions |= 1u << action;
}

static unsigned most_lenient(unsigned actions)
{
	unsigned i = BPF_ACTIONS;

	while (i > 0 && !(actions & 1u << (i - 1)))
		i--;
	return i;
}

struct bpf_answer bpf_answer_both(const struct bpf_answer *a,
				  const struct bpf_answer *b)
{
	const unsigned error = 1u << BPF_ERRNO;
	unsigned limit = most_lenient(a->actions);
	struct bpf_answer both = *a;

	if (most_lenient(b->actions) < limit)
		limit = most_lenient(b->actions);
	both.actions = (a->actions | b->actions) & ((1u << limit) - 1);
	if (!(a->actions & error)) {
		both.error_min = b->error_min;
		both.error_max = b->error_max;
	} else if (b->actions & error) {
		if (b->error_min < both.error_min)
			both.error_min = b->error_min;
		if (b->error_max > both.error_max)
			both.error_max = b->error_max;
	}
	return both;
}

/* --- instructions ---------------------------------------------------------- */

static struct bpf_value bitwise(uint16_t op, struct bpf_value a,
				struct bpf_value b)
{
	uint32_t unknown = a.unknown | b.unknown, value;

	switch (op) {
	case BPF_AND:
		/* A bit that is known to be 0 in one is 0 in both. */
		unknown &= most(a) & most(b);
		value = a.value & b.value;
		break;
	case BPF_OR:
		unknown &= ~(a.value | b.value);
		value = a.value | b.value;
		break;
	default:
		value = a.value ^ b.value;
		break;
	}
	return (struct bpf_value){ value & ~unknown, unknown };
}

static struct bpf_value arithmetic(uint16_t op, struct bpf_value a,
				   struct bpf_value b)
{
	if (b.unknown)
		return anything;
	/* The kernel runs filters as eBPF, whose shifts take 5 bits. */
	if (op == BPF_LSH)
		return (struct bpf_value){ a.value << (b.value & 31),
					   a.unknown << (b.value & 31) };
	if (op == BPF_RSH)
		return (struct bpf_value){ a.value >> (b.value & 31),
					   a.unknown >> (b.value & 31) };
	if (a.unknown)
		return anything;
	switch (op) {
	case BPF_ADD:
		return known(a.value + b.value);
	case BPF_SUB:
		return known(a.value - b.value);
	case BPF_MUL:
		return known(a.value * b.value);
	default:
		return known(b.value ? a.value / b.value : 0);
	}
}

static enum step step_alu(struct walk *w, struct branch *at,
			  const struct sock_filter *i)
{
	struct bpf_value b = BPF_SRC(i->code) == BPF_X ? at->x : known(i->k);

	switch (BPF_OP(i->code)) {
	case BPF_AND:
	case BPF_OR:
	case BPF_XOR:
		at->a = bitwise(BPF_OP(i->code), at->a, b);
		return STEP_ON;
	case BPF_DIV:
		/* Division by zero: the kernel rejects it as a constant; as a
		 * value it ends the filter with 0 (net/core/filter.c,
		 * bpf_convert_filter()). */
		if (!least(b) && BPF_SRC(i->code) == BPF_X)
			answer_add(&w->answer, known(SECCOMP_RET_KILL_THREAD));
		if (!most(b))
			return BPF_SRC(i->code) == BPF_X ? STEP_OVER
							 : STEP_INVALID;
		break;
	case BPF_NEG:
		at->a = at->a.unknown ? anything : known(-at->a.value);
		return STEP_ON;
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_LSH:
	case BPF_RSH:
		break;
	default:
		return STEP_INVALID;
	}
	at->a = arithmetic(BPF_OP(i->code), at->a, b);
	return STEP_ON;
}

/* *yes: the jump may be taken; *no: it may not be. */
static bool compare(uint16_t op, struct bpf_value a, struct bpf_value b,
		    bool *yes, bool *no)
{
	uint32_t unknown = a.unknown | b.unknown;

	switch (op) {
	case BPF_JEQ:
		*yes = !((a.value ^ b.value) & ~unknown);
		*no = unknown || a.value != b.value;
		return true;
	case BPF_JGT:
		*yes = most(a) > least(b);
		*no = least(a) <= most(b);
		return true;
	case BPF_JGE:
		*yes = most(a) >= least(b);
		*no = least(a) < most(b);
		return true;
	case BPF_JSET:
		*yes = (most(a) & most(b)) != 0;
		*no = !(a.value & b.value);
		return true;
	default:
		return false;
	}
}

static enum step step_jump(struct walk *w, struct branch *at,
			   const struct sock_filter *i)
{
	struct bpf_value b = BPF_SRC(i->code) == BPF_X ? at->x : known(i->k);
	bool yes, no;

	if (BPF_OP(i->code) == BPF_JA) {
		if (i->k >= w->n)
			return STEP_INVALID;
		at->pc += i->k;
		return STEP_ON;
	}
	if (!compare(BPF_OP(i->code), at->a, b, &yes, &no))
		return STEP_INVALID;
	if (yes && no) {
		if (w->n_waiting == BRANCHES_MAX)
			return STEP_TOO_MANY;
		w->waiting[w->n_waiting] = *at;
		w->waiting[w->n_waiting++].pc += i->jf;
		if (BPF_OP(i->code) == BPF_JEQ && !b.unknown)
			at->a = b;
	}
	at->pc += yes ? i->jt : i->jf;
	return STEP_ON;
}

static enum step step_load(struct walk *w, struct branch *at,
			   const struct sock_filter *i, struct bpf_value *to)
{
	switch (i->code & ~(uint16_t)BPF_CLASS(i->code)) {
	case BPF_W | BPF_ABS:
		if (i->k % 4 || i->k / 4 >= BPF_WORDS || to == &at->x)
			return STEP_INVALID;
		*to = w->input->words[i->k / 4];
		return STEP_ON;
	case BPF_W | BPF_LEN:
		*to = known(sizeof(struct seccomp_data));
		return STEP_ON;
	case BPF_IMM:
		*to = known(i->k);
		return STEP_ON;
	case BPF_MEM:
		if (i->k >= BPF_MEMWORDS)
			return STEP_INVALID;
		*to = at->m[i->k];
		return STEP_ON;
	default:
		return STEP_INVALID;
	}
}

static enum step step_store(struct branch *at, const struct sock_filter *i)
{
	if (i->k >= BPF_MEMWORDS || (i->code != BPF_ST && i->code != BPF_STX))
		return STEP_INVALID;
	at->m[i->k] = i->code == BPF_ST ? at->a : at->x;
	return STEP_ON;
}

static enum step step_return(struct walk *w, const struct branch *at,
			     const struct sock_filter *i)
{
	if (i->code == (BPF_RET | BPF_A))
		answer_add(&w->answer, at->a);
	else if (i->code == (BPF_RET | BPF_K))
		answer_add(&w->answer, known(i->k));
	else
		return STEP_INVALID;
	return STEP_OVER;
}

static enum step step_move(struct branch *at, const struct sock_filter *i)
{
	if (i->code == (BPF_MISC | BPF_TAX))
		at->x = at->a;
	else if (i->code == (BPF_MISC | BPF_TXA))
		at->a = at->x;
	else
		return STEP_INVALID;
	return STEP_ON;
}

static enum step step(struct walk *w, struct branch *at)
{
	const struct sock_filter *i;

	if (at->pc >= w->n)
		return STEP_INVALID;
	i = &w->code[at->pc++];
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		return step_load(w, at, i, &at->a);
	case BPF_LDX:
		return step_load(w, at, i, &at->x);
	case BPF_ST:
	case BPF_STX:
		return step_store(at, i);
	case BPF_ALU:
		return step_alu(w, at, i);
	case BPF_JMP:
		return step_jump(w, at, i);
	case BPF_RET:
		return step_return(w, at, i);
	default:
		return step_move(at, i);
	}
}

struct hs_error *bpf_explore(const struct sock_filter *code, size_t n,
			     const struct bpf_input *input,
			     struct bpf_answer *ret)
{
	/* The first branch begins at instruction 0 with all registers 0. */
	struct walk w = { .code = code, .n = n, .input = input, .n_waiting = 1 };
	enum step how = STEP_ON;
	size_t steps = 0, pc = 0;

	while (w.n_waiting) {
		struct branch at = w.waiting[--w.n_waiting];

		do {
			pc = at.pc;
			how = steps++ < STEPS_MAX ? step(&w, &at)
						  : STEP_TOO_MANY;
		} while (how == STEP_ON);
		if (how == STEP_INVALID)
			return hs_error_new(HS_ERROR_INPUT,
					    "instruction %zu of its seccomp "
					    "filter is not known",
					    pc);
		if (how == STEP_TOO_MANY)
			return hs_error_new(HS_ERROR_INPUT,
					    "its seccomp filter has too many "
					    "branches to be judged");
	}
	*ret = w.answer;
	return NULL;
}
