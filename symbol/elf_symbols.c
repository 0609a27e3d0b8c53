#include "base/intern.h"
#include "symbol/elf_symbols.h"

#include <gelf.h>
#include <libelf.h>
#include <string.h>

/* Bytes of a table: twenty million symbols. libelf copies one that is not
 * aligned, and it may be a hole in the file. */
static const uint64_t symbols_max = 512 << 20;

/* .symtab or .dynsym, opened for reading. */
struct symbol_table {
	const struct elf_file *file;
	Elf_Data *data;
	Elf_Data *versions; /* .gnu.version for .dynsym, or NULL */
	uint32_t strings;   /* section index of the names */
	bool dynamic;	    /* .dynsym */
	size_t n;
};

/* st_shndx as a section header; false when it is none (SHN_ABS, ...). Indices
 * of SHN_XINDEX are in a table of their own, which only files with more than
 * 65,279 sections have: no program or library. */
static bool symbol_section(const struct symbol_table *table,
			   const GElf_Sym *sym, GElf_Shdr *ret)
{
	Elf_Scn *scn;

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE)
		return false;
	scn = elf_getscn(table->file->elf, sym->st_shndx);
	return scn && gelf_getshdr(scn, ret);
}

static bool symbol_wanted(const GElf_Sym *sym)
{
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_FUNC:
	case STT_GNU_IFUNC:
	case STT_OBJECT:
	case STT_NOTYPE:
		return sym->st_shndx != SHN_UNDEF;
	default:
		return false;
	}
}

static const char *symbol_raw_name(const struct symbol_table *table,
				   const GElf_Sym *sym)
{
	return elf_strptr(table->file->elf, table->strings, sym->st_name);
}

/* Length without "@VERSION" or "@@VERSION". */
static size_t name_length(const char *name)
{
	const char *at = name[0] ? strchr(name + 1, '@') : NULL;

	return at ? (size_t)(at - name) : strlen(name);
}

/* @name without its version: "" when the names of a damaged file, which may
 * all be the same bytes, become too many. */
static struct hs_error *cut_name(struct elf_names *names, const char *name,
				 size_t len, const char **ret)
{
	size_t before = names->table.n;
	struct hs_error *err;

	*ret = "";
	if (len > names->left)
		return NULL;
	err = intern_string(&names->table, name, len, ret);
	if (names->table.n > before)
		names->left -= len;
	return err;
}

static struct hs_error *symbol_fill(const struct symbol_table *table,
				    const GElf_Sym *sym, const char *name,
				    const char *source, struct elf_symbol *ret)
{
	unsigned int type = GELF_ST_TYPE(sym->st_info);
	size_t len = name_length(name);
	GElf_Shdr section;

	*ret = (struct elf_symbol){
		.address = sym->st_value,
		.size = sym->st_size,
		.name = name,
		.function = type == STT_FUNC || type == STT_GNU_IFUNC,
		.object = type == STT_OBJECT,
		.dynamic = table->dynamic,
		.local = GELF_ST_BIND(sym->st_info) == STB_LOCAL,
	};
	if (ret->local)
		ret->source = source;
	if (symbol_section(table, sym, &section) &&
	    section.sh_flags & SHF_EXECINSTR) {
		ret->code = true;
		ret->code_limit = section.sh_addr + section.sh_size;
	}
	if (!name[len])
		return NULL;
	return cut_name(table->file->names, name, len, &ret->name);
}

static Elf_Data *find_versions(const struct elf_file *file, size_t symbols)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	while ((scn = elf_nextscn(file->elf, scn)))
		if (gelf_getshdr(scn, &shdr) && shdr.sh_size <= symbols_max &&
		    shdr.sh_type == SHT_GNU_versym && shdr.sh_link == symbols)
			return elf_file_may_read(file, elf_ndxscn(scn))
				       ? elf_getdata(scn, NULL)
				       : NULL;
	return NULL;
}

/* Opens the first section of @type; n is 0 when there is none. In files of
 * separate debug information .dynsym has a header but no bytes (SHT_NOBITS). */
static struct hs_error *symbol_table_open(const struct elf_file *file,
					  uint32_t type,
					  struct symbol_table *ret)
{
	size_t entry = gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT);
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	*ret = (struct symbol_table){ .file = file,
				      .dynamic = type == SHT_DYNSYM };
	while ((scn = elf_nextscn(file->elf, scn))) {
		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != type)
			continue;
		if (shdr.sh_size <= symbols_max &&
		    elf_file_may_read(file, elf_ndxscn(scn)) &&
		    elf_file_may_read(file, shdr.sh_link))
			ret->data = elf_getdata(scn, NULL);
		if (!ret->data || !entry)
			return hs_error_new(HS_ERROR_INPUT,
					    "'%s' is damaged: cannot read its "
					    "symbol table",
					    file->name);
		ret->strings = shdr.sh_link;
		ret->n = ret->data->d_size / entry;
		if (ret->dynamic)
			ret->versions = find_versions(file, elf_ndxscn(scn));
		break;
	}
	return NULL;
}

/* Whether to go on with symbol @i. */
static struct hs_error *check_time(const struct elf_file *file, size_t i)
{
	enum { OFTEN = 1 << 14 };

	return file->deadline && i % OFTEN == 0 ? deadline_check(file->deadline)
						: NULL;
}

static struct hs_error *symbol_table_each(const struct symbol_table *table,
					  bool (*fn)(const struct elf_symbol *,
						     void *),
					  void *arg, bool *more)
{
	const char *source = NULL;
	size_t i;

	for (i = 0; i < table->n && *more; i++) {
		struct elf_symbol symbol;
		struct hs_error *err = check_time(table->file, i);
		const char *name;
		GElf_Sym sym;

		if (err)
			return err;
		if (!gelf_getsym(table->data, (int)i, &sym))
			break;
		name = symbol_raw_name(table, &sym);
		if (GELF_ST_TYPE(sym.st_info) == STT_FILE)
			source = name;
		if (!name || !name[0] || !symbol_wanted(&sym))
			continue;
		err = symbol_fill(table, &sym, name, source, &symbol);
		if (err)
			return err;
		if (symbol.name[0])
			*more = fn(&symbol, arg);
	}
	return NULL;
}

struct hs_error *elf_file_each_symbol(const struct elf_file *file,
				      bool (*fn)(const struct elf_symbol *sym,
						 void *arg),
				      void *arg)
{
	static const uint32_t types[] = { SHT_SYMTAB, SHT_DYNSYM };
	struct hs_error *err = NULL;
	bool more = true;
	size_t i;

	for (i = 0; i < 2 && more && !err; i++) {
		struct symbol_table table;

		err = symbol_table_open(file, types[i], &table);
		if (!err)
			err = symbol_table_each(&table, fn, arg, &more);
	}
	return err;
}

/* An old version, which new programs are not linked to: its version index has
 * the "hidden" bit, as memcpy@GLIBC_2.2.5 beside memcpy@@GLIBC_2.14. */
static bool symbol_hidden(const struct symbol_table *table, size_t i)
{
	GElf_Versym version;

	return table->versions &&
	       gelf_getversym(table->versions, (int)i, &version) &&
	       version & 0x8000;
}

static bool symbol_table_find(const struct symbol_table *table,
			      const char *name, struct elf_symbol *ret)
{
	size_t len = strlen(name), i;
	bool found = false;

	for (i = 0; i < table->n; i++) {
		struct hs_error *err = check_time(table->file, i);
		const char *have;
		GElf_Sym sym;

		if (err) {
			hs_error_free(err);
			return false;
		}
		if (!gelf_getsym(table->data, (int)i, &sym) ||
		    !symbol_wanted(&sym))
			continue;
		have = symbol_raw_name(table, &sym);
		if (!have || strncmp(have, name, len) ||
		    name_length(have) != len)
			continue;
		if (found && symbol_hidden(table, i))
			continue;
		err = symbol_fill(table, &sym, have, NULL, ret);
		if (err) {
			hs_error_free(err);
			return false;
		}
		if (!symbol_hidden(table, i))
			return true;
		found = true;
	}
	return found;
}

bool elf_file_find_symbol(const struct elf_file *file, const char *name,
			  struct elf_symbol *ret)
{
	static const uint32_t types[] = { SHT_DYNSYM, SHT_SYMTAB };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct symbol_table table;
		struct hs_error *err;

		err = symbol_table_open(file, types[i], &table);
		if (!err && symbol_table_find(&table, name, ret))
			return true;
		hs_error_free(err);
	}
	return false;
}
