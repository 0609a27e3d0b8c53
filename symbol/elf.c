#include "symbol/elf.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/intern.h"
#include "base/regular_file.h"
#include "base/strbuf.h"
#include "symbol/build_id.h"

/* libelf copies these when they are not aligned, and a file may be of gigabytes
 * without having them on disk (holes). */
enum {
	DYNAMIC_MAX = 1 << 20, /* bytes */
	NOTES_MAX = 1 << 24,
	SECTIONS_MAX = 1 << 20,
};

/* What may be copied of a file: eight times what it has on its disk, which may
 * pack it, or 32 MiB; twice all of it, and 2 GiB, at most. */
static const uint64_t copy_most = UINT64_C(2) << 30, copy_free = 32 << 20;

static struct hs_error *elf_file_damaged(const struct elf_file *file,
					 const char *what)
{
	return hs_error_new(HS_ERROR_INPUT, "'%s' is damaged: %s", file->name,
			    what);
}

static struct hs_error *elf_file_refused(const struct elf_file *file)
{
	const char *why = elf_errmsg(-1);

	return elf_file_damaged(file, why ? why : "unknown error");
}

/* libelf takes a section header table beyond the end of the file for "no
 * sections". Then every symbol would silently be missing. */
static struct hs_error *elf_file_check_length(const struct elf_file *file,
					      const GElf_Ehdr *header)
{
	size_t n = header->e_shnum ? header->e_shnum : 1;

	if (!header->e_shoff)
		return NULL;
	if (header->e_shoff > file->size ||
	    n * header->e_shentsize > file->size - header->e_shoff)
		return elf_file_damaged(file, "it is cut short");
	return NULL;
}

/* While it is read: the bytes of a mapping would change under libelf, which
 * checks them once. Nobody can open a file without a name by its mode. */
static bool others_may_write(const struct stat *st)
{
	if (st->st_uid && st->st_uid != geteuid())
		return true;
	return st->st_nlink &&
	       (st->st_mode & S_IWOTH || (st->st_mode & S_IWGRP && st->st_gid &&
					  st->st_gid != getegid()));
}

static struct hs_error *elf_file_limit_copy(struct elf_file *file,
					    const struct stat *st)
{
	const uint64_t blocks = (uint64_t)st->st_blocks * 512;
	uint64_t most = blocks > copy_most / 8 ? copy_most : 8 * blocks;

	if (!others_may_write(st))
		return NULL;
	if (most < copy_free)
		most = copy_free;
	file->copy = calloc(1, sizeof(*file->copy));
	if (!file->copy)
		return hs_error_nomem();
	file->copy->left = most / 2 > file->size ? 2 * file->size : most;
	return NULL;
}

/* Whether @bytes may be read, which may then be copied. */
static bool elf_file_take(const struct elf_file *file, uint64_t bytes)
{
	if (!file->copy)
		return true;
	if (bytes > file->copy->left)
		return false;
	file->copy->left -= bytes;
	return true;
}

bool elf_file_may_read(const struct elf_file *file, size_t index)
{
	struct elf_copy *copy = file->copy;
	GElf_Shdr shdr;

	if (!copy)
		return true;
	if (index >= copy->n ||
	    !gelf_getshdr(elf_getscn(file->elf, index), &shdr))
		return false;
	copy->read[index] = copy->read[index] ||
			    elf_file_take(file, shdr.sh_size);
	return copy->read[index];
}

static struct hs_error *elf_file_stat(struct elf_file *file)
{
	struct stat st;

	if (fstat(file->fd, &st))
		return hs_error_sys(HS_ERROR_INPUT, errno, "cannot stat '%s'",
				    file->name);
	file->size = (uint64_t)st.st_size;
	file->changed = st.st_mtim;
	/* A linker lets names share bytes, but not all of them. */
	file->names->left = 4 * file->size;
	return elf_file_limit_copy(file, &st);
}

bool elf_file_is_changed(const struct elf_file *file)
{
	struct stat st;

	return fstat(file->fd, &st) || (uint64_t)st.st_size != file->size ||
	       st.st_mtim.tv_sec != file->changed.tv_sec ||
	       st.st_mtim.tv_nsec != file->changed.tv_nsec;
}

static bool elf_file_needs_others(const struct elf_file *file,
				  const GElf_Phdr *phdr)
{
	size_t size = phdr->p_filesz < DYNAMIC_MAX ? phdr->p_filesz
						   : DYNAMIC_MAX;
	Elf_Data *data = NULL;
	GElf_Dyn dyn;
	int i;

	if (elf_file_take(file, size))
		data = elf_getdata_rawchunk(file->elf, (int64_t)phdr->p_offset,
					    size, ELF_T_DYN);
	for (i = 0; data && gelf_getdyn(data, i, &dyn); i++) {
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_NEEDED)
			return true;
	}
	return false;
}

static struct hs_error *elf_file_add_segment(struct elf_file *file,
					     const GElf_Phdr *phdr)
{
	uint64_t end;

	if (__builtin_add_overflow(phdr->p_offset, phdr->p_filesz, &end) ||
	    __builtin_add_overflow(phdr->p_vaddr, phdr->p_memsz, &end) ||
	    phdr->p_filesz > phdr->p_memsz)
		return elf_file_damaged(file, "a segment's size is impossible");
	file->segments[file->n_segments++] = (struct elf_segment){
		.address = phdr->p_vaddr,
		.offset = phdr->p_offset,
		.file_size = phdr->p_filesz,
		.memory_size = phdr->p_memsz,
		.exec = phdr->p_flags & PF_X,
	};
	return NULL;
}

static struct hs_error *elf_file_read_segments(struct elf_file *file)
{
	size_t n, i;

	if (elf_getphdrnum(file->elf, &n) ||
	    !elf_file_take(file, n * sizeof(GElf_Phdr)))
		return elf_file_refused(file);
	file->segments = calloc(n ? n : 1, sizeof(*file->segments));
	if (!file->segments)
		return hs_error_nomem();
	for (i = 0; i < n; i++) {
		struct hs_error *err = NULL;
		GElf_Phdr phdr;

		if (!gelf_getphdr(file->elf, (int)i, &phdr))
			return elf_file_refused(file);
		if (phdr.p_type == PT_LOAD)
			err = elf_file_add_segment(file, &phdr);
		else if (phdr.p_type == PT_TLS)
			file->tls_size = phdr.p_memsz;
		else if (phdr.p_type == PT_NOTE && phdr.p_filesz > NOTES_MAX)
			err = elf_file_damaged(file, "its notes are too large");
		else if (phdr.p_type == PT_INTERP)
			file->dynamic = true;
		else if (phdr.p_type == PT_DYNAMIC)
			file->dynamic |= elf_file_needs_others(file, &phdr);
		if (err)
			return err;
	}
	return NULL;
}

static struct hs_error *elf_file_read_build_id(struct elf_file *file)
{
	_cleanup_strbuf_ struct strbuf hex = { 0 };
	const uint8_t *bytes;
	size_t n, i;

	if (!build_id_find(file->elf, &bytes, &n) || !n)
		return NULL;
	for (i = 0; i < n; i++)
		strbuf_addf(&hex, "%02x", bytes[i]);
	return strbuf_finish(&hex, &file->build_id);
}

/* What libelf reads by itself: the section headers, and their names. */
static struct hs_error *elf_file_allow_headers(struct elf_file *file)
{
	size_t n, names;

	if (!file->copy)
		return NULL;
	if (elf_getshdrnum(file->elf, &n) ||
	    !elf_file_take(file, n * sizeof(GElf_Shdr)))
		return elf_file_damaged(file, "it has too many sections");
	file->copy->read = calloc(n + 1, sizeof(*file->copy->read));
	if (!file->copy->read)
		return hs_error_nomem();
	file->copy->n = n;
	if (n && !elf_getshdrstrndx(file->elf, &names) &&
	    !elf_file_may_read(file, names))
		return elf_file_damaged(file,
					"its sections' names are too long");
	return NULL;
}

static uint64_t number(const unsigned char *at, size_t size, bool little)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < size; i++)
		n = n << 8 | at[little ? size - 1 - i : i];
	return n;
}

/* libelf makes a record of each section when it opens a file. Where e_shnum is 0
 * their number is in the first section header, and the others may be a hole. */
static bool has_too_many_sections(int fd)
{
	unsigned char header[sizeof(Elf64_Ehdr)], first[sizeof(Elf64_Shdr)];
	bool wide, little;
	uint64_t at;

	if (pread(fd, header, sizeof(header), 0) != sizeof(header))
		return false;
	wide = header[EI_CLASS] == ELFCLASS64;
	little = header[EI_DATA] == ELFDATA2LSB;
	at = wide ? number(header + offsetof(Elf64_Ehdr, e_shoff), 8, little)
		  : number(header + offsetof(Elf32_Ehdr, e_shoff), 4, little);
	if (!at || number(header + (wide ? offsetof(Elf64_Ehdr, e_shnum)
					 : offsetof(Elf32_Ehdr, e_shnum)),
			  2, little))
		return false;
	if (at > INT64_MAX ||
	    pread(fd, first, sizeof(first), (off_t)at) != sizeof(first))
		return false;
	return (wide ? number(first + offsetof(Elf64_Shdr, sh_size), 8, little)
		     : number(first + offsetof(Elf32_Shdr, sh_size), 4,
			      little)) > SECTIONS_MAX;
}

static struct hs_error *elf_file_read(struct elf_file *file)
{
	struct hs_error *err = elf_file_stat(file);
	GElf_Ehdr header;

	if (err)
		return err;
	if (has_too_many_sections(file->fd))
		return elf_file_damaged(file, "it has too many sections");
	elf_version(EV_CURRENT);
	file->elf = elf_begin(file->fd,
			      file->copy ? ELF_C_READ : ELF_C_READ_MMAP_PRIVATE,
			      NULL);
	if (!file->elf || elf_kind(file->elf) != ELF_K_ELF)
		return hs_error_new(HS_ERROR_INPUT, "'%s' is not an ELF file",
				    file->name);
	if (!gelf_getehdr(file->elf, &header))
		return elf_file_refused(file);
	file->elf_class = gelf_getclass(file->elf);
	file->data = header.e_ident[EI_DATA];
	file->machine = header.e_machine;
	file->type = header.e_type;
	err = elf_file_check_length(file, &header);
	if (!err)
		err = elf_file_allow_headers(file);
	if (!err)
		err = elf_file_read_segments(file);
	if (!err)
		err = elf_file_read_build_id(file);
	return err;
}

struct hs_error *elf_file_open(int fd, const char *name, struct elf_file **ret)
{
	struct elf_file *file = calloc(1, sizeof(*file));
	struct hs_error *err;

	if (!file) {
		close(fd);
		return hs_error_nomem();
	}
	file->fd = fd;
	file->name = strdup(name);
	file->names = calloc(1, sizeof(*file->names));
	if (!file->name || !file->names)
		err = hs_error_nomem();
	else
		err = elf_file_read(file);
	if (err) {
		elf_file_close(file);
		return err;
	}
	*ret = file;
	return NULL;
}

struct hs_error *elf_file_open_path(const char *path, struct elf_file **ret)
{
	_cleanup_close_ int fd = -1;
	struct hs_error *err;

	*ret = NULL;
	fd = regular_file_open(path);
	if (fd < 0)
		return NULL;
	err = elf_file_open(take_fd(fd), path, ret);
	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	hs_error_free(err);
	*ret = NULL;
	return NULL;
}

void elf_file_close(struct elf_file *file)
{
	if (!file)
		return;
	elf_end(file->elf);
	close(file->fd);
	if (file->names)
		intern_release(&file->names->table);
	free(file->names);
	free(file->segments);
	free(file->build_id);
	if (file->copy)
		free(file->copy->read);
	free(file->copy);
	free(file->name);
	free(file);
}

bool elf_file_address(const struct elf_file *file, uint64_t offset,
		      uint64_t *ret)
{
	const struct elf_segment *found = NULL;
	size_t i;

	/* Two segments may share bytes of the file; a caller has a code address
	 * most of the time. */
	for (i = 0; i < file->n_segments; i++) {
		const struct elf_segment *s = &file->segments[i];

		if (offset >= s->offset && offset - s->offset < s->file_size &&
		    (!found || (s->exec && !found->exec)))
			found = s;
	}
	if (!found)
		return false;
	*ret = found->address + (offset - found->offset);
	return true;
}

bool elf_file_offset(const struct elf_file *file, uint64_t address,
		     uint64_t *ret)
{
	size_t i;

	for (i = 0; i < file->n_segments; i++) {
		const struct elf_segment *s = &file->segments[i];

		if (address >= s->address &&
		    address - s->address < s->file_size) {
			*ret = s->offset + (address - s->address);
			return true;
		}
	}
	return false;
}

/* *ret: its header. The first of that name that has bytes in the file. */
static Elf_Scn *find_section(const struct elf_file *file, const char *name,
			     GElf_Shdr *ret)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(file->elf, &names))
		return NULL;
	while ((scn = elf_nextscn(file->elf, scn))) {
		const char *have = NULL;

		if (gelf_getshdr(scn, ret) && ret->sh_type != SHT_NOBITS)
			have = elf_strptr(file->elf, names, ret->sh_name);
		if (have && !strcmp(have, name))
			return scn;
	}
	return NULL;
}

bool elf_file_section_at(const struct elf_file *file, const char *name,
			 const void **data, size_t *size, uint64_t *address)
{
	GElf_Shdr shdr;
	Elf_Scn *scn = find_section(file, name, &shdr);
	Elf_Data *raw = NULL;

	if (scn && elf_file_may_read(file, elf_ndxscn(scn)))
		raw = elf_rawdata(scn, NULL);
	if (!raw || !raw->d_buf)
		return false;
	*data = raw->d_buf;
	*size = raw->d_size;
	*address = shdr.sh_addr;
	return true;
}

bool elf_file_section(const struct elf_file *file, const char *name,
		      const void **data, size_t *size)
{
	const void *bytes;
	uint64_t address;
	GElf_Shdr shdr;
	size_t len;

	if (!data && !size)
		return find_section(file, name, &shdr) && shdr.sh_size &&
		       shdr.sh_offset <= file->size &&
		       shdr.sh_size <= file->size - shdr.sh_offset;
	if (!elf_file_section_at(file, name, &bytes, &len, &address))
		return false;
	if (data)
		*data = bytes;
	if (size)
		*size = len;
	return true;
}
