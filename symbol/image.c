#include "symbol/image.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Bounds, so that a process cannot make us read or write without end. The
 * largest libraries have some hundred thousand exported symbols. */
enum {
	SEGMENTS_MAX = 64,
	DYNAMIC_MAX = 4096, /* entries */
	SYMBOLS_MAX = 4 << 20,
	SMALL = 64 << 10, /* bytes of a segment */
	STRINGS_MAX = 512 << 20,
};

static const uint64_t image_max = 1ULL << 36; /* bytes */

static const char section_names[] = "\0.text\0.dynsym\0.dynstr\0.shstrtab";

enum { NAME_TEXT = 1, NAME_DYNSYM = 7, NAME_DYNSTR = 15, NAME_SHSTRTAB = 23 };

struct image {
	image_read_fn *read;
	void *arg;
	const char *name;
	uint64_t address; /* of the ELF header */
	uint64_t bias;	  /* runtime address minus the file's own address */
	uint64_t end;	  /* of the last segment, in the file's own addresses */
	uint64_t size;	  /* of the file so far */
	Elf64_Ehdr header;
	Elf64_Phdr segments[SEGMENTS_MAX];
	Elf64_Sym *symbols; /* owned */
	size_t n_symbols;
	char *strings; /* owned */
	size_t n_strings;
	int fd;
};

/* Entries of the dynamic section, in the file's own addresses; 0: absent. */
struct dynamic {
	uint64_t symbols, strings, n_strings, hash, gnu_hash;
};

static struct hs_error *damaged(const struct image *image, const char *what)
{
	return hs_error_new(HS_ERROR_INPUT,
			    "'%s' is damaged in the memory of the process: %s",
			    image->name, what);
}

/* @address: the file's own. */
static struct hs_error *fetch(const struct image *image, uint64_t address,
			      void *buf, size_t len)
{
	return image->read(image->arg, address + image->bias, buf, len);
}

static struct hs_error *read_header(struct image *image)
{
	const unsigned char want[] = { ELFMAG0, ELFMAG1,    ELFMAG2,
				       ELFMAG3, ELFCLASS64, ELFDATA2LSB };
	Elf64_Ehdr *header = &image->header;
	struct hs_error *err;

	err = image->read(image->arg, image->address, header, sizeof(*header));
	if (err)
		return err;
	if (memcmp(header->e_ident, want, sizeof(want)) ||
	    header->e_phentsize != sizeof(Elf64_Phdr) || !header->e_phnum ||
	    header->e_phnum > SEGMENTS_MAX || header->e_phoff > image_max)
		return damaged(image, "it does not begin with an ELF header");
	return image->read(image->arg, image->address + header->e_phoff,
			   image->segments,
			   header->e_phnum * sizeof(Elf64_Phdr));
}

static struct hs_error *read_segments(struct image *image)
{
	bool found = false;
	size_t i;

	for (i = 0; i < image->header.e_phnum; i++) {
		const Elf64_Phdr *s = &image->segments[i];

		if (s->p_offset > image_max || s->p_filesz > image_max ||
		    s->p_vaddr > UINT64_MAX / 2 || s->p_memsz > image_max)
			return damaged(image, "a segment's size is impossible");
		if (s->p_offset + s->p_filesz > image->size)
			image->size = s->p_offset + s->p_filesz;
		if (s->p_type != PT_LOAD)
			continue;
		if (s->p_vaddr + s->p_memsz > image->end)
			image->end = s->p_vaddr + s->p_memsz;
		/* The one that has the header. */
		if (!found && s->p_offset == 0) {
			image->bias = image->address - s->p_vaddr;
			found = true;
		}
	}
	return found ? NULL : damaged(image, "no segment has its header");
}

/* ld.so of glibc writes runtime addresses over the file's own ones on most
 * machines, that of musl does not. */
static uint64_t own_address(const struct image *image, uint64_t value)
{
	return value < image->end ? value : value - image->bias;
}

static void take_entry(const struct image *image, const Elf64_Dyn *entry,
		       struct dynamic *ret)
{
	switch (entry->d_tag) {
	case DT_SYMTAB:
		ret->symbols = own_address(image, entry->d_un.d_ptr);
		break;
	case DT_STRTAB:
		ret->strings = own_address(image, entry->d_un.d_ptr);
		break;
	case DT_STRSZ:
		ret->n_strings = entry->d_un.d_val;
		break;
	case DT_HASH:
		ret->hash = own_address(image, entry->d_un.d_ptr);
		break;
	case DT_GNU_HASH:
		ret->gnu_hash = own_address(image, entry->d_un.d_ptr);
		break;
	default:
		break;
	}
}

static struct hs_error *read_dynamic(const struct image *image,
				     struct dynamic *ret)
{
	const Elf64_Phdr *segment = NULL;
	struct hs_error *err = NULL;
	Elf64_Dyn entry;
	size_t i;

	for (i = 0; i < image->header.e_phnum; i++)
		if (image->segments[i].p_type == PT_DYNAMIC)
			segment = &image->segments[i];
	for (i = 0; segment && i < DYNAMIC_MAX &&
		    (i + 1) * sizeof(entry) <= segment->p_memsz;
	     i++) {
		err = fetch(image, segment->p_vaddr + i * sizeof(entry), &entry,
			    sizeof(entry));
		if (err || entry.d_tag == DT_NULL)
			break;
		take_entry(image, &entry, ret);
	}
	return err;
}

/* The chains of DT_GNU_HASH hold all symbols that can be found, the last one
 * of each marked by its lowest bit; they begin at the largest bucket's. */
static struct hs_error *count_gnu(const struct image *image, uint64_t table,
				  size_t *ret)
{
	struct {
		uint32_t n_buckets, first, bloom_words, shift;
	} head;
	uint64_t buckets, chains;
	uint32_t last = 0, word = 0, i;
	struct hs_error *err = fetch(image, table, &head, sizeof(head));

	if (err)
		return err;
	if (head.n_buckets > SYMBOLS_MAX || head.bloom_words > SYMBOLS_MAX)
		return damaged(image, "its hash table is too large");
	buckets = table + sizeof(head) + (uint64_t)head.bloom_words * 8;
	chains = buckets + (uint64_t)head.n_buckets * 4;
	for (i = 0; i < head.n_buckets && !err; i++) {
		err = fetch(image, buckets + (uint64_t)i * 4, &word, 4);
		if (!err && word > last)
			last = word;
	}
	*ret = head.first;
	if (err || last < head.first)
		return err;
	for (i = last - head.first; i < SYMBOLS_MAX; i++) {
		err = fetch(image, chains + (uint64_t)i * 4, &word, 4);
		if (err || word & 1)
			break;
	}
	*ret = (size_t)head.first + i + 1;
	return err;
}

static struct hs_error *count_symbols(const struct image *image,
				      const struct dynamic *dynamic,
				      size_t *ret)
{
	uint32_t head[2]; /* buckets, chains: one a symbol */
	struct hs_error *err = NULL;

	*ret = 0;
	if (dynamic->hash) {
		err = fetch(image, dynamic->hash, head, sizeof(head));
		*ret = err ? 0 : head[1];
	} else if (dynamic->gnu_hash) {
		err = count_gnu(image, dynamic->gnu_hash, ret);
	}
	if (!err && *ret > SYMBOLS_MAX)
		return damaged(image, "it has too many symbols");
	return err;
}

static struct hs_error *read_symbols(struct image *image)
{
	struct dynamic dynamic = { 0 };
	struct hs_error *err = read_dynamic(image, &dynamic);
	size_t n = 0;

	if (!err && dynamic.symbols && dynamic.strings)
		err = count_symbols(image, &dynamic, &n);
	if (err || !n)
		return err;
	if (dynamic.n_strings > STRINGS_MAX)
		return damaged(image, "it has too many names");
	image->symbols = calloc(n, sizeof(*image->symbols));
	image->strings = malloc(dynamic.n_strings + 1);
	if (!image->symbols || !image->strings)
		return hs_error_nomem();
	image->n_symbols = n;
	image->n_strings = dynamic.n_strings;
	err = fetch(image, dynamic.symbols, image->symbols,
		    n * sizeof(*image->symbols));
	return err ? err
		   : fetch(image, dynamic.strings, image->strings,
			   image->n_strings);
}

/* --- the file ---------------------------------------------------------------
 */

static struct hs_error *put(const struct image *image, uint64_t offset,
			    const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = pwrite(image->fd, at, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return hs_error_sys(HS_ERROR_SYSTEM, n ? errno : ENOSPC,
					    "cannot copy '%s'", image->name);
		at += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return NULL;
}

/* The build-id is in a note; what it is linked to in the dynamic section. */
static struct hs_error *put_small_segments(const struct image *image)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < image->header.e_phnum && !err; i++) {
		const Elf64_Phdr *s = &image->segments[i];
		_cleanup_free_ void *bytes = NULL;

		if ((s->p_type != PT_NOTE && s->p_type != PT_DYNAMIC) ||
		    s->p_filesz > SMALL)
			continue;
		bytes = malloc(s->p_filesz + 1);
		if (!bytes)
			return hs_error_nomem();
		err = fetch(image, s->p_vaddr, bytes, s->p_filesz);
		if (!err)
			err = put(image, s->p_offset, bytes, s->p_filesz);
	}
	return err;
}

/* Section i + 1 stands for segment i. */
static uint16_t section_of(const struct image *image, uint64_t address)
{
	uint16_t i;

	for (i = 0; i < image->header.e_phnum; i++) {
		const Elf64_Phdr *s = &image->segments[i];

		if (s->p_type == PT_LOAD && address >= s->p_vaddr &&
		    address - s->p_vaddr < s->p_memsz)
			return (uint16_t)(i + 1);
	}
	return SHN_ABS;
}

static void move_symbols(struct image *image)
{
	size_t i;

	for (i = 0; i < image->n_symbols; i++)
		if (image->symbols[i].st_shndx != SHN_UNDEF)
			image->symbols[i].st_shndx =
				section_of(image, image->symbols[i].st_value);
}

/* The search for the build-id reads sections, when there are any. */
static Elf64_Shdr section_of_segment(const Elf64_Phdr *s)
{
	Elf64_Shdr section = {
		.sh_name = NAME_TEXT,
		.sh_flags = SHF_ALLOC | (s->p_flags & PF_X ? SHF_EXECINSTR : 0),
		.sh_addr = s->p_vaddr,
		.sh_offset = s->p_offset,
		.sh_size = s->p_memsz,
		.sh_addralign = 1,
	};

	if (s->p_type == PT_LOAD) {
		section.sh_type = SHT_NOBITS;
	} else if (s->p_type == PT_NOTE && s->p_filesz <= SMALL) {
		section.sh_type = SHT_NOTE;
		section.sh_size = s->p_filesz;
		section.sh_addralign = s->p_align;
	}
	return section;
}

/* The sections behind those of the segments. */
static void describe_tables(const struct image *image, Elf64_Shdr *ret)
{
	const uint64_t symbols = image->n_symbols * sizeof(Elf64_Sym);
	const uint32_t n = image->header.e_phnum;

	ret[0] = (Elf64_Shdr){ .sh_name = NAME_DYNSYM,
			       .sh_type = SHT_DYNSYM,
			       .sh_offset = image->size,
			       .sh_size = symbols,
			       .sh_link = n + 2,
			       .sh_entsize = sizeof(Elf64_Sym),
			       .sh_addralign = 8 };
	ret[1] = (Elf64_Shdr){ .sh_name = NAME_DYNSTR,
			       .sh_type = SHT_STRTAB,
			       .sh_offset = image->size + symbols,
			       .sh_size = image->n_strings,
			       .sh_addralign = 1 };
	ret[2] = (Elf64_Shdr){ .sh_name = NAME_SHSTRTAB,
			       .sh_type = SHT_STRTAB,
			       .sh_offset = ret[1].sh_offset + ret[1].sh_size,
			       .sh_size = sizeof(section_names),
			       .sh_addralign = 1 };
}

static struct hs_error *put_tables(struct image *image)
{
	Elf64_Shdr sections[SEGMENTS_MAX + 4] = { 0 };
	Elf64_Ehdr *header = &image->header;
	const uint16_t n = header->e_phnum;
	Elf64_Shdr *tables = &sections[n + 1];
	struct hs_error *err;
	uint16_t i;

	image->size = (image->size + 7) & ~7ULL;
	for (i = 0; i < n; i++)
		sections[i + 1] = section_of_segment(&image->segments[i]);
	describe_tables(image, tables);
	move_symbols(image);
	err = put(image, tables[0].sh_offset, image->symbols,
		  tables[0].sh_size);
	if (!err)
		err = put(image, tables[1].sh_offset, image->strings,
			  tables[1].sh_size);
	if (!err)
		err = put(image, tables[2].sh_offset, section_names,
			  sizeof(section_names));
	header->e_shoff = (tables[2].sh_offset + sizeof(section_names) + 7) &
			  ~7ULL;
	header->e_shentsize = sizeof(Elf64_Shdr);
	header->e_shnum = (uint16_t)(n + 4);
	header->e_shstrndx = (uint16_t)(n + 3);
	return err ? err
		   : put(image, header->e_shoff, sections,
			 header->e_shnum * sizeof(*sections));
}

static struct hs_error *put_file(struct image *image)
{
	struct hs_error *err;

	/* The size of its tables is not known to be right: where they would be
	 * is behind all that the segments hold. */
	if (image->size <
	    image->header.e_phoff + image->header.e_phnum * sizeof(Elf64_Phdr))
		return damaged(image, "no segment has its program headers");
	err = put_small_segments(image);
	if (!err)
		err = put_tables(image);
	if (!err)
		err = put(image, image->header.e_phoff, image->segments,
			  image->header.e_phnum * sizeof(Elf64_Phdr));
	return err ? err : put(image, 0, &image->header, sizeof(image->header));
}

struct hs_error *image_copy(image_read_fn *read, void *arg, uint64_t address,
			    const char *name, int *ret)
{
	struct image image = {
		.read = read,
		.arg = arg,
		.name = name,
		.address = address,
	};
	_cleanup_close_ int fd = -1;
	struct hs_error *err;

	err = read_header(&image);
	if (!err)
		err = read_segments(&image);
	if (!err)
		err = read_symbols(&image);
	if (!err) {
		fd = memfd_create("heapsnap-image", MFD_CLOEXEC);
		image.fd = fd;
		if (fd < 0)
			err = hs_error_sys(HS_ERROR_SYSTEM, errno,
					   "cannot copy '%s'", name);
		else
			err = put_file(&image);
	}
	free(image.symbols);
	free(image.strings);
	if (!err)
		*ret = take_fd(fd);
	return err;
}
