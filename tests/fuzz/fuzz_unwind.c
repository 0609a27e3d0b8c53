/*
 * The frames of a thread whose registers, stack and library are of any content,
 * its unwind tables among them: the walk ends, with frames that are counted and
 *a word on why it is not complete. The library is in our own memory, where
 * unwind_stack() reads it as that of any process.
 *
 *	tests/fuzz/run unwind 60
 */
#include "target/unwind.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proc/maps.h"
#include "tests/fuzz/fuzz.h"

enum { LIBRARY = 64 << 10, STACK_MAX = 4096, REGISTERS = 17, RSP = 7, RA = 16 };

/* Where the stack is said to be, and where the library is, always: words of the
 * stack lead there. */
static const uint64_t stack_at = 0x7ffd00000000, library_at = 0x10000000;

/* What an input begins with. */
struct head {
	uint64_t registers[REGISTERS];
	uint16_t pc;	/* in the library */
	uint16_t stack; /* bytes that follow; the library is behind them */
	uint32_t unused;
};

/* The library, between pages that are not there. */
static unsigned char *library(void)
{
	enum { AROUND = 4096 };
	static unsigned char *start;

	if (start)
		return start;
	start = (unsigned char *)(uintptr_t)library_at;
	must(mmap(start - AROUND, LIBRARY + 2 * AROUND, PROT_NONE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		  0) == start - AROUND);
	must(!mprotect(start, LIBRARY, PROT_READ | PROT_WRITE));
	return start;
}

static void walk(const struct head *head, unsigned char *stack, size_t len)
{
	const uint64_t start = (uintptr_t)library();
	struct mapping mapping = { .start = start,
				   .end = start + LIBRARY,
				   .inode = 1,
				   .read = true,
				   .exec = true,
				   .path = "/library" };
	const struct maps maps = { .items = &mapping, .n = 1 };
	struct thread_copy copy = { .bytes = stack, .len = len };
	const struct judge_case question = { .pid = getpid(),
					     .maps = &maps,
					     .copy = &copy };
	const struct code_frames frames = { 0 };
	static struct unwind unwind;

	copy.regs.pc = start + head->pc % LIBRARY;
	copy.regs.sp = stack_at;
	copy.regs.n = REGISTERS;
	memcpy(copy.regs.numbered, head->registers, sizeof(head->registers));
	copy.regs.numbered[RSP] = copy.regs.sp;
	copy.regs.numbered[RA] = copy.regs.pc;
	must(!unwind_stack(&question, &frames, &unwind));
	must(unwind.n <= UNWIND_DEPTH);
	must(unwind.complete || unwind.why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char stack[STACK_MAX];
	struct head head;
	size_t len;

	if (size < sizeof(head))
		return 0;
	memcpy(&head, data, sizeof(head));
	data += sizeof(head);
	size -= sizeof(head);
	len = head.stack < size ? head.stack : size;
	if (len > sizeof(stack))
		len = sizeof(stack);
	if (len)
		memcpy(stack, data, len);
	data += len;
	size -= len;
	if (size > LIBRARY)
		size = LIBRARY;
	memset(library(), 0, LIBRARY);
	if (size)
		memcpy(library(), data, size);
	walk(&head, stack, len);
	return 0;
}
