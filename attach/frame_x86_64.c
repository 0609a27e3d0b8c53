/*
 * x86-64: the signal frame that an injected call returns into. Facts:
 * arch/x86/kernel/signal_64.c (rt_sigreturn), arch/x86/kernel/fpu/signal.c.
 *
 *      top
 *      +--------------------------+
 *      | extended state, magic2   |  64-byte aligned; one for both frames
 *      +--------------------------+
 *      | last frame: pretcode, uc |  registers of the interrupted thread
 *      +--------------------------+
 *      | "then" frames (optional) |  registers that begin a call each, whose
 *      +--------------------------+  stack is the frame above
 *      | result gadget (optional) |
 *      +--------------------------+  <- SP at the call's first instruction
 */
#include "attach/frame.h"

#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>

enum {
	/* asm/ucontext.h: UC_FP_XSTATE | UC_SIGCONTEXT_SS |
	   UC_STRICT_RESTORE_SS */
	FRAME_UC_FLAGS = 0x1 | 0x2 | 0x4,
	/* No such mode: sigaltstack fails with EINVAL, which rt_sigreturn
	 * ignores, and the thread's alternate stack stays as it is. */
	FRAME_SS_FLAGS = 0x7fff,
	FLAG_TF = 1 << 8,
	FLAG_DF = 1 << 10,
	/* uc_sigmask is 8 bytes in the kernel, and the last field that it
	 * reads. */
	FRAME_UC_SIZE = offsetof(ucontext_t, uc_sigmask) + 8,
	FRAME_SIZE = 8 + FRAME_UC_SIZE,
	XSAVE_LEGACY_SIZE = 512,
	XSAVE_HEADER_SIZE = 64,
	XSAVE_SW_OFFSET = 464,	   /* software-reserved bytes of FXSAVE */
	XSAVE_MAGIC1 = 0x46505853, /* asm/sigcontext.h: FP_XSTATE_MAGIC1 */
	XSAVE_MAGIC2 = 0x46505845, /* FP_XSTATE_MAGIC2 */
	XSAVE_ALIGN = 64,
	CPUID_XSAVE = 0xd,
};

/* System V ABI, AMD64 supplement, 3.2.2: the red zone. */
const size_t arch_red_zone = 128;

/* struct _fpx_sw_bytes of asm/sigcontext.h */
struct xsave_sw {
	uint32_t magic1;
	uint32_t extended_size;
	uint64_t features;
	uint32_t xstate_size;
	uint32_t padding[7];
};

/*
 * Bytes of the extended state up to its last component in use. The kernel
 * accepts a frame's xstate_size only when it is at most the thread's own size
 * (check_xstate_in_sigframe()), and the regset is as large as the machine
 * allows: on a CPU with AMX larger than that of a thread that never asked for
 * tiles. With a wrong size the kernel silently restores no vector registers.
 */
static size_t xsave_size(uint64_t features, size_t len)
{
	size_t size = XSAVE_LEGACY_SIZE + XSAVE_HEADER_SIZE;
	uint32_t eax, ebx, ecx, edx, i;

	for (i = 2; i < 63; i++) {
		if (!(features >> i & 1))
			continue;
		__cpuid_count(CPUID_XSAVE, i, eax, ebx, ecx, edx);
		if (ebx + eax > size)
			size = ebx + eax;
	}
	return size < len ? size : len;
}

static size_t extended_size_bound(const struct arch_state *saved)
{
	return saved->extended_len + sizeof(uint32_t);
}

size_t arch_frames_size(const struct arch_state *saved)
{
	return extended_size_bound(saved) + XSAVE_ALIGN +
	       (1 + ARCH_THEN_MAX) * (FRAME_SIZE + 16) + 32;
}

size_t arch_frames_bound(void)
{
	struct arch_state widest = { 0 };
	uint32_t eax, ebx, ecx = 0, edx;

	/* ECX: the size of all components that the CPU has. */
	__cpuid_count(CPUID_XSAVE, 0, eax, ebx, ecx, edx);
	widest.extended_len = ecx;
	return arch_frames_size(&widest);
}

static void put_extended(unsigned char *at, const struct arch_state *saved)
{
	struct xsave_sw sw = { .magic1 = XSAVE_MAGIC1 };
	const uint32_t magic2 = XSAVE_MAGIC2;

	memcpy(at, saved->extended, saved->extended_len);
	memcpy(&sw.features, at + XSAVE_LEGACY_SIZE, sizeof(sw.features));
	sw.features |= 3; /* x87 and SSE are always there */
	sw.xstate_size = (uint32_t)xsave_size(sw.features, saved->extended_len);
	sw.extended_size = sw.xstate_size + (uint32_t)sizeof(magic2);
	memcpy(at + XSAVE_SW_OFFSET, &sw, sizeof(sw));
	memcpy(at + sw.xstate_size, &magic2, sizeof(magic2));
}

static void put_frame(unsigned char *at, const struct user_regs_struct *u,
		      uint64_t mask, uint64_t sigreturn, uint64_t extended)
{
	uint64_t selectors = u->cs | u->gs << 16 | u->fs << 32 | u->ss << 48;
	ucontext_t uc = { 0 };
	greg_t *g = uc.uc_mcontext.gregs;

	uc.uc_flags = FRAME_UC_FLAGS;
	uc.uc_stack.ss_flags = FRAME_SS_FLAGS;
	g[REG_R8] = (greg_t)u->r8;
	g[REG_R9] = (greg_t)u->r9;
	g[REG_R10] = (greg_t)u->r10;
	g[REG_R11] = (greg_t)u->r11;
	g[REG_R12] = (greg_t)u->r12;
	g[REG_R13] = (greg_t)u->r13;
	g[REG_R14] = (greg_t)u->r14;
	g[REG_R15] = (greg_t)u->r15;
	g[REG_RDI] = (greg_t)u->rdi;
	g[REG_RSI] = (greg_t)u->rsi;
	g[REG_RBP] = (greg_t)u->rbp;
	g[REG_RBX] = (greg_t)u->rbx;
	g[REG_RDX] = (greg_t)u->rdx;
	g[REG_RAX] = (greg_t)u->rax;
	g[REG_RCX] = (greg_t)u->rcx;
	g[REG_RSP] = (greg_t)u->rsp;
	g[REG_RIP] = (greg_t)u->rip;
	g[REG_EFL] = (greg_t)u->eflags;
	g[REG_CSGSFS] = (greg_t)selectors;
	uc.uc_mcontext.fpregs = (fpregset_t)(uintptr_t)extended;
	memcpy(&uc.uc_sigmask, &mask, sizeof(mask));
	memcpy(at, &sigreturn, sizeof(sigreturn));
	memcpy(at + 8, &uc, FRAME_UC_SIZE);
}

/* The registers of a thread that was left alone (arch_frames_build()). */
static struct arch_regs abandoned_regs(const struct arch_regs *saved)
{
	struct arch_regs regs = *saved;

	switch (arch_interrupted(saved)) {
	case ARCH_RESTARTS:
	case ARCH_EINTR:
		return arch_regs_reissue(saved);
	case ARCH_RESUMES:
		regs.user.rax = (unsigned long long)-EINTR;
		break;
	case ARCH_NOT_IN_SYSCALL:
	case ARCH_SYSCALL_DONE:
		break;
	}
	return regs;
}

static void set_syscall(struct user_regs_struct *u,
			const struct arch_call *call, uint64_t syscall_return)
{
	u->rip = syscall_return;
	u->rax = (unsigned long long)call->number;
	u->rdi = call->args[0];
	u->rsi = call->args[1];
	u->rdx = call->args[2];
	u->r10 = call->args[3];
	u->r8 = call->args[4];
	u->r9 = call->args[5];
}

static void set_function(struct user_regs_struct *u,
			 const struct arch_call *call)
{
	u->rip = call->function;
	u->rax = 0;
	u->rdi = call->args[0];
	u->rsi = call->args[1];
	u->rdx = call->args[2];
	u->rcx = call->args[3];
	u->r8 = call->args[4];
	u->r9 = call->args[5];
}

/* The place of a frame below @at. A function that returns into it finds SP as
 * the ABI wants it at its entry, 8 beyond a multiple of 16 (System V ABI,
 * 3.2.2): [sp] is its return address. @even: another word lies in between. */
static uint64_t frame_below(uint64_t at, bool even)
{
	return ((at - FRAME_SIZE - 8) & ~(uint64_t)15) + (even ? 0 : 8);
}

/* Registers that begin @call, which returns into the frame at @frame. */
static struct user_regs_struct then_regs(const struct user_regs_struct *home,
					 const struct entry_points *entry,
					 const struct arch_call *call,
					 uint64_t frame)
{
	struct user_regs_struct u = *home;

	if (call->number >= 0)
		set_syscall(&u, call, entry->syscall_return);
	else
		set_function(&u, call);
	u.rsp = frame;
	u.eflags &= ~(unsigned long long)(FLAG_DF | FLAG_TF);
	return u;
}

struct hs_error *arch_frames_build(const struct arch_state *saved,
				   const struct entry_points *entry,
				   uint64_t top, bool result,
				   const struct arch_then *then,
				   struct arch_frames *ret)
{
	size_t size = arch_frames_size(saved), left = then ? then->n : 0;
	struct arch_regs back = abandoned_regs(&saved->regs);
	uint64_t base = (top - size) & ~(uint64_t)15, extended, frame;
	unsigned char *image = calloc(1, size + 16);

	if (!image)
		return hs_error_nomem();
	*ret = (struct arch_frames){ .base = base,
				     .image = image,
				     .len = (size_t)(top - base) };
	extended = (top - extended_size_bound(saved)) &
		   ~(uint64_t)(XSAVE_ALIGN - 1);
	put_extended(image + (extended - base), saved);
	frame = frame_below(extended, result && !left);
	put_frame(image + (frame - base), &back.user, saved->signal_mask,
		  entry->sigreturn, extended);
	while (left--) {
		const struct arch_call *call = &then->calls[left];
		struct user_regs_struct u =
			then_regs(&back.user, entry, call, frame);

		if (call->number < 0 && !ret->sigreturn_sp)
			ret->sigreturn_sp = frame + 8;
		frame = frame_below(frame, result && !left);
		/* Functions, too, may need the thread's rights to protection
		 * keys, which are in the extended state (pkeys(7)). */
		put_frame(image + (frame - base), &u, then->mask,
			  entry->sigreturn, extended);
	}
	if (!ret->sigreturn_sp)
		ret->sigreturn_sp = frame + 8;
	ret->sp = frame;
	if (result) {
		ret->sp -= 8;
		memcpy(image + (ret->sp - base), &entry->result, 8);
	}
	return NULL;
}

void arch_frames_release(struct arch_frames *frames)
{
	free(frames->image);
	*frames = (struct arch_frames){ 0 };
}

struct arch_regs arch_regs_call(const struct arch_regs *saved,
				const struct arch_frames *frames,
				const struct arch_call *call, bool at_entry)
{
	struct arch_regs regs = *saved;

	/* getpid() leaves its result in rax, which a function that is not
	 * variadic does not read. */
	if (call->bare)
		set_syscall(&regs.user, call, call->function);
	else
		set_function(&regs.user, call);
	regs.user.rsp = frames->sp;
	regs.user.orig_rax = at_entry ? SYS_getpid : (unsigned long long)-1;
	regs.user.eflags &= ~(unsigned long long)(FLAG_DF | FLAG_TF);
	return regs;
}

int arch_call_result(const struct arch_regs *regs,
		     enum code_result_register where)
{
	switch (where) {
	case CODE_RESULT_RBX:
		return (int)regs->user.rbx;
	case CODE_RESULT_RDX:
		return (int)regs->user.rdx;
	case CODE_RESULT_RSI:
		return (int)regs->user.rsi;
	case CODE_RESULT_RDI:
		return (int)regs->user.rdi;
	case CODE_RESULT_RBP:
		return (int)regs->user.rbp;
	case CODE_RESULT_NONE:
		break;
	}
	return 0;
}
