#include "symbol/build_id.h"

#include <gelf.h>
#include <string.h>

/* Bytes of notes that are read: libelf may copy them. */
enum { NOTES_MAX = 1 << 24 };

static bool find_in(Elf_Data *notes, const uint8_t **ret, size_t *len)
{
	size_t at = 0, name, content;
	const uint8_t *bytes;
	GElf_Nhdr note;

	if (!notes || !notes->d_buf)
		return false;
	bytes = notes->d_buf;
	while ((at = gelf_getnote(notes, at, &note, &name, &content))) {
		if (note.n_type != NT_GNU_BUILD_ID ||
		    note.n_namesz != sizeof(ELF_NOTE_GNU) ||
		    memcmp(bytes + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)))
			continue;
		*ret = bytes + content;
		*len = note.n_descsz;
		return true;
	}
	return false;
}

static bool find_in_segments(Elf *elf, const uint8_t **ret, size_t *len)
{
	uint64_t left = NOTES_MAX;
	GElf_Phdr phdr;
	Elf_Type type;
	size_t n, i;

	if (elf_getphdrnum(elf, &n))
		return false;
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, (int)i, &phdr) || phdr.p_type != PT_NOTE)
			continue;
		if (phdr.p_filesz > left)
			return false;
		left -= phdr.p_filesz;
		type = phdr.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR;
		if (find_in(elf_getdata_rawchunk(elf, (int64_t)phdr.p_offset,
						 phdr.p_filesz, type),
			    ret, len))
			return true;
	}
	return false;
}

bool build_id_find(Elf *elf, const uint8_t **ret, size_t *len)
{
	Elf_Scn *scn = elf_nextscn(elf, NULL);
	uint64_t left = NOTES_MAX;
	GElf_Shdr shdr;

	if (!scn)
		return find_in_segments(elf, ret, len);
	for (; scn; scn = elf_nextscn(elf, scn)) {
		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_NOTE)
			continue;
		if (shdr.sh_size > left)
			return false;
		left -= shdr.sh_size;
		if (find_in(elf_getdata(scn, NULL), ret, len))
			return true;
	}
	return false;
}
