/*
 * Linux Standard Base 5.0, Core, 10.6; DWARF 5, 6.4. libdw answers more, but
 * keeps a rule for each register up to the largest that a file names: two
 * gigabytes for a few bytes of damage.
 */
#include "symbol/eh_frame.h"

#include <dwarf.h>
#include <elf.h>
#include <gelf.h>

#include "base/array.h"
#include "symbol/cursor.h"

/* x86-64 psABI, table 3.36; a word has 8 bytes. */
enum { REGISTER_RSP = 7, WORD = 8 };

/* The encoding of a pointer is what it is relative to, and its format. */
enum { FORMAT_MASK = 0x0f };

struct eh_frame {
	struct slice bytes;
	uint64_t address; /* of the first */
};

/* What the entries of one function have in common. */
struct cie {
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding; /* of the addresses in its entries */
	bool augmented;
	struct cursor program;
};

/* The rule for the canonical frame address. */
struct cfa {
	bool by_register; /* else by an expression */
	uint64_t reg;
	int64_t offset;
};

static uint64_t read_pointer(struct cursor *c, const struct eh_frame *f,
			     uint8_t encoding)
{
	uint64_t at = f->address + (uint64_t)(c->at - f->bytes.data), value;

	switch (encoding & FORMAT_MASK) {
	case DW_EH_PE_absptr:
	case DW_EH_PE_udata8:
	case DW_EH_PE_sdata8:
		value = cursor_u64(c);
		break;
	case DW_EH_PE_udata4:
		value = cursor_u32(c);
		break;
	case DW_EH_PE_sdata4:
		value = (uint64_t)(int64_t)(int32_t)cursor_u32(c);
		break;
	case DW_EH_PE_udata2:
		value = cursor_u16(c);
		break;
	case DW_EH_PE_sdata2:
		value = (uint64_t)(int64_t)(int16_t)cursor_u16(c);
		break;
	default:
		cursor_fail(c);
		return 0;
	}
	switch (encoding & ~FORMAT_MASK) {
	case DW_EH_PE_absptr:
		return value;
	case DW_EH_PE_pcrel:
		return value + at;
	default:
		cursor_fail(c);
		return 0;
	}
}

/* Only the letter R matters here, but those before it have to be known. */
static void read_augmentation(struct cursor *c, const struct eh_frame *f,
			      const char *letters, struct cie *cie)
{
	uint64_t len = cursor_uleb(c);
	struct cursor data = *c;

	cursor_skip(c, len);
	for (; *letters && !data.failed; letters++) {
		switch (*letters) {
		case 'R':
			cie->encoding = cursor_u8(&data);
			break;
		case 'L':
			cursor_skip(&data, 1);
			break;
		case 'P':
			/* Where the personality is does not matter. */
			read_pointer(&data, f, cursor_u8(&data) & FORMAT_MASK);
			break;
		case 'S':
			break;
		default:
			cursor_fail(c);
			return;
		}
	}
	if (data.failed || data.at > c->at)
		cursor_fail(c);
}

/* One entry from its length on: its contents, and *c behind it. Of length 0
 * (the end of all) or with a length of 64 bits, which no compiler writes here,
 * it is empty. */
static struct cursor read_entry(struct cursor *c)
{
	enum { LENGTH_64 = 0xffffffff };
	uint32_t len = cursor_u32(c);
	struct cursor entry = *c;

	if (len == LENGTH_64)
		cursor_fail(c);
	else
		cursor_skip(c, len);
	entry.end = c->failed ? entry.at : c->at;
	return entry;
}

static bool read_cie(const struct eh_frame *f, uint64_t offset, struct cie *ret)
{
	struct cursor all = cursor_at(f->bytes, offset);
	struct cursor c = read_entry(&all);
	const char *letters;
	uint8_t version;

	*ret = (struct cie){ 0 };
	if (cursor_u32(&c))
		return false;
	version = cursor_u8(&c);
	letters = cursor_string(&c);
	if (version != 1 && version != 3)
		return false;
	ret->code_align = cursor_uleb(&c);
	ret->data_align = cursor_sleb(&c);
	if (version == 1)
		cursor_skip(&c, 1); /* the return address's register */
	else
		cursor_uleb(&c);
	if (letters[0] == 'z') {
		ret->augmented = true;
		read_augmentation(&c, f, letters + 1, ret);
	} else if (letters[0]) {
		return false;
	}
	ret->program = c;
	return !c.failed;
}

/* What an interpreter of instructions knows. */
struct machine {
	const struct eh_frame *f;
	const struct cie *cie;
	uint64_t at; /* the address that the rule is for */
	struct cfa cfa;
	struct cfa remembered[16];
	size_t n_remembered;
};

static void skip_block(struct cursor *c)
{
	cursor_skip(c, cursor_uleb(c));
}

/* Rules for registers, which are skipped. */
static void skip_register_rule(struct cursor *c, uint8_t opcode)
{
	switch (opcode) {
	case DW_CFA_offset_extended:
	case DW_CFA_register:
	case DW_CFA_offset_extended_sf:
	case DW_CFA_val_offset:
	case DW_CFA_val_offset_sf:
	case DW_CFA_GNU_negative_offset_extended:
		cursor_uleb(c);
		cursor_uleb(c);
		break;
	case DW_CFA_restore_extended:
	case DW_CFA_undefined:
	case DW_CFA_same_value:
	case DW_CFA_GNU_args_size:
		cursor_uleb(c);
		break;
	case DW_CFA_expression:
	case DW_CFA_val_expression:
		cursor_uleb(c);
		skip_block(c);
		break;
	case DW_CFA_nop:
		break;
	default:
		cursor_fail(c);
	}
}

static void remember(struct machine *m, struct cursor *c, bool restore)
{
	const size_t most = ARRAY_SIZE(m->remembered);

	if (restore ? !m->n_remembered : m->n_remembered == most)
		cursor_fail(c);
	else if (restore)
		m->cfa = m->remembered[--m->n_remembered];
	else
		m->remembered[m->n_remembered++] = m->cfa;
}

static void run_extended(struct machine *m, struct cursor *c, uint8_t opcode)
{
	struct cfa *cfa = &m->cfa;

	switch (opcode) {
	case DW_CFA_set_loc:
		m->at = read_pointer(c, m->f, m->cie->encoding);
		break;
	case DW_CFA_advance_loc1:
		m->at += cursor_u8(c) * m->cie->code_align;
		break;
	case DW_CFA_advance_loc2:
		m->at += cursor_u16(c) * m->cie->code_align;
		break;
	case DW_CFA_advance_loc4:
		m->at += cursor_u32(c) * m->cie->code_align;
		break;
	case DW_CFA_remember_state:
	case DW_CFA_restore_state:
		remember(m, c, opcode == DW_CFA_restore_state);
		break;
	case DW_CFA_def_cfa:
		cfa->reg = cursor_uleb(c);
		cfa->offset = (int64_t)cursor_uleb(c);
		cfa->by_register = true;
		break;
	case DW_CFA_def_cfa_register:
		cfa->reg = cursor_uleb(c);
		break;
	case DW_CFA_def_cfa_offset:
		cfa->offset = (int64_t)cursor_uleb(c);
		break;
	case DW_CFA_def_cfa_expression:
		skip_block(c);
		cfa->by_register = false;
		break;
	case DW_CFA_def_cfa_sf:
		cfa->reg = cursor_uleb(c);
		cfa->offset = (int64_t)((uint64_t)cursor_sleb(c) *
					(uint64_t)m->cie->data_align);
		cfa->by_register = true;
		break;
	case DW_CFA_def_cfa_offset_sf:
		cfa->offset = (int64_t)((uint64_t)cursor_sleb(c) *
					(uint64_t)m->cie->data_align);
		break;
	default:
		skip_register_rule(c, opcode);
	}
}

/* Up to the rule for @address. */
static bool run(struct machine *m, struct cursor c, uint64_t address)
{
	enum { LOW = 0x3f }; /* an operand, of opcodes in the upper bits */

	while (cursor_left(&c) && !c.failed) {
		struct cfa before = m->cfa;
		uint8_t byte = cursor_u8(&c), low = byte & LOW;

		switch (byte & ~LOW) {
		case DW_CFA_advance_loc:
			m->at += low * m->cie->code_align;
			break;
		case DW_CFA_offset:
			cursor_uleb(&c);
			break;
		case DW_CFA_restore:
			break;
		default:
			run_extended(m, &c, low);
		}
		if (!c.failed && m->at > address) {
			m->cfa = before;
			return true;
		}
	}
	return !c.failed;
}

enum answer { DAMAGED, NO_ENTRY, FOUND };

/* The next entry of @all that is no CIE: *ret is behind its two words, its CIE
 * at offset *cie. */
static enum answer next_entry(const struct eh_frame *f, struct cursor *all,
			      struct cursor *ret, uint64_t *cie)
{
	while (cursor_left(all)) {
		struct cursor c = read_entry(all);
		uint64_t at = (uint64_t)(c.at - f->bytes.data);
		uint32_t back;

		if (all->failed)
			return DAMAGED;
		if (!cursor_left(&c))
			break; /* the end; the rest is padding */
		back = cursor_u32(&c);
		if (c.failed || back > at)
			return DAMAGED;
		if (!back)
			continue;
		*ret = c;
		*cie = at - back;
		return FOUND;
	}
	return NO_ENTRY;
}

/* The entry @c, which belongs to the CIE at @offset, when it covers
 * @address. */
static enum answer ask_entry(const struct eh_frame *f, struct cursor c,
			     uint64_t offset, uint64_t address, struct cfa *ret)
{
	struct cie cie;
	struct machine m = { .f = f, .cie = &cie };
	uint64_t start, len;

	if (!read_cie(f, offset, &cie))
		return DAMAGED;
	start = read_pointer(&c, f, cie.encoding);
	len = read_pointer(&c, f, cie.encoding & FORMAT_MASK);
	if (c.failed)
		return DAMAGED;
	if (address - start >= len)
		return NO_ENTRY;
	if (cie.augmented)
		skip_block(&c);
	m.at = start;
	if (!run(&m, cie.program, UINT64_MAX) || !run(&m, c, address))
		return DAMAGED;
	*ret = m.cfa;
	return FOUND;
}

static enum answer ask(const struct eh_frame *f, uint64_t address,
		       struct cfa *ret)
{
	struct cursor all = cursor_at(f->bytes, 0), c;
	enum answer answer, found = NO_ENTRY;
	uint64_t cie;

	while (found == NO_ENTRY) {
		answer = next_entry(f, &all, &c, &cie);
		if (answer != FOUND)
			return answer;
		found = ask_entry(f, c, cie, address, ret);
	}
	return found;
}

static bool unwinds_as_entry(const struct eh_frame *f, uint64_t address)
{
	struct cfa cfa = { 0 };

	switch (ask(f, address, &cfa)) {
	case NO_ENTRY:
		return true;
	case FOUND:
		return cfa.by_register && cfa.reg == REGISTER_RSP &&
		       cfa.offset == WORD;
	case DAMAGED:
		break;
	}
	return false;
}

static bool has_eh_frame_header(const struct elf_file *file)
{
	size_t n = 0, i;
	GElf_Phdr phdr;

	if (!elf_getphdrnum(file->elf, &n))
		for (i = 0; i < n; i++)
			if (gelf_getphdr(file->elf, (int)i, &phdr) &&
			    phdr.p_type == PT_GNU_EH_FRAME)
				return true;
	return false;
}

bool elf_file_unwinds_as_entry(const struct elf_file *file, uint64_t address)
{
	struct eh_frame f;
	const void *data;

	if (file->machine != EM_X86_64)
		return false;
	if (!elf_file_section_at(file, ".eh_frame", &data, &f.bytes.size,
				 &f.address))
		return !has_eh_frame_header(file);
	f.bytes.data = data;
	return unwinds_as_entry(&f, address) &&
	       unwinds_as_entry(&f, address - 1);
}

void elf_file_each_unindexed(const struct elf_file *file,
			     bool (*fn)(uint64_t start, uint64_t entry,
					void *arg),
			     void *arg)
{
	enum { LENGTH_AND_CIE = 8 };
	struct cursor all, c;
	struct eh_frame f;
	const void *data;
	struct cie cie;
	uint64_t start, entry, at;

	if (file->machine != EM_X86_64 || has_eh_frame_header(file) ||
	    !elf_file_section_at(file, ".eh_frame", &data, &f.bytes.size,
				 &f.address))
		return;
	f.bytes.data = data;
	all = cursor_at(f.bytes, 0);
	while (next_entry(&f, &all, &c, &at) == FOUND &&
	       read_cie(&f, at, &cie)) {
		entry = f.address + (uint64_t)(c.at - f.bytes.data) -
			LENGTH_AND_CIE;
		start = read_pointer(&c, &f, cie.encoding);
		if (c.failed || !fn(start, entry, arg))
			return;
	}
}
