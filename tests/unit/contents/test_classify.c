/* What a region is, by what it begins with, in a process that is made by hand:
 * a program with vtables and type information, an interpreter's types, and
 * symbols. What is only similar is nothing of the kind, whatever it points to.
 */
#include "contents/classify.h"

#include "tests/unit/contents/process_image.h"
#include "tests/unit/hs_check.h"

/* The region is @kind, and called @want. */
static void check(struct process *p, enum contents_kind kind, const char *want)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };
	const enum contents_kind is = classify(&p->known, &p->region, &name);

	ck_assert_str_eq(strbuf_str(&name), want);
	ck_assert_str_eq(contents_kind_name(is), contents_kind_name(kind));
	ck_assert(!p->known.failed);
}

/* The same of one that begins with these words. */
#define check_words(p, kind, want, ...)                                  \
	do {                                                             \
		const uint64_t words_[] = { __VA_ARGS__ };               \
                                                                         \
		memset((p)->region.bytes, 0, sizeof((p)->region.bytes)); \
		memcpy((p)->region.words, words_, sizeof(words_));       \
		check((p), (kind), (want));                              \
	} while (0)

/* The same of one that begins with these bytes. */
#define check_bytes(p, kind, want, bytes_)                               \
	do {                                                             \
		memset((p)->region.bytes, 0, sizeof((p)->region.bytes)); \
		memcpy((p)->region.bytes, bytes_, sizeof(bytes_));       \
		check((p), (kind), (want));                              \
	} while (0)

START_TEST(classes_have_names)
{
	static const struct {
		enum demangle_style style;
		const char *mangled, *want;
	} rows[] = {
		{ DEMANGLE_SHORT, "N4shop7sessionE", "shop::session" },
		{ DEMANGLE_SHORT, "7session", "session" },
		{ DEMANGLE_SHORT, "*N12_GLOBAL__N_17sessionE",
		  "(anonymous namespace)::session" },
		{ DEMANGLE_SHORT, "N4shop4listIiEE", "shop::list" },
		{ DEMANGLE_FULL, "N4shop4listIiEE", "shop::list<int>" },
		{ DEMANGLE_NONE, "N4shop4listIiEE", "N4shop4listIiEE" },
	};
	static struct process p;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hs_ck_ok(process_make(&p));
		p.around.demangle = rows[i].style;
		put_class(&p, RELRO + 0x110, rows[i].mangled);
		check_words(&p, CONTENTS_CXX, rows[i].want, RELRO + 0x110, 7);
		process_release(&p);
	}
}
END_TEST

START_TEST(classes_within_others)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	put_class(&p, RELRO + 0x110, "N4shop7sessionE");
	check_words(&p, CONTENTS_CXX, "shop::session behind 16 bytes",
		    HEAP + 64, HEAP + 128, RELRO + 0x110);
	check_words(&p, CONTENTS_CXX, "shop::session behind 40 bytes", 1, 2, 3,
		    4, 5, RELRO + 0x110);
	check_words(&p, CONTENTS_NUMBERS, "small numbers", 1, 2, 3, 4, 5, 6);
	process_release(&p);
}
END_TEST

/* Without type information there is the symbol of the vtable. */
START_TEST(classes_by_symbol)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	put(&p, RELRO + 0x810, CODE + 0x10);
	check_words(&p, CONTENTS_CXX, "shop::step", RELRO + 0x810);
	put(&p, RELRO + 0x910, CODE + 0x10);
	check_words(&p, CONTENTS_POINTERS, "pointer at 0", RELRO + 0x910);
	process_release(&p);
}
END_TEST

START_TEST(similar_is_no_class)
{
	const struct {
		uint64_t address, word; /* that is wrong */
	} rows[] = {
		{ RELRO + 0x100, 16 },		 /* a part of an object */
		{ RELRO + 0x108, HEAP },	 /* information in the heap */
		{ RELRO + 0x108, 0 },		 /* none, nor a symbol */
		{ RELRO + 0x110, DATA },	 /* no function */
		{ RELRO + 0x150, HEAP },	 /* information of no vtable */
		{ RELRO + 0x158, HEAP + 0x900 }, /* a name in the heap */
		{ RELRO + 0x158, CODE + 9 },	 /* no name */
		{ CONSTANTS + 0x100, 0x2f },	 /* not of its characters */
		{ CONSTANTS + 0x100, 0x3939 },	 /* not mangled: "99" */
	};
	static struct process p;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hs_ck_ok(process_make(&p));
		put_class(&p, RELRO + 0x110, "N4shop7sessionE");
		put(&p, rows[i].address, rows[i].word);
		put_text(&p, HEAP + 0x900, "7session");
		check_words(&p, CONTENTS_POINTERS, "pointer at 0",
			    RELRO + 0x110);
		process_release(&p);
	}
}
END_TEST

/* Names have an end, and are asked for once. */
START_TEST(names_end)
{
	static struct process p;
	unsigned reads;

	hs_ck_ok(process_make(&p));
	put_class(&p, RELRO + 0x110, "1500");
	memset(at(&p, CONSTANTS + 0x104), 'a', 1500);
	check_words(&p, CONTENTS_POINTERS, "pointer at 0", RELRO + 0x110);
	ck_assert_uint_lt(p.reads, 100);
	reads = p.reads;
	check_words(&p, CONTENTS_POINTERS, "pointer at 0", RELRO + 0x110);
	ck_assert_uint_eq(p.reads, reads);
	process_release(&p);
}
END_TEST

START_TEST(python_has_types)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	put_types(&p);
	check_words(&p, CONTENTS_PYTHON, "dict", 3, DATA + 0x600, 5);
	check_words(&p, CONTENTS_PYTHON, "collections.OrderedDict", 1,
		    HEAP + 0xa00);
	check_words(&p, CONTENTS_PYTHON, "ABCMeta", 1, HEAP + 0x800);
	check_words(&p, CONTENTS_PYTHON, "type", 1, DATA + 0x400);
	/* Behind the collector's links, and what 3.11 has before them. */
	check_words(&p, CONTENTS_PYTHON, "dict", HEAP + 0x40, HEAP + 0x80, 3,
		    DATA + 0x600);
	check_words(&p, CONTENTS_PYTHON, "dict", 0, HEAP + 0x20, HEAP + 0x40,
		    HEAP + 0x80, 3, DATA + 0x600);
	check_words(&p, CONTENTS_PYTHON, "dict behind 8 bytes", 56, 3,
		    DATA + 0x600, 5);
	process_release(&p);
}
END_TEST

START_TEST(similar_is_no_python)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	put_types(&p);
	/* Freed: nobody has it. */
	check_words(&p, CONTENTS_POINTERS, "pointer at 8", 0, DATA + 0x600);
	/* Types in a circle, of which none is "type". */
	put_type(&p, HEAP + 0xc00, HEAP + 0xe00, CONSTANTS + 0x260);
	put_type(&p, HEAP + 0xe00, HEAP + 0xc00, CONSTANTS + 0x260);
	check_words(&p, CONTENTS_POINTERS, "pointer at 8", 3, HEAP + 0xc00);
	put_type(&p, HEAP + 0xd00, HEAP + 0xd00, CONSTANTS + 0x260);
	check_words(&p, CONTENTS_POINTERS, "pointer at 8", 4, HEAP + 0xd00);
	/* Its name is none. */
	put_type(&p, HEAP + 0x1000, DATA + 0x400, HEAP + 0x1100);
	put_text(&p, HEAP + 0x1100, "a b");
	check_words(&p, CONTENTS_POINTERS, "pointer at 8", 4, HEAP + 0x1000);
	process_release(&p);
}
END_TEST

START_TEST(text_has_a_shape)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	check_bytes(&p, CONTENTS_TEXT, "text", "customer 4711");
	check_bytes(&p, CONTENTS_TEXT, "text",
		    "Gr\xc3\xb6\xc3\x9f"
		    "e");
	check_bytes(&p, CONTENTS_TEXT, "text like JSON", "{ \"id\": 7 }");
	check_bytes(&p, CONTENTS_TEXT, "text like XML", "<?xml version");
	check_bytes(&p, CONTENTS_TEXT, "text like a URL", "https://a.b/");
	check_bytes(&p, CONTENTS_TEXT, "text like a path", "/var/lib");
	check_bytes(&p, CONTENTS_TEXT, "digits", "2026-11-30");
	check_bytes(&p, CONTENTS_TEXT, "hexadecimal digits",
		    "0123456789abcdef");
	/* As far as it was read, amid a character. */
	memset(p.region.bytes, 'x', SMALL);
	p.region.bytes[SMALL - 1] = 0xc3;
	check(&p, CONTENTS_TEXT, "text");
	process_release(&p);
}
END_TEST

START_TEST(similar_is_no_text)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	check_bytes(&p, CONTENTS_NUMBERS, "small numbers", "abc");
	check_bytes(&p, CONTENTS_OTHER, "other",
		    "custom\x01"
		    "er of ours");
	check_bytes(&p, CONTENTS_OTHER, "other", "\xc3(\xc3(\xc3(\xc3(");
	/* The lower bytes of an address that is one: "APUUUU". */
	check_words(&p, CONTENTS_POINTERS, "pointer at 0", CODE + 0x41);
	check_words(&p, CONTENTS_TEXT, "text", UINT64_C(0x555566666666));
	process_release(&p);
}
END_TEST

START_TEST(text_behind_headers)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	/* Redis: with lengths of one byte, of two, and of five bits. */
	check_bytes(&p, CONTENTS_TEXT, "text behind 3 bytes",
		    "\x08\x10\x01thirteen");
	check_bytes(&p, CONTENTS_OTHER, "other", "\x09\x10\x01thirteen");
	check_bytes(&p, CONTENTS_OTHER, "other", "\x08\x07\x01thirteen");
	check_bytes(&p, CONTENTS_TEXT, "text like JSON behind 5 bytes",
		    "\x08\x00\x10\x00\x02[\"abcd\"]");
	check_bytes(&p, CONTENTS_TEXT, "text behind 1 bytes", "\x18six");
	check_words(&p, CONTENTS_TEXT, "text behind 16 bytes", HEAP + 16, 3,
		    UINT64_C(0x6f6f66));
	check_words(&p, CONTENTS_TEXT, "text behind 24 bytes", 5, 8,
		    UINT64_C(0xffffffffff), UINT64_C(0x6c6c657773));
	check_words(&p, CONTENTS_OTHER, "other", 6, 8, UINT64_C(0xffffffffff),
		    UINT64_C(0x6c6c657773));
	process_release(&p);
}
END_TEST

START_TEST(names_of_what_is_pointed_to)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	check_words(&p, CONTENTS_C, "points to hashDictType", DATA + 0x100, 1);
	check_words(&p, CONTENTS_C, "points to hashDictType", DATA + 0x138);
	check_words(&p, CONTENTS_POINTERS, "pointer at 0", DATA + 0x140);
	check_words(&p, CONTENTS_POINTERS, "pointer at 0", BSS + 0x140);
	/* Behind the size that was asked for, and was not. */
	check_words(&p, CONTENTS_C, "points to hashDictType behind 8 bytes", 56,
		    DATA + 0x100);
	check_words(&p, CONTENTS_POINTERS, "pointer at 8", 40, DATA + 0x100);
	check_words(&p, CONTENTS_POINTERS, "pointer at 8", 57, DATA + 0x100);
	check_words(&p, CONTENTS_C, "points to hashDictType behind 32 bytes", 9,
		    32, 0, UINT64_C(0xffffffffff), DATA + 0x100);
	check_words(&p, CONTENTS_TEXT, "text behind 16 bytes", 0, 48,
		    UINT64_C(0x6c6c657773));
	process_release(&p);
}
END_TEST

START_TEST(shapes)
{
	static struct process p;

	hs_ck_ok(process_make(&p));
	check_words(&p, CONTENTS_ZEROS, "zeros", 0, 0);
	check_words(&p, CONTENTS_POINTERS, "pointers at 0, 16", HEAP + 3, 1,
		    HEAP + 64, UINT64_C(0x1234567812345678));
	check_words(&p, CONTENTS_NUMBERS, "small numbers", 0, 1, UINT32_MAX);
	check_words(&p, CONTENTS_OTHER, "other", 0, 1, UINT64_C(0x100000000));
	/* A region of eight bytes is read as such. */
	p.region.size = p.region.len = 8;
	check_words(&p, CONTENTS_POINTERS, "pointer at 0", HEAP);
	check_bytes(&p, CONTENTS_TEXT, "text", "eight le");
	process_release(&p);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/classify", classes_have_names,
			    classes_within_others, classes_by_symbol,
			    similar_is_no_class, names_end, python_has_types,
			    similar_is_no_python, text_has_a_shape,
			    similar_is_no_text, text_behind_headers,
			    names_of_what_is_pointed_to, shapes);
}
