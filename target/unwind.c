#include "target/unwind.h"

#include <dwarf.h>
#include <elf.h>
#include <libunwind.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "proc/maps.h"
#include "proc/memory.h"

/* Exported by libunwind for unwinders of other processes, but in no header of
 * its package. */
int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t as, unw_word_t ip,
				       unw_dyn_info_t *di, unw_proc_info_t *pi,
				       int need_unwind_info, void *arg);

enum {
	/* Bytes that are read at once. No machine has smaller pages: all of
	 * them can be read, or none. */
	BLOCK = 4096,
	BLOCKS = 16, /* few: .eh_frame_hdr is searched by halves */
	PROGRAM_HEADERS_MAX = 64,
	/* Words that a walk may ask for. A frame takes some 200; what a process
	 * says of its frames may be made to take any number, and libunwind
	 * keeps up to 200 bytes of memory for each. */
	ACCESSES_MAX = UNWIND_DEPTH * 1000,
};

/* The address of unwind_space.row; no process has memory there. */
#define ROW_ADDRESS (UINT64_MAX - 4095)

/* A row of the table in .eh_frame_hdr; both relative to the same address. */
struct table_row {
	int32_t start, entry;
};

struct unwind_space {
	pid_t pid;
	const struct thread_copy *copy;
	const struct maps *maps;
	const struct code_frames *frames;
	struct table_row row;
	size_t accesses; /* by libunwind, of this walk */
	struct unwind_inputs *inputs;
	struct {
		uint64_t address; /* a multiple of BLOCK; 0: free */
		unsigned char bytes[BLOCK];
	} blocks[BLOCKS];
};

static bool read_block(struct unwind_space *s, uint64_t address,
		       const unsigned char **ret)
{
	uint64_t start = address & ~(uint64_t)(BLOCK - 1);
	size_t slot = start / BLOCK % BLOCKS;
	struct hs_error *err;

	if (s->blocks[slot].address != start) {
		err = memory_read(s->pid, start, s->blocks[slot].bytes, BLOCK);
		s->blocks[slot].address = err ? 0 : start;
		if (err) {
			hs_error_free(err);
			return false;
		}
	}
	*ret = s->blocks[slot].bytes + (address - start);
	return true;
}

static bool read_target(struct unwind_space *s, uint64_t address, void *buf,
			size_t len)
{
	unsigned char *to = buf;

	while (len) {
		size_t part = BLOCK - (address & (BLOCK - 1));
		const unsigned char *from;

		if (part > len)
			part = len;
		if (!read_block(s, address, &from))
			return false;
		memcpy(to, from, part);
		to += part;
		address += part;
		len -= part;
	}
	return true;
}

static void note_word(struct unwind_inputs *inputs, uint64_t address,
		      uint64_t value)
{
	if (inputs->n == UNWIND_WORDS) {
		inputs->whole = false;
		return;
	}
	inputs->words[inputs->n].address = address;
	inputs->words[inputs->n++].value = value;
}

/* Memory that is written to may be different another time. */
static void note_elsewhere(struct unwind_space *s, uint64_t address)
{
	const struct mapping *m = maps_find(s->maps, address);

	if (!m || m->write)
		s->inputs->whole = false;
}

static int access_mem(unw_addr_space_t as, unw_word_t address,
		      unw_word_t *value, int write, void *arg)
{
	struct unwind_space *s = arg;
	const struct thread_copy *copy = s->copy;
	uint64_t sp = copy->regs.sp;

	(void)as;
	if (write || s->accesses == ACCESSES_MAX)
		return -UNW_EINVAL;
	s->accesses++;
	if (address == ROW_ADDRESS) {
		memcpy(value, &s->row, sizeof(*value));
		return 0;
	}
	if (address >= sp && address - sp + sizeof(*value) <= copy->len) {
		memcpy(value, copy->bytes + (address - sp), sizeof(*value));
		note_word(s->inputs, address, *value);
		return 0;
	}
	note_elsewhere(s, address);
	return read_target(s, address, value, sizeof(*value)) ? 0 : -UNW_EINVAL;
}

static int access_reg(unw_addr_space_t as, unw_regnum_t reg, unw_word_t *value,
		      int write, void *arg)
{
	const struct unwind_space *s = arg;
	const struct thread_registers *regs = &s->copy->regs;

	(void)as;
	if (write || reg < 0 || (size_t)reg >= regs->n)
		return -UNW_EBADREG;
	s->inputs->used |= 1ull << reg;
	*value = regs->numbered[reg];
	return 0;
}

static int access_fpreg(unw_addr_space_t as, unw_regnum_t reg,
			unw_fpreg_t *value, int write, void *arg)
{
	(void)as, (void)reg, (void)value, (void)write, (void)arg;
	return -UNW_EBADREG;
}

/* The mapping that has the ELF header of the file that @m maps. */
static const struct mapping *image_start(const struct maps *maps,
					 const struct mapping *m)
{
	while (m > maps->items && mapping_same_file(m, m - 1) && m->offset)
		m--;
	return m;
}

struct eh_frame_header { /* LSB 5.0, 10.6.2 */
	unsigned char version, frame_encoding, count_encoding, table_encoding;
	int32_t frame;
	uint32_t count;
};

/* The sorted table in .eh_frame_hdr of the image at @start. */
static bool find_table(struct unwind_space *s, uint64_t start,
		       unw_dyn_info_t *di)
{
	Elf64_Phdr headers[PROGRAM_HEADERS_MAX];
	struct eh_frame_header header;
	uint64_t bias = start, address = 0;
	Elf64_Ehdr elf;
	size_t i;

	if (!read_target(s, start, &elf, sizeof(elf)) ||
	    memcmp(elf.e_ident, ELFMAG, SELFMAG) ||
	    elf.e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf.e_phentsize != sizeof(headers[0]) ||
	    elf.e_phnum > PROGRAM_HEADERS_MAX ||
	    !read_target(s, start + elf.e_phoff, headers,
			 elf.e_phnum * sizeof(headers[0])))
		return false;
	for (i = 0; i < elf.e_phnum; i++) {
		if (headers[i].p_type == PT_LOAD && !headers[i].p_offset)
			bias = start - headers[i].p_vaddr;
		if (headers[i].p_type == PT_GNU_EH_FRAME)
			address = headers[i].p_vaddr;
	}
	if (!address ||
	    !read_target(s, bias + address, &header, sizeof(header)) ||
	    header.version != 1 ||
	    header.frame_encoding != (DW_EH_PE_pcrel | DW_EH_PE_sdata4) ||
	    header.count_encoding != DW_EH_PE_udata4 ||
	    header.table_encoding != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
		return false;
	di->format = UNW_INFO_FORMAT_REMOTE_TABLE;
	di->u.rti.segbase = bias + address;
	di->u.rti.table_data = bias + address + sizeof(header);
	/* in words: an entry is two 32-bit numbers */
	di->u.rti.table_len = header.count;
	return true;
}

/* A static program usually has no .eh_frame_hdr (gcc does not ask the linker
 * for one): makes a table that has only the row for @ip. */
static bool make_table(struct unwind_space *s, uint64_t ip, unw_dyn_info_t *di)
{
	const struct code_frame *frame = code_frames_find(s->frames, ip);
	int64_t start;

	if (!frame)
		return false;
	start = (int64_t)(frame->start - frame->entry);
	if (start != (int32_t)start)
		return false;
	s->row = (struct table_row){ .start = (int32_t)start };
	di->format = UNW_INFO_FORMAT_REMOTE_TABLE;
	di->u.rti.segbase = frame->entry;
	di->u.rti.table_data = ROW_ADDRESS;
	di->u.rti.table_len = 1;
	return true;
}

static int find_proc_info(unw_addr_space_t as, unw_word_t ip,
			  unw_proc_info_t *pi, int need_unwind_info, void *arg)
{
	struct unwind_space *s = arg;
	const struct mapping *m = maps_find(s->maps, ip);
	unw_dyn_info_t di = { 0 };

	if (!m || !m->exec ||
	    (!find_table(s, image_start(s->maps, m)->start, &di) &&
	     !make_table(s, ip, &di)))
		return -UNW_ENOINFO;
	s->inputs->whole = s->inputs->whole && !m->write;
	di.start_ip = m->start;
	di.end_ip = m->end;
	return UNW_OBJ(dwarf_search_unwind_table)(as, ip, &di, pi,
						  need_unwind_info, arg);
}

static void put_unwind_info(unw_addr_space_t as, unw_proc_info_t *pi, void *arg)
{
	(void)as, (void)pi, (void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t as, unw_word_t *address,
				  void *arg)
{
	(void)as, (void)address, (void)arg;
	return -UNW_ENOINFO;
}

static int resume(unw_addr_space_t as, unw_cursor_t *cursor, void *arg)
{
	(void)as, (void)cursor, (void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t as, unw_word_t address, char *buf,
			 size_t len, unw_word_t *offset, void *arg)
{
	(void)as, (void)address, (void)buf, (void)len, (void)offset, (void)arg;
	return -UNW_ENOINFO;
}

static void walk(unw_cursor_t *cursor, struct unwind *ret)
{
	unw_word_t pc, sp, last_sp = 0;
	unw_proc_info_t info;
	int step = 1;

	while (step > 0) {
		if (ret->n == UNWIND_DEPTH) {
			ret->why = "its stack has too many frames";
			return;
		}
		if (unw_get_reg(cursor, UNW_REG_IP, &pc) ||
		    unw_get_reg(cursor, UNW_REG_SP, &sp)) {
			ret->why = "its registers cannot be followed";
			return;
		}
		ret->pcs[ret->n++] = pc;
		if (unw_get_proc_info(cursor, &info)) {
			ret->why = "a frame has no unwind information";
			return;
		}
		/* It is known once the frame's information was read. */
		ret->interrupted |= unw_is_signal_frame(cursor) > 0;
		if (sp < last_sp || (sp == last_sp && ret->n > 1)) {
			ret->why = "its stack pointer does not grow";
			return;
		}
		last_sp = sp;
		step = unw_step(cursor);
	}
	if (step < 0) {
		ret->why = "a frame's unwind information is damaged";
		return;
	}
	/* libunwind also says "the end" where it gives up. At a root (_start,
	 * clone) the unwind information itself says that there is no caller,
	 * and the PC becomes 0 (Gparser.c, apply_reg_state()). */
	ret->complete = !unw_get_reg(cursor, UNW_REG_IP, &pc) && !pc;
	if (!ret->complete)
		ret->why = "its outermost frame is no root";
}

struct hs_error *unwind_stack(const struct judge_case *c,
			      const struct code_frames *frames,
			      struct unwind *ret)
{
	unw_accessors_t accessors = {
		.find_proc_info = find_proc_info,
		.put_unwind_info = put_unwind_info,
		.get_dyn_info_list_addr = get_dyn_info_list_addr,
		.access_mem = access_mem,
		.access_reg = access_reg,
		.access_fpreg = access_fpreg,
		.resume = resume,
		.get_proc_name = get_proc_name,
	};
	struct unwind_space *s = calloc(1, sizeof(*s));
	unw_addr_space_t as = NULL;
	unw_cursor_t cursor;

	*ret = (struct unwind){ 0 };
	if (s)
		as = unw_create_addr_space(&accessors, 0);
	if (!as) {
		free(s);
		return hs_error_nomem();
	}
	s->pid = c->pid;
	s->copy = c->copy;
	s->maps = c->maps;
	s->frames = frames;
	s->inputs = &ret->inputs;
	ret->inputs.regs = c->copy->regs;
	ret->inputs.whole = true;
	if (unw_init_remote(&cursor, as, s))
		ret->why = "its registers cannot be followed";
	else
		walk(&cursor, ret);
	if (!ret->complete && s->accesses == ACCESSES_MAX)
		ret->why = "its unwind information has no end";
	unw_destroy_addr_space(as);
	free(s);
	return NULL;
}
