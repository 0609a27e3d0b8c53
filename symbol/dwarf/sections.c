#include "symbol/dwarf/sections.h"

#include <gelf.h>
#include <libdeflate.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/cleanup.h"

enum {
	/* What one packed byte can become: zlib's technical notes; of zstd a
	 * block of 128 KiB takes four (RFC 8878, 3.1.1.2). */
	DEFLATE_MAX = 1032,
	ZSTD_MAX = 32768,
};

/* How a section is packed. */
enum packing {
	PACKED_NOT,
	PACKED_ZLIB,
	PACKED_ZSTD,
};

static const char *const names[DWARF_SECTIONS] = {
	[DWARF_INFO] = "info",	       [DWARF_ABBREV] = "abbrev",
	[DWARF_LINE] = "line",	       [DWARF_LINE_STR] = "line_str",
	[DWARF_STR] = "str",	       [DWARF_STR_OFFSETS] = "str_offsets",
	[DWARF_ADDR] = "addr",	       [DWARF_RANGES] = "ranges",
	[DWARF_RNGLISTS] = "rnglists", [DWARF_CU_INDEX] = "cu_index",
};

/* Which section @name is: ".debug_info", ".zdebug_info" or, @split,
 * ".debug_info.dwo". DWARF_SECTIONS: none of them. */
static enum dwarf_section which_section(const char *name, bool split,
					bool *gnu_compressed)
{
	size_t len, i;

	*gnu_compressed = !strncmp(name, ".zdebug_", 8);
	if (!*gnu_compressed && strncmp(name, ".debug_", 7))
		return DWARF_SECTIONS;
	name += *gnu_compressed ? 8 : 7;
	len = strlen(name);
	if (split && len > 4 && !strcmp(name + len - 4, ".dwo"))
		len -= 4;
	/* The index of a package is about .dwo sections, but not named so. */
	else if (split && strcmp(name, names[DWARF_CU_INDEX]) != 0)
		return DWARF_SECTIONS;
	for (i = 0; i < DWARF_SECTIONS; i++)
		if (strlen(names[i]) == len && !memcmp(name, names[i], len))
			return (enum dwarf_section)i;
	return DWARF_SECTIONS;
}

/* true: @packed is what became these @size bytes. */
static bool inflate_to(struct slice packed, uint8_t *data, uint64_t size)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result result;

	if (!d)
		return false;
	/* Without a place for the number of bytes these must be all. */
	result = libdeflate_zlib_decompress(d, packed.data, packed.size, data,
					    size, NULL);
	libdeflate_free_decompressor(d);
	return result == LIBDEFLATE_SUCCESS;
}

static bool unpack_to(enum packing packing, struct slice packed, uint8_t *data,
		      uint64_t size)
{
	if (packing == PACKED_ZSTD)
		return ZSTD_decompress(data, size, packed.data, packed.size) ==
		       size;
	return inflate_to(packed, data, size);
}

/* Unpacks @packed to @size bytes. *ret stays empty when it is damaged. */
static struct hs_error *unpack(enum packing packing, struct slice packed,
			       uint64_t size, void **owned, struct slice *ret)
{
	uint64_t ratio = packing == PACKED_ZSTD ? ZSTD_MAX : DEFLATE_MAX;
	_cleanup_free_ uint8_t *data = NULL;

	if (!size || size / ratio > packed.size)
		return NULL;
	data = malloc(size);
	if (!data)
		return hs_error_nomem();
	if (!unpack_to(packing, packed, data, size))
		return NULL;
	*ret = (struct slice){ data, size };
	*owned = take_ptr(data);
	return NULL;
}

static uint64_t big_endian(const uint8_t *p)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

/* ELFCOMPRESS_*: which of them ch_type says. */
static enum packing elf_packing(uint32_t type)
{
	switch (type) {
	case ELFCOMPRESS_ZLIB:
		return PACKED_ZLIB;
	case 2: /* ELFCOMPRESS_ZSTD, which glibc 2.36 does not name */
		return PACKED_ZSTD;
	default:
		return PACKED_NOT;
	}
}

/* The ELF header of compressed sections, elf(5) Chdr; ".zdebug_" has "ZLIB" and
 * the size, big-endian. PACKED_NOT: damaged, or packed in another way. */
static enum packing read_packed_header(const struct elf_file *elf, bool gnu,
				       struct slice *packed, uint64_t *size)
{
	struct cursor c = cursor_at(*packed, 0);
	bool wide = elf->elf_class == ELFCLASS64;
	enum packing packing = PACKED_ZLIB;

	if (gnu) {
		if (packed->size < 12 || memcmp(packed->data, "ZLIB", 4) != 0)
			return PACKED_NOT;
		*size = big_endian(packed->data + 4);
		cursor_skip(&c, 12);
	} else {
		packing = elf_packing(cursor_u32(&c));
		cursor_skip(&c, wide ? 4 : 0);
		*size = cursor_uint(&c, wide ? 8 : 4);
		cursor_skip(&c, wide ? 8 : 4);
	}
	*packed = (struct slice){ c.at, cursor_left(&c) };
	return c.failed ? PACKED_NOT : packing;
}

/* What others may write to is copied, and takes memory as what is unpacked
 * does. */
static bool may_read(const struct elf_file *elf, Elf_Scn *scn, uint64_t size,
		     struct unpack_budget *budget)
{
	return (!elf->copy ||
		unpack_budget_take(budget, elf->name, size, size)) &&
	       elf_file_may_read(elf, elf_ndxscn(scn));
}

struct hs_error *dwarf_sections_read(const struct elf_file *elf, bool split,
				     struct unpack_budget *budget,
				     struct slice *sections, void **owned)
{
	uint64_t size = 0;
	struct hs_error *err = NULL;
	Elf_Scn *scn = NULL;
	size_t strings;

	if (elf_getshdrstrndx(elf->elf, &strings))
		return NULL;
	while (!err && (scn = elf_nextscn(elf->elf, scn))) {
		enum dwarf_section which = DWARF_SECTIONS;
		enum packing packing;
		const char *name = NULL;
		struct slice raw;
		Elf_Data *data;
		GElf_Shdr shdr;
		bool gnu = false;

		if (gelf_getshdr(scn, &shdr) && shdr.sh_type != SHT_NOBITS)
			name = elf_strptr(elf->elf, strings, shdr.sh_name);
		if (name)
			which = which_section(name, split, &gnu);
		if (which == DWARF_SECTIONS || sections[which].data ||
		    !may_read(elf, scn, shdr.sh_size, budget))
			continue;
		data = elf_rawdata(scn, NULL);
		if (!data || !data->d_buf)
			continue;
		raw = (struct slice){ data->d_buf, data->d_size };
		if (!gnu && !(shdr.sh_flags & SHF_COMPRESSED)) {
			sections[which] = raw;
			continue;
		}
		packing = read_packed_header(elf, gnu, &raw, &size);
		if (packing != PACKED_NOT &&
		    unpack_budget_take(budget, elf->name, raw.size, size))
			err = unpack(packing, raw, size, &owned[which],
				     &sections[which]);
	}
	return err;
}
