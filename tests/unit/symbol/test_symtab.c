/*
 * Proves that an address has the name of the symbol that holds it, the most
 * public of several, and no name at all where no symbol is: in hand-written
 * assembly as in stripped files; and that nested ranges are cut right.
 */
#include "symbol/symtab.h"

#include "symbol/dwarf/range_index.h"
#include "tests/unit/symbol_check.h"

static const char *name_at(const struct symtab *table, uint64_t address)
{
	const struct symtab_entry *entry = symtab_find(table, address);

	return entry ? entry->name : "-";
}

START_TEST(hand_written_assembly)
{
	static const struct {
		const char *label;
		uint64_t offset;
		const char *name;
	} want[] = {
		{ "sized", 0, "sized" },
		{ "sized", 31, "sized" }, /* behind inner_label, too */
		{ "sized", 32, "-" },	  /* beyond its size */
		{ "sized", 63, "-" },
		{ "outer", 0, "outer" },
		{ "outer", 7, "outer" },
		{ "outer", 8, "nested" },
		{ "outer", 15, "nested" },
		{ "outer", 16, "outer" },
		{ "outer", 23, "outer" },
		{ "untyped", 0, "untyped" },
		{ "untyped", 15, "untyped" },
		{ "untyped", 16, "-" }, /* table: data */
		{ "untyped", 31, "-" },
		{ "unsized", 0, "unsized" },
		{ "unsized", 15, "unsized" },
		{ "unsized", 16, "-" }, /* the section's end */
	};
	char *folder, *path;
	struct elf_file *file;
	struct symtab table = { 0 };
	size_t i;

	if (!is_x86_64())
		return;
	folder = make_folder();
	run("gcc -shared -nostdlib -o '%s/lib' " SOURCES "hand_x86_64.S",
	    folder);
	ck_assert_int_ge(asprintf(&path, "%s/lib", folder), 0);
	file = open_elf(path);
	hs_ck_ok(symtab_add(&table, file));
	hs_ck_ok(symtab_finish(&table));
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		uint64_t at = address_of(file, want[i].label) + want[i].offset;

		ck_assert_str_eq(name_at(&table, at), want[i].name);
	}
	ck_assert_str_eq(name_at(&table, 0), "-");
	ck_assert_str_eq(name_at(&table, UINT64_MAX), "-");
	symtab_release(&table);
	elf_file_close(file);
	free(path);
	remove_folder(folder);
}
END_TEST

/* Without .symtab a symbol that has no size could end anywhere. */
START_TEST(stripped_assembly)
{
	char *folder, *path;
	struct elf_file *file;
	struct symtab table = { 0 };

	if (!is_x86_64())
		return;
	folder = make_folder();
	run("gcc -shared -nostdlib -s -o '%s/lib' " SOURCES "hand_x86_64.S",
	    folder);
	ck_assert_int_ge(asprintf(&path, "%s/lib", folder), 0);
	file = open_elf(path);
	hs_ck_ok(symtab_add(&table, file));
	hs_ck_ok(symtab_finish(&table));
	ck_assert_str_eq(name_at(&table, address_of(file, "sized")), "sized");
	ck_assert_str_eq(name_at(&table, address_of(file, "untyped")), "-");
	ck_assert_str_eq(name_at(&table, address_of(file, "unsized")), "-");
	symtab_release(&table);
	elf_file_close(file);
	free(path);
	remove_folder(folder);
}
END_TEST

START_TEST(names_of_one_address)
{
	char *folder, *path;
	struct elf_file *file;
	struct symtab table = { 0 };
	const struct symtab_entry *entry;

	if (!is_x86_64())
		return;
	folder = make_folder();
	run("gcc -shared -nostdlib -o '%s/lib' " SOURCES "hand_x86_64.S",
	    folder);
	ck_assert_int_ge(asprintf(&path, "%s/lib", folder), 0);
	file = open_elf(path);
	hs_ck_ok(symtab_add(&table, file));
	hs_ck_ok(symtab_finish(&table));
	entry = symtab_find(&table, address_of(file, "sized"));
	ck_assert(symtab_is_alias(&table, entry, "sized"));
	ck_assert(symtab_is_alias(&table, entry, "sized_long_name"));
	ck_assert(!symtab_is_alias(&table, entry, "_sized"));
	ck_assert(!symtab_is_alias(&table, entry, "a_local"));
	ck_assert(!symtab_is_alias(&table, entry, "outer"));
	symtab_release(&table);
	elf_file_close(file);
	free(path);
	remove_folder(folder);
}
END_TEST

START_TEST(base_names)
{
	static const struct {
		const char *name, *base;
	} want[] = {
		{ "f", "f" },
		{ "", "" },
		{ "f.cold", "f" },
		{ "f.part.0", "f" },
		{ "f.part.0.cold", "f" },
		{ "f.constprop.0.isra.1", "f" },
		{ "_ZN1A1fEv.cold", "_ZN1A1fEv" },
		{ "f.lto_priv.12", "f" },
		{ "f.llvm.123456", "f" },
		{ "f.localalias", "f" },
		{ ".cold", ".cold" },
		{ "f.", "f." },
		{ "f.5", "f.5" },
		{ "f.1.2", "f.1.2" },
		{ "f.coldest", "f.coldest" },
		{ "runtime.mallocgc", "runtime.mallocgc" },
		{ "f.part.x", "f.part.x" },
	};
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_msg(symbol_base_length(want[i].name) ==
				      strlen(want[i].base),
			      "%s: %zu", want[i].name,
			      symbol_base_length(want[i].name));
}
END_TEST

/* Random ranges, against painting each address by hand. */
START_TEST(nested_ranges)
{
	enum { SPAN = 200, RANGES = 30 };
	uint32_t random = (uint32_t)_i + 1, painted[SPAN], i, depth = 0;
	uint64_t low[RANGES], high[RANGES], at;
	struct range_map map = { 0 };

	for (at = 0; at < SPAN; at++)
		painted[at] = UINT32_MAX;
	/* Each lies in the one before. */
	for (i = 0; i < RANGES; i++) {
		uint64_t from = i ? low[i - 1] : 0;
		uint64_t to = i ? high[i - 1] : SPAN;

		random = random * 1103515245 + 12345;
		low[i] = from + (random >> 16) % ((to - from) / 4 + 1);
		high[i] = to - (random >> 8) % ((to - from) / 4 + 1);
		hs_ck_ok(range_map_add(&map, low[i], high[i], depth++, i));
		for (at = low[i]; at < high[i]; at++)
			painted[at] = i;
	}
	hs_ck_ok(range_map_flatten(&map));
	for (at = 0; at < SPAN; at++) {
		const struct range *r = range_map_find(&map, at);

		ck_assert_uint_eq(r ? r->id : UINT32_MAX, painted[at]);
	}
	range_map_release(&map);
}
END_TEST

START_TEST(odd_ranges)
{
	struct range_map map = { 0 };

	hs_ck_ok(range_map_flatten(&map));
	ck_assert_ptr_null(range_map_find(&map, 0));
	hs_ck_ok(range_map_add(&map, 5, 5, 0, 1)); /* empty */
	hs_ck_ok(range_map_add(&map, 9, 3, 0, 2)); /* backward */
	hs_ck_ok(range_map_add(&map, 10, 30, 0, 3));
	hs_ck_ok(range_map_add(&map, 20, 40, 0, 4)); /* overlaps 3 */
	hs_ck_ok(range_map_add(&map, 40, UINT64_MAX, 0, 5));
	hs_ck_ok(range_map_flatten(&map));
	ck_assert_ptr_null(range_map_find(&map, 5));
	ck_assert_ptr_null(range_map_find(&map, 9));
	ck_assert_uint_eq(range_map_find(&map, 10)->id, 3);
	ck_assert_uint_eq(range_map_find(&map, 19)->id, 3);
	ck_assert_uint_eq(range_map_find(&map, 20)->id, 4);
	ck_assert_uint_eq(range_map_find(&map, 39)->id, 4);
	ck_assert_uint_eq(range_map_find(&map, 40)->id, 5);
	ck_assert_uint_eq(range_map_find(&map, UINT64_MAX - 1)->id, 5);
	ck_assert_ptr_null(range_map_find(&map, UINT64_MAX));
	range_map_release(&map);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symbol/symtab");
	TCase *tcase = tcase_create("symtab");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, hand_written_assembly);
	tcase_add_test(tcase, stripped_assembly);
	tcase_add_test(tcase, names_of_one_address);
	tcase_add_test(tcase, base_names);
	tcase_add_loop_test(tcase, nested_ranges, 0, 20);
	tcase_add_test(tcase, odd_ranges);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
