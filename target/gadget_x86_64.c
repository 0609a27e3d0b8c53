#include "target/gadget.h"

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

/* The pattern of @kind that ends with the byte before @end and begins at
 * @start or later, or NULL. */
static const struct pattern *pattern_ending_at(enum gadget_kind kind,
					       const unsigned char *start,
					       const unsigned char *end)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		const struct pattern *p = &patterns[i];

		if (p->kind == kind && p->len <= (size_t)(end - start) &&
		    !memcmp(p->bytes, end - p->len, p->len))
			return p;
	}
	return NULL;
}

/* All patterns of a kind end with the same byte. memchr() finds it fast: a libc
 * has more than a million bytes of text. */
size_t gadget_find(enum gadget_kind kind, const unsigned char *text, size_t len,
		   size_t from, enum code_result_register *reg)
{
	int last = kind == GADGET_SIGRETURN ? 0x05 : 0xc3;
	size_t at = from;

	while (at < len) {
		const unsigned char *end = memchr(text + at, last, len - at);
		const struct pattern *p;

		if (!end)
			break;
		end++;
		p = pattern_ending_at(kind, text + from, end);
		if (p && kind == GADGET_RESULT)
			*reg = p->reg;
		if (p)
			return (size_t)(end - text) - p->len;
		at = (size_t)(end - text);
	}
	return SIZE_MAX;
}

/* CALL is E8 with 4 bytes that follow, or FF with 2 (far: 3) in the middle bits
 * of its second byte, of 2 to 7 bytes without prefixes (Intel SDM volume 2,
 * CALL, and table 2-2). */
bool gadget_may_end_in_call(const unsigned char *text, size_t len)
{
	static const unsigned char lengths[] = { 2, 3, 4, 6, GADGET_CALL_MAX };
	size_t i;

	if (len >= 5 && text[len - 5] == 0xe8)
		return true;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		const unsigned char *p;
		int field;

		if (len < lengths[i])
			break;
		p = text + len - lengths[i];
		field = p[1] >> 3 & 7;
		if (p[0] == 0xff && (field == 2 || field == 3))
			return true;
	}
	return false;
}
