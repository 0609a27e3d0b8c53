#include "symbol/dwarf/line_program.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"

struct line_machine {
	const struct line_header *header;
	struct dwarf_lines *lines;
	size_t *rows_left;
	struct cursor c;
	struct dwarf_row row;
	size_t first; /* row of the sequence that is being read */
	bool unsorted;
};

static void reset(struct line_machine *m)
{
	m->row = (struct dwarf_row){ .file = 1, .line = 1 };
	m->first = m->lines->n_rows;
	m->unsorted = false;
}

static struct hs_error *add_row(struct line_machine *m)
{
	struct dwarf_lines *lines = m->lines;

	if (!*m->rows_left) {
		cursor_fail(&m->c);
		return NULL;
	}
	--*m->rows_left;
	if (!ARRAY_GROW(lines->rows, lines->rows_cap, lines->n_rows + 1))
		return hs_error_nomem();
	if (lines->n_rows > m->first &&
	    lines->rows[lines->n_rows - 1].address > m->row.address)
		m->unsorted = true;
	lines->rows[lines->n_rows++] = m->row;
	return NULL;
}

/* Rows of one address stay in the order of the file, which is that of their
 * places in memory. */
static int compare_rows(const void *pa, const void *pb, void *arg)
{
	const struct dwarf_row *rows = arg;
	const uint32_t *a = pa, *b = pb;

	if (rows[*a].address != rows[*b].address)
		return rows[*a].address < rows[*b].address ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

/* No compiler writes them unsorted. */
static struct hs_error *sort_rows(struct dwarf_row *rows, size_t n)
{
	uint32_t *order = calloc(n, sizeof(*order));
	struct dwarf_row *sorted = calloc(n, sizeof(*sorted));
	size_t i;

	if (order && sorted) {
		for (i = 0; i < n; i++)
			order[i] = (uint32_t)i;
		qsort_r(order, n, sizeof(*order), compare_rows, rows);
		for (i = 0; i < n; i++)
			sorted[i] = rows[order[i]];
		memcpy(rows, sorted, n * sizeof(*rows));
	}
	free(order);
	free(sorted);
	return order && sorted ? NULL : hs_error_nomem();
}

static struct hs_error *add_sequence(struct line_machine *m, size_t n)
{
	struct dwarf_lines *lines = m->lines;
	struct dwarf_row *rows = lines->rows + m->first;
	struct hs_error *err = m->unsorted ? sort_rows(rows, n) : NULL;

	if (err)
		return err;
	/* 0: what a linker left of a function it threw away. */
	if (!rows[0].address || rows[0].address >= m->row.address)
		return NULL;
	if (!ARRAY_GROW(lines->sequences, lines->sequences_cap,
			lines->n_sequences + 1))
		return hs_error_nomem();
	lines->sequences[lines->n_sequences++] = (struct dwarf_sequence){
		.start = rows[0].address,
		.end = m->row.address,
		.first = (uint32_t)m->first,
		.n = (uint32_t)n,
	};
	return NULL;
}

static struct hs_error *end_sequence(struct line_machine *m)
{
	size_t n = m->lines->n_rows - m->first;
	struct hs_error *err = NULL;

	if (n && m->lines->n_rows <= UINT32_MAX)
		err = add_sequence(m, n);
	reset(m);
	return err;
}

static void advance(struct line_machine *m, uint64_t operations)
{
	m->row.address += operations * m->header->min_instruction;
}

static struct hs_error *run_extended(struct line_machine *m)
{
	uint64_t length = cursor_uleb(&m->c);
	struct hs_error *err = NULL;
	struct cursor c = m->c;
	uint64_t folder;
	const char *name;

	cursor_skip(&m->c, length);
	if (m->c.failed || !length)
		return NULL;
	c.end = m->c.at;
	switch (cursor_u8(&c)) {
	case DW_LNE_end_sequence:
		return end_sequence(m);
	case DW_LNE_set_address:
		if (length - 1 <= 8 && length > 1)
			m->row.address = cursor_uint(&c, length - 1);
		break;
	case DW_LNE_define_file:
		name = cursor_string(&c);
		folder = cursor_uleb(&c);
		if (!c.failed)
			err = line_add_file(m->lines, name, folder);
		break;
	default:
		break;
	}
	return err;
}

static void skip_operands(struct line_machine *m, uint8_t opcode)
{
	uint8_t n = m->header->operands.data[opcode - 1];

	while (n-- && !m->c.failed)
		cursor_uleb(&m->c);
}

static uint64_t const_add_pc(const struct line_header *header)
{
	return (255u - header->opcode_base) / header->line_range;
}

static struct hs_error *run_standard(struct line_machine *m, uint8_t opcode)
{
	switch (opcode) {
	case 0:
		return run_extended(m);
	case DW_LNS_copy:
		return add_row(m);
	case DW_LNS_advance_pc:
		advance(m, cursor_uleb(&m->c));
		break;
	case DW_LNS_advance_line:
		m->row.line += (uint32_t)cursor_sleb(&m->c);
		break;
	case DW_LNS_set_file:
		m->row.file = (uint32_t)cursor_uleb(&m->c);
		break;
	case DW_LNS_const_add_pc:
		advance(m, const_add_pc(m->header));
		break;
	case DW_LNS_fixed_advance_pc:
		m->row.address += cursor_u16(&m->c);
		break;
	default:
		skip_operands(m, opcode);
		break;
	}
	return NULL;
}

struct hs_error *line_program_run(const struct line_header *header,
				  struct dwarf_lines *lines, size_t *rows_left)
{
	struct line_machine m = {
		.header = header,
		.lines = lines,
		.rows_left = rows_left,
		.c = header->program,
	};
	struct hs_error *err = NULL;

	reset(&m);
	if (!header->line_range || !header->opcode_base)
		return NULL;
	while (!err && cursor_left(&m.c)) {
		uint8_t opcode = cursor_u8(&m.c);

		if (opcode < header->opcode_base) {
			err = run_standard(&m, opcode);
			continue;
		}
		opcode = (uint8_t)(opcode - header->opcode_base);
		advance(&m, opcode / header->line_range);
		m.row.line += (uint32_t)(header->line_base +
					 opcode % header->line_range);
		err = add_row(&m);
	}
	return err;
}
