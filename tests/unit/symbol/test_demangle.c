/*
 * Proves that mangled names of C++ (Itanium), Rust (both schemes) and D become
 * what people wrote, in full and short; that other names pass unchanged; and
 * that hostile names neither crash, hang nor fill the memory. Where a test
 * takes its full form from c++filt(1), it says so.
 */
#include "symbol/demangle.h"

#include <stdio.h>

#include "tests/unit/hs_check.h"

static char *demangled(const char *name, enum demangle_style style)
{
	struct strbuf sb = { 0 };
	char *text;

	strbuf_adds(&sb, "");
	demangle(&sb, name, style);
	hs_ck_ok(strbuf_finish(&sb, &text));
	return text;
}

static void check(const char *name, const char *full, const char *brief)
{
	char *text = demangled(name, DEMANGLE_FULL);

	ck_assert_str_eq(text, full);
	free(text);
	text = demangled(name, DEMANGLE_SHORT);
	ck_assert_str_eq(text, brief);
	free(text);
	text = demangled(name, DEMANGLE_NONE);
	ck_assert_str_eq(text, name);
	free(text);
}

/* Names that are given as they are. */
static void check_unchanged(const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		check(names[i], names[i], names[i]);
}

START_TEST(cxx_functions)
{
	check("_ZNSt6vectorIiSaIiEE9push_backERKi",
	      "std::vector<int, std::allocator<int> >::push_back(int const&)",
	      "std::vector::push_back");
	check("_Z3fooi", "foo(int)", "foo");
	check("_ZNK1A1fEv", "A::f() const", "A::f");
	check("_ZNO1A1fEv", "A::f() &&", "A::f");
	check("_ZN1AD1Ev", "A::~A()", "A::~A");
	check("_ZN1A1BC2IiEET_", "A::B::B<int>(int)", "A::B::B");
	check("_ZN3fooB5cxx11Ev", "foo[abi:cxx11]()", "foo[abi:cxx11]");
	check("_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f()",
	      "(anonymous namespace)::f");
	/* Return types, which only templates have in their names. */
	check("_Z1fIiEDcT_", "decltype(auto) f<int>(int)", "f");
	check("_ZN3fooIiEEDTclfp_EET_",
	      "decltype ({pa"
	      "rm#1}()) foo<int>(int)",
	      "foo");
	check("_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_",
	      "std::remove_reference<int&>::type&& std::move<int&>(int&)",
	      "std::move");
	check("_Z1fPFivE", "f(int (*)())", "f");
}
END_TEST

START_TEST(cxx_operators)
{
	check("_ZNK3BarltERKS_", "Bar::operator<(Bar const&) const",
	      "Bar::operator<");
	check("_ZNK1AltIiEEbT_", "bool A::operator< <int>(int) const",
	      "A::operator<");
	check("_ZN3BarlsIiEERS_T_", "Bar& Bar::operator<< <int>(int)",
	      "Bar::operator<<");
	check("_ZNK3BarssERKS_", "Bar::operator<=>(Bar const&) const",
	      "Bar::operator<=>");
	check("_ZN1LgtEi", "L::operator>(int)", "L::operator>");
	check("_ZN1LrsEi", "L::operator>>(int)", "L::operator>>");
	check("_ZN1LptEv", "L::operator->()", "L::operator->");
	check("_ZN1LpmEi", "L::operator->*(int)", "L::operator->*");
	check("_ZN1LixEi", "L::operator[](int)", "L::operator[]");
	check("_ZN1LcmEi", "L::operator,(int)", "L::operator,");
	check("_ZN1LclIiEEiT_", "int L::operator()<int>(int)", "L::operator()");
	check("_ZNKSt8functionIFvvEEclEv",
	      "std::function<void ()>::operator()() const",
	      "std::function::operator()");
	check("_Znwm", "operator new(unsigned long)", "operator new");
	check("_ZdaPv", "operator delete[](void*)", "operator delete[]");
	check("_ZN1AcviEv", "A::operator int()", "A::operator int");
	check("_ZN1AcvT_IiEEv", "A::operator int<int>()", "A::operator int");
	check("_ZNK1QcvSt6vectorIiSaIiEEEv",
	      "Q::operator std::vector<int, std::allocator<int> >() const",
	      "Q::operator std::vector");
	check("_ZZ4mainENKUlicE0_cvPFiicEEv",
	      "main::{lambda(int, char)#2}::operator int (*)(int, char)() "
	      "const",
	      "main::{lambda(int, char)#2}::operator int (*)(int, char)");
}
END_TEST

START_TEST(cxx_operators_in_arguments)
{
	check("_ZN1AIXgtLi3ELi2EEE1fEv", "A<((3)>(2))>::f()", "A::f");
	check("_Z2mmIXadL_ZNK1AltIiEEbT_EEEiv",
	      "int mm<&(bool A::operator< <int>(int) const)>()", "mm");
	check("_ZN1AIPFivEE1gEv", "A<int (*)()>::g()", "A::g");
}
END_TEST

START_TEST(cxx_local_names)
{
	check("_ZZ4mainENKUliE_clEi",
	      "main::{lambda(int)#1}::operator()(int) const",
	      "main::{lambda(int)#1}::operator()");
	check("_ZZZ1fiENKUlvE_clEvENKUlcE_clEc",
	      "f(int)::{lambda()#1}::operator()() const::{lambda(char)#1}::"
	      "operator()(char) const",
	      "f::{lambda()#1}::operator()::{lambda(char)#1}::operator()");
	check("_ZZNK1A1fEvENKUlvE_clEv",
	      "A::f() const::{lambda()#1}::operator()() const",
	      "A::f::{lambda()#1}::operator()");
	check("_ZZN1AIiE1gIdEEiT_ENKUlvE_clEv",
	      "A<int>::g<double>(double)::{lambda()#1}::operator()() const",
	      "A::g::{lambda()#1}::operator()");
}
END_TEST

START_TEST(cxx_special_names)
{
	check("_ZTv0_n24_N1B1fEv", "virtual thunk to B::f()",
	      "virtual thunk to B::f");
	check("_ZTHN1A1xE", "TLS init function for A::x",
	      "TLS init function for A::x");
	check("_ZN3fooEv.cold", "foo() [clone .cold]", "foo");
	check("_ZN3fooEv.part.0", "foo() [clone .part.0]", "foo");
}
END_TEST

START_TEST(cxx_from_dwarf)
{
	check("a::B<int>::f", "a::B<int>::f", "a::B::f");
	check("(anonymous namespace)::f<a::B<(b)0> >",
	      "(anonymous namespace)::f<a::B<(b)0> >",
	      "(anonymous namespace)::f");
	check("run::{lambda}::operator()", "run::{lambda}::operator()",
	      "run::{lambda}::operator()");
}
END_TEST

START_TEST(rust)
{
	check("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE",
	      "core::fmt::Write::write_fmt", "core::fmt::Write::write_fmt");
	check("_ZN58_$LT$alloc..string..String$u20$as$u20$core..fmt..Write$GT$"
	      "9write_str17h0123456789abcdefE",
	      "<alloc::string::String as core::fmt::Write>::write_str",
	      "<alloc::string::String as core::fmt::Write>::write_str");
	check("_ZN4core5slice29_$LT$impl$u20$$u5b$T$u5d$$GT$3len"
	      "17h0123456789abcdefE",
	      "core::slice::<impl [T]>::len", "core::slice::<impl [T]>::len");
	check("_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim"
	      "$u7d$$u7d$17h0123456789abcdefE",
	      "core::ops::function::FnOnce::call_once{{vtable.shim}}",
	      "core::ops::function::FnOnce::call_once{{vtable.shim}}");
	check("_RNvCs1234_7mycrate3foo", "mycrate::foo", "mycrate::foo");
	check("_RINvNtC3std3mem8align_ofjE", "std::mem::align_of::<usize>",
	      "std::mem::align_of");
	check("_RNvXs_Cs4_1aNtB4_1SNtB4_1T1m", "<a::S as a::T>::m",
	      "<a::S as a::T>::m");
	check("_RINvMCs1_1aINtB3_1SjE1fFEjE",
	      "<a::S<usize>>::f::<fn() -> usize>", "<a::S<usize>>::f");
}
END_TEST

/* Each kind of path, type and constant, and references to them. */
START_TEST(rust_grammar)
{
	check("_RNvC1a1f", "a::f", "a::f");
	check("_RNvNtC1a1b1f", "a::b::f", "a::b::f");
	check("_RNCNCNvC1a1f00C1b", "a::f::{closure#0}::{closure#0}",
	      "a::f::{closure#0}::{closure#0}");
	check("_RNCNvC1a1fs1_0C1b", "a::f::{closure#3}", "a::f::{closure#3}");
	check("_RNSNvC1a1fs_0", "a::f::{shim#1}", "a::f::{shim#1}");
	check("_RNvMs0_C1aNtB5_1S1m", "<a::S>::m", "<a::S>::m");
	check("_RNvXs0_C1aNtB5_1SNtB5_1T1m", "<a::S as a::T>::m",
	      "<a::S as a::T>::m");
	check("_RNvYNtC1a1SNtB4_1T1m", "<a::S as a::T>::m",
	      "<a::S as a::T>::m");
	check("_RINvC1a1fRhQhPhOhShAhj3_E",
	      "a::f::<&u8, &mut u8, *const u8, *mut u8, [u8], [u8; 3]>",
	      "a::f");
	check("_RINvC1a1fThmEThETEE", "a::f::<(u8, u32), (u8,), ()>", "a::f");
	check("_RINvC1a1fFhmEyE", "a::f::<fn(u8, u32) -> u64>", "a::f");
	check("_RINvC1a1fFUKChEuE", "a::f::<unsafe extern \"C\" fn(u8)>",
	      "a::f");
	check("_RINvC1a1fFK7win64_xhEuE", "a::f::<extern \"win64-x\" fn(u8)>",
	      "a::f");
	check("_RINvC1a1fFG_RL0_hERL0_hE",
	      "a::f::<for<'a> fn(&'a u8) -> &'a u8>", "a::f");
	check("_RINvC1a1fDNtC1a1TEL_E", "a::f::<dyn a::T>", "a::f");
	check("_RINvC1a1fDG0_INtC1a1TRL1_hRL0_hENtC1a1UEL_E",
	      "a::f::<dyn for<'a, 'b> a::T<&'a u8, &'b u8> + a::U>", "a::f");
	check("_RINvC1a1fDINtC1a1ThEp1Amp1BRmEL_E",
	      "a::f::<dyn a::T<u8, A = u32, B = &u32>>", "a::f");
	check("_RINvC1a1fKj1f_Kan1_Kb1_Kc78_KpE",
	      "a::f::<31, -1, true, 'x', _>", "a::f");
	check("_RINvC1a1fNtC1a1SRB7_E", "a::f::<a::S, &a::S>", "a::f");
	check("_RINvC1a1fINtC1a1SL_hEIB8_L_EE",
	      "a::f::<a::S<'_, u8>, a::S<'_>>", "a::f");
	check("_RINvC1a1fAhj3_AmB9_E", "a::f::<[u8; 3], [u32; 3]>", "a::f");
	check("_RINvC1a1fKj1f_KB8_E", "a::f::<31, 31>", "a::f");
}
END_TEST

START_TEST(d)
{
	check("_D3std5stdio7writelnFZv", "std.stdio.writeln()",
	      "std.stdio.writeln");
	check("_Dmain", "D main", "D main");
	check("_D8demangle4test6__ctorMFZC8demangle4test",
	      "demangle.test.this()", "demangle.test.this");
	check("_D8demangle11__T4testTaZ4testFaZv",
	      "demangle.test!(char).test(char)", "demangle.test.test");
}
END_TEST

START_TEST(others_unchanged)
{
	static const char *const names[] = {
		"",
		"malloc",
		"__libc_malloc",
		"_Z",
		"_R",
		"_D",
		"_ZN",
		"_Zfoo",
		"_Run",
		"_Device_open",
		"a.b.c",
		"x<y",
		"f.cold",
		"runtime.mallocgc",
		"<unknown>",
		"_ZN3fooEv@",
	};
	check_unchanged(names, sizeof(names) / sizeof(names[0]));
}
END_TEST

START_TEST(appends)
{
	struct strbuf sb = { 0 };

	strbuf_adds(&sb, "in ");
	demangle(&sb, "_ZN1A1fEv", DEMANGLE_SHORT);
	ck_assert_str_eq(strbuf_str(&sb), "in A::f");
	strbuf_release(&sb);
}
END_TEST

/* @head, then @part so often that it is of @size, then @tail. */
static char *repeat(const char *head, const char *part, size_t size,
		    const char *tail)
{
	struct strbuf sb = { 0 };
	char *text;

	strbuf_adds(&sb, head);
	while (sb.len < size)
		strbuf_adds(&sb, part);
	strbuf_adds(&sb, tail);
	hs_ck_ok(strbuf_finish(&sb, &text));
	return text;
}

static const struct hostile {
	const char *head, *part, *tail;
} hostiles[] = {
	{ "_Z1f", "P", "i" },
	{ "_Z", "N", "" },
	{ "_Z", "1", "" },
	{ "_ZN1fEv", "F", "" },
	{ "_Z", "L_Z", "1fE" },
	{ "_Z1fIX", "ad", "1x" },
	{ "_Z1f", "1aI", "" },
	{ "_ZZ1fvENKUl", "Ul", "E_clEv" },
	{ "_Z1f", "S_", "" },
	{ "_RMC0", "T", "" },
	{ "_RINvC1a1f", "T", "E" },
	{ "_RNv", "NtB_", "1a1b" },
	{ "_RNvC1a1f", "B0_", "" },
	{ "_RNv", "NtB_", "" },
	{ "_ZN1a", "$LT$", "17h0123456789abcdefE" },
	{ "_D1a1fF", "H", "Zv" },
	{ "_D1a", "__T", "" },
	{ "_D1a1fF", "Qa", "Zv" },
	{ "a::b", "<", "" },
	{ "a::b", "<(", "" },
	{ "a::", "operator<", "" },
	{ "a::b<", "{(", "" },
	{ "", "\xff", "" },
};

START_TEST(hostile_names)
{
	static const size_t sizes[] = { 500, 1020, 4000, 8000, 100000 };
	const struct hostile *h = &hostiles[_i];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *name = repeat(h->head, h->part, sizes[i], h->tail);

		free(demangled(name, DEMANGLE_FULL));
		free(demangled(name, DEMANGLE_SHORT));
		free(name);
	}
}
END_TEST

/* Each type is a pair of the one before: 2^60 letters. */
START_TEST(exploding_name)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct strbuf sb = { 0 };
	char *text;
	int i;

	strbuf_adds(&sb, "_Z1f1pIiiE");
	for (i = 0; i < 36; i++)
		strbuf_addf(&sb, "S_IS%c_S%c_E", digits[i], digits[i]);
	text = demangled("_Z1f1pIiiES_IS0_S0_ES_IS1_S1_E", DEMANGLE_FULL);
	ck_assert_str_eq(text, "f(p<int, int>, p<p<int, int>, p<int, int> >, "
			       "p<p<p<int, int>, p<int, int> >, "
			       "p<p<int, int>, p<int, int> > >)");
	free(text);
	text = demangled(strbuf_str(&sb), DEMANGLE_SHORT);
	ck_assert_str_eq(text, strbuf_str(&sb));
	free(text);
	strbuf_release(&sb);
}
END_TEST

/* "_R", a function whose argument is a pair of u8, or @levels times a pair of
 * what is before: 2^levels pairs. Places are numbers of base 62, from the
 * letter after "_R". */
static char *nested_pairs(int levels)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct strbuf sb = { 0 };
	size_t at;
	char *ret;

	strbuf_adds(&sb, "_RINvC1a1fThhE");
	at = sb.len - 6;
	while (levels-- > 0) {
		char place[8] = { 'B', digits[(at - 1) % 62], '_' };

		if (at > 62)
			snprintf(place, sizeof(place), "B%c%c_",
				 digits[(at - 1) / 62], digits[(at - 1) % 62]);
		at = sb.len - 2;
		strbuf_addf(&sb, "T%s%sE", place, place);
	}
	strbuf_addc(&sb, 'E');
	hs_ck_ok(strbuf_finish(&sb, &ret));
	return ret;
}

/* Long before it takes a time: a file may have many such names. */
START_TEST(name_that_doubles)
{
	char *name = nested_pairs(1), *text = demangled(name, DEMANGLE_FULL);

	ck_assert_str_eq(text, "a::f::<(u8, u8), ((u8, u8), (u8, u8))>");
	free(text);
	free(name);
	name = nested_pairs(9);
	text = demangled(name, DEMANGLE_FULL);
	ck_assert_msg(!strncmp(text, "a::f::<(u8, u8), ((u8, u8), ", 28),
		      "%.40s", text);
	ck_assert_uint_gt(strlen(text), 8192);
	free(text);
	free(name);
	name = nested_pairs(13);
	text = demangled(name, DEMANGLE_FULL);
	ck_assert_msg(!strcmp(text, name), "%.40s", text);
	free(text);
	free(name);
}
END_TEST

/* Each would be read without end, or for years. */
START_TEST(rust_without_bounds)
{
	static const char *const names[] = {
		/* A part of itself, at once and by way of others. */
		"_RNvB_1f",
		"_RNvNtB_1a1f",
		"_RINvC1a1fB7_E",
		"_RINvC1a1fRB7_E",
		"_RINvC1a1fTB7_EE",
		"_RINvC1a1fFB7_EuE",
		"_RINvC1a1fDINtC1a1TB7_EEL_E",
		"_RINvC1a1fDNtC1a1Tp1AB7_EL_E",
		"_RINvC1a1fAhB8_E",
		"_RNvXB_hNtC1a1T1f",
		"_RNvMNvB0_1fh1f",
		"_RNvYhB0_1f",
		/* What comes later, and what nothing begins at. */
		"_RINvC1a1fB9_hE",
		"_RINvC1a1fB1_E",
		/* What is something else: a type, for a constant. */
		"_RINvC1a1fhKB7_E",
		/* So many lifetimes. */
		"_RNvC1a1fINvC1a1gFGzzzzzzzz_EuE",
		"_RNvMINtC1a1AFGzzzzzzzz_EuEh1f",
		"_RINvC1a1fDGzzzzzzzzzzzzzzzz_NtC1a1TEL_E",
	};
	check_unchanged(names, sizeof(names) / sizeof(names[0]));
}
END_TEST

/* A pointer to a pointer to... */
START_TEST(rust_depth)
{
	char *name = repeat("_RINvC1a1f", "P", 400, "hE"),
	     *text = demangled(name, DEMANGLE_FULL);

	ck_assert_msg(!strncmp(text, "a::f::<*const *const ", 21), "%.40s",
		      text);
	free(text);
	free(name);
	name = repeat("_RINvC1a1f", "P", 600, "hE");
	text = demangled(name, DEMANGLE_FULL);
	ck_assert_msg(!strcmp(text, name), "%.40s", text);
	free(text);
	free(name);
}
END_TEST

/* A template's name may well have more than the 1,024 letters at which
 * libiberty gives up by itself. */
START_TEST(long_name)
{
	char *name =
		repeat("_Z1fI", "27a_class_with_a_longish_name", 5000, "Evv");
	char *text = demangled(name, DEMANGLE_SHORT);

	ck_assert_msg(!strcmp(text, "f"), "%.40s", text);
	free(text);
	free(name);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/demangle");
	TCase *tcase = tcase_create("names");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, cxx_functions);
	tcase_add_test(tcase, cxx_operators);
	tcase_add_test(tcase, cxx_operators_in_arguments);
	tcase_add_test(tcase, cxx_local_names);
	tcase_add_test(tcase, cxx_special_names);
	tcase_add_test(tcase, cxx_from_dwarf);
	tcase_add_test(tcase, rust);
	tcase_add_test(tcase, rust_grammar);
	tcase_add_test(tcase, d);
	tcase_add_test(tcase, others_unchanged);
	tcase_add_test(tcase, appends);
	tcase_add_loop_test(tcase, hostile_names, 0,
			    sizeof(hostiles) / sizeof(hostiles[0]));
	tcase_add_test(tcase, exploding_name);
	tcase_add_test(tcase, name_that_doubles);
	tcase_add_test(tcase, rust_without_bounds);
	tcase_add_test(tcase, rust_depth);
	tcase_add_test(tcase, long_name);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
