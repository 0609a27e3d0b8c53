#include "symbol/elf.h"

#include <dwarf.h>
#include <gelf.h>
#include <stdlib.h>
#include <elfutils/libdw.h>

static bool has_eh_frame(const struct elf_file *file)
{
	size_t n = 0, i;
	GElf_Phdr phdr;

	if (!elf_getphdrnum(file->elf, &n))
		for (i = 0; i < n; i++)
			if (gelf_getphdr(file->elf, (int)i, &phdr) &&
			    phdr.p_type == PT_GNU_EH_FRAME)
				return true;
	return elf_file_section(file, ".eh_frame", NULL, NULL);
}

/* DWARF register 7 of the x86-64 psABI is rsp; a word has 8 bytes. */
static bool cfa_is_entry(const Dwarf_Op *ops, size_t n)
{
	if (n != 1)
		return false;
	if (ops[0].atom == DW_OP_breg7)
		return ops[0].number == 8;
	return ops[0].atom == DW_OP_bregx && ops[0].number == 7 &&
	       ops[0].number2 == 8;
}

static bool unwinds_as_entry(Dwarf_CFI *cfi, uint64_t address, int no_entry)
{
	Dwarf_Frame *frame = NULL;
	Dwarf_Op *ops;
	size_t n;
	bool ok;

	if (dwarf_cfi_addrframe(cfi, address, &frame))
		return dwarf_errno() == no_entry;
	ok = !dwarf_frame_cfa(frame, &ops, &n) && cfa_is_entry(ops, n);
	free(frame);
	return ok;
}

bool elf_file_unwinds_as_entry(const struct elf_file *file, uint64_t address)
{
	Dwarf_CFI *cfi;
	Dwarf_Frame *frame;
	bool ok = false;
	int no_entry;

	if (file->machine != EM_X86_64)
		return false;
	cfi = dwarf_getcfi_elf(file->elf);
	if (!cfi)
		return !has_eh_frame(file);
	/* libdw does not publish the number of its error for "no entry covers
	 * this address"; no entry can cover the last byte of all. */
	if (dwarf_cfi_addrframe(cfi, UINT64_MAX, &frame)) {
		no_entry = dwarf_errno();
		ok = unwinds_as_entry(cfi, address, no_entry) &&
		     unwinds_as_entry(cfi, address - 1, no_entry);
	}
	dwarf_cfi_end(cfi);
	return ok;
}
