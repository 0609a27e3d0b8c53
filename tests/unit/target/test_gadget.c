/* Gadgets are found by their bytes, at any place, the first one first; and this
 * machine's libc has them. */
#include "target/gadget.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "proc/maps.h"
#include "tests/unit/hs_check.h"

static const unsigned char text[] = {
	/*  0 */ 0x90, 0x0f, 0x05,
	/*  3 */ 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05,
	/* 12 */ 0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05,
	/* 19 */ 0x0f, 0x05, 0xc3,
	/* 22 */ 0x0f, 0x05, 0xc3,
};

static size_t find(enum gadget_kind kind, size_t from)
{
	return gadget_find(kind, text, sizeof(text), from, NULL);
}

START_TEST(sigreturn_and_syscall)
{
	ck_assert_uint_eq(find(GADGET_SIGRETURN, 0), 3);
	ck_assert_uint_eq(find(GADGET_SIGRETURN, 3), 3);
	ck_assert_uint_eq(find(GADGET_SIGRETURN, 4), 12);
	ck_assert_uint_eq(find(GADGET_SIGRETURN, 13), SIZE_MAX);
	ck_assert_uint_eq(find(GADGET_SYSCALL_RETURN, 0), 19);
	ck_assert_uint_eq(find(GADGET_SYSCALL_RETURN, 20), 22);
	ck_assert_uint_eq(find(GADGET_SYSCALL_RETURN, 23), SIZE_MAX);
	ck_assert_uint_eq(find(GADGET_SYSCALL_RETURN, sizeof(text)), SIZE_MAX);
}
END_TEST

START_TEST(cut_at_the_end)
{
	static const unsigned char cut[] = { 0x48, 0xc7, 0xc0, 0x0f,
					     0x00, 0x00, 0x00, 0x0f };
	enum code_result_register reg = CODE_RESULT_NONE;

	ck_assert_uint_eq(gadget_find(GADGET_SIGRETURN, cut, sizeof(cut), 0,
				      NULL),
			  SIZE_MAX);
	ck_assert_uint_eq(gadget_find(GADGET_RESULT,
				      (const unsigned char *)"\x93", 1, 0,
				      &reg),
			  SIZE_MAX);
	ck_assert_int_eq(reg, CODE_RESULT_NONE);
}
END_TEST

static const struct result_case {
	unsigned char byte;
	enum code_result_register reg;
} results[] = {
	{ 0x90, CODE_RESULT_NONE }, /* nop */
	{ 0x91, CODE_RESULT_NONE }, /* ecx: lost by syscall */
	{ 0x92, CODE_RESULT_RDX },  { 0x93, CODE_RESULT_RBX },
	{ 0x94, CODE_RESULT_NONE }, /* esp */
	{ 0x95, CODE_RESULT_RBP },  { 0x96, CODE_RESULT_RSI },
	{ 0x97, CODE_RESULT_RDI },
};

START_TEST(result_tells_its_register)
{
	const struct result_case *c = &results[_i];
	const unsigned char code[] = { 0xcc, c->byte, 0xc3 };
	enum code_result_register reg = CODE_RESULT_NONE;
	size_t at = gadget_find(GADGET_RESULT, code, sizeof(code), 0, &reg);

	ck_assert_uint_eq(at, c->reg == CODE_RESULT_NONE ? SIZE_MAX : 1);
	ck_assert_int_eq(reg, c->reg);
}
END_TEST

/* The libc that this test runs with, in memory. */
static const struct {
	const char *what;
	unsigned char bytes[8];
	size_t len;
	bool call;
} ends[] = {
	{ "call rel32", { 0xe8, 1, 2, 3, 4 }, 5, true },
	{ "call *%rax", { 0x90, 0xff, 0xd0 }, 3, true },
	{ "call *%r12", { 0x41, 0xff, 0xd4 }, 3, true },
	{ "call *(%rax)", { 0xff, 0x10 }, 2, true },
	{ "call *8(%rax)", { 0xff, 0x50, 8 }, 3, true },
	{ "call *8(%rsp)", { 0xff, 0x54, 0x24, 8 }, 4, true },
	{ "call *rel32(%rip)", { 0xff, 0x15, 1, 2, 3, 4 }, 6, true },
	{ "call *disp32(,%rax,8)", { 0xff, 0x14, 0xc5, 1, 2, 3, 4 }, 7, true },
	{ "lcall *(%rax)", { 0xff, 0x18 }, 2, true },
	{ "jmp rel32", { 0xc3, 0xe9, 1, 2, 3, 4 }, 6, false },
	{ "jmp *%rax", { 0x90, 0xff, 0xe0 }, 3, false },
	{ "push (%rax)", { 0xff, 0x30 }, 2, false },
	{ "ret", { 0xc3 }, 1, false },
	{ "nop", { 0x66, 0x0f, 0x1f, 0x44, 0, 0 }, 6, false },
	{ "nothing", { 0 }, 0, false },
};

START_TEST(calls_are_known_by_their_end)
{
	ck_assert_msg(gadget_may_end_in_call(ends[_i].bytes, ends[_i].len) ==
			      ends[_i].call,
		      "%s", ends[_i].what);
}
END_TEST

START_TEST(libc_has_them)
{
	const struct mapping *m;
	struct maps maps;
	const unsigned char *code;
	enum code_result_register reg;
	size_t len;

	hs_ck_ok(maps_read(getpid(), &maps));
	m = maps_find(&maps, (uint64_t)(uintptr_t)getenv);
	ck_assert_ptr_nonnull(m);
	code = (const unsigned char *)(uintptr_t)m->start;
	len = m->end - m->start;
	ck_assert_uint_lt(gadget_find(GADGET_SIGRETURN, code, len, 0, NULL),
			  len);
	ck_assert_uint_lt(
		gadget_find(GADGET_SYSCALL_RETURN, code, len, 0, NULL), len);
	ck_assert_uint_lt(gadget_find(GADGET_RESULT, code, len, 0, &reg), len);
	maps_release(&maps);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("target/gadget");
	TCase *tcase = tcase_create("target/gadget");

	tcase_add_test(tcase, sigreturn_and_syscall);
	tcase_add_test(tcase, cut_at_the_end);
	tcase_add_loop_test(tcase, result_tells_its_register, 0,
			    (int)(sizeof(results) / sizeof(results[0])));
	tcase_add_loop_test(tcase, calls_are_known_by_their_end, 0,
			    (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_test(tcase, libc_has_them);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
