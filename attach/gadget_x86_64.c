#include "attach/gadget.h"

#include <stdbool.h>
#include <string.h>

#include "base/array.h"

/*
 * One row: bytes that do the job wherever they stand, even across the borders
 * of the instructions that the compiler meant.
 *
 * The signal trampoline of glibc and musl is "mov $15,%rax; syscall", 15 being
 * rt_sigreturn. Debuggers and libgcc's unwinder know it by these very bytes;
 * with the shorter "mov $15,%eax" it works all the same.
 *
 * The result gadgets are "xchg %eax,REG; ret". The registers are those which
 * the trampoline and the entry of a system call leave alone: not rax (the
 * number of the call), not rcx and r11 (overwritten by the instruction), not
 * rsp. Only the low 32 bits are carried, which is an int.
 */
static const struct pattern {
	enum gadget_kind kind;
	size_t len;
	unsigned char bytes[9];
	enum code_result_register reg;
} patterns[] = {
	{ GADGET_SIGRETURN,
	  9,
	  { 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 },
	  CODE_RESULT_NONE },
	{ GADGET_SIGRETURN,
	  7,
	  { 0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 },
	  CODE_RESULT_NONE },
	{ GADGET_SYSCALL_RETURN, 3, { 0x0f, 0x05, 0xc3 }, CODE_RESULT_NONE },
	{ GADGET_RESULT, 2, { 0x92, 0xc3 }, CODE_RESULT_RDX },
	{ GADGET_RESULT, 2, { 0x93, 0xc3 }, CODE_RESULT_RBX },
	{ GADGET_RESULT, 2, { 0x95, 0xc3 }, CODE_RESULT_RBP },
	{ GADGET_RESULT, 2, { 0x96, 0xc3 }, CODE_RESULT_RSI },
	{ GADGET_RESULT, 2, { 0x97, 0xc3 }, CODE_RESULT_RDI },
};

static bool pattern_matches(const struct pattern *p, const unsigned char *text,
			    size_t len)
{
	return p->len <= len && !memcmp(p->bytes, text, p->len);
}

size_t gadget_find(enum gadget_kind kind, const unsigned char *text, size_t len,
		   size_t from, enum code_result_register *reg)
{
	size_t at, i;

	for (at = from; at < len; at++) {
		for (i = 0; i < ARRAY_SIZE(patterns); i++) {
			const struct pattern *p = &patterns[i];

			if (p->kind != kind || p->bytes[0] != text[at] ||
			    !pattern_matches(p, text + at, len - at))
				continue;
			if (kind == GADGET_RESULT)
				*reg = p->reg;
			return at;
		}
	}
	return SIZE_MAX;
}
