/*
 * Proves that an address has the name of the symbol that holds it, the most
 * public of several, and no name at all where no symbol is: in hand-written
 * assembly as in stripped files.
 */
#include "symbol/symtab.h"

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

int main(void)
{
	Suite *suite = suite_create("symbol/symtab");
	TCase *tcase = tcase_create("symtab");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, hand_written_assembly);
	tcase_add_test(tcase, stripped_assembly);
	tcase_add_test(tcase, names_of_one_address);
	tcase_add_test(tcase, base_names);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
