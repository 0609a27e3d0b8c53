#include "target/scan.h"

#include <string.h>

#include "target/signal_frame.h"

static bool counts(enum code_unsafe_when unsafe_when, bool is_pc, bool at_call)
{
	switch (unsafe_when) {
	case CODE_ALWAYS:
		return true;
	case CODE_RUNNING:
		return !at_call;
	case CODE_PC:
		return is_pc;
	case CODE_RUNNING_PC:
		return is_pc && !at_call;
	}
	return true;
}

/* A call that does not return can be a function's last instruction (exit() of
 * glibc): the return address is then the end of its range. */
static bool holds(const struct code_range *r, uint64_t word, bool is_pc)
{
	return word < r->end ||
	       (word == r->end && !is_pc && !r->no_return_to_end);
}

static const struct code_range *find_unsafe(const struct unsafe_code *code,
					    uint64_t word, bool is_pc,
					    bool at_call)
{
	size_t i;

	for (i = 0; i < code->n && code->items[i].start <= word; i++) {
		const struct code_range *r = &code->items[i];

		if (holds(r, word, is_pc) &&
		    counts(r->unsafe_when, is_pc, at_call))
			return r;
	}
	return NULL;
}

/* The same as scan_stack(), but for the PC. */
static bool scan_words(const struct thread_copy *copy,
		       const struct unsafe_code *code, bool at_call,
		       struct scan_hit *hit)
{
	uint64_t word, low = UINT64_MAX, high = 0;
	size_t i;

	/* Most words are no code addresses at all. */
	for (i = 0; i < code->n; i++) {
		if (code->items[i].start < low)
			low = code->items[i].start;
		if (code->items[i].end > high)
			high = code->items[i].end;
	}
	for (i = 0; i + sizeof(word) <= copy->len; i += sizeof(word)) {
		memcpy(&word, copy->bytes + i, sizeof(word));
		if (word < low || word > high)
			continue;
		hit->range = find_unsafe(code, word, false, at_call);
		if (!hit->range)
			continue;
		hit->word = word;
		hit->at = copy->regs.sp + i;
		return false;
	}
	return true;
}

bool scan_stack(const struct thread_copy *copy, const struct unsafe_code *code,
		bool at_call, struct scan_hit *hit)
{
	*hit = (struct scan_hit){ .word = copy->regs.pc };
	hit->range = find_unsafe(code, hit->word, true, at_call);
	return !hit->range && scan_words(copy, code, at_call, hit);
}

/* The interrupted code's frames are among the words of @copy. */
static bool is_on_stack(const struct signal_frame *frame,
			const struct thread_copy *copy)
{
	return frame->sp > frame->at && frame->sp <= copy->bounds.high;
}

bool scan_signals(const struct thread_copy *copy,
		  const struct unsafe_code *code, bool *any,
		  struct scan_hit *hit)
{
	struct signal_frame frame;
	bool at_calls = true;
	size_t offset = 0;

	*hit = (struct scan_hit){ 0 };
	*any = false;
	while (signal_frame_next(copy, &offset, &frame)) {
		*any = true;
		at_calls = at_calls && frame.at_call;
		hit->word = frame.pc;
		hit->at = frame.at;
		hit->range = find_unsafe(code, frame.pc, true, frame.at_call);
		if (hit->range || !is_on_stack(&frame, copy))
			return false;
	}
	return at_calls || scan_words(copy, code, false, hit);
}

bool scan_frames(const struct unwind *unwind, const struct unsafe_code *code)
{
	size_t i;

	for (i = 0; i < unwind->n; i++) {
		if (find_unsafe(code, unwind->pcs[i], i == 0, true))
			return false;
	}
	return true;
}
