#include <stdlib.h>

#include "heap/format/builder.h"

void heap_builder_know_frame(struct heap_builder *b, const char *text,
			     size_t len)
{
	const struct heap_profile *p = b->profile;

	/* Without, each frame is read. */
	if (!b->memo)
		b->memo = calloc(1, sizeof(*b->memo));
	if (b->memo)
		frame_memo_keep(b->memo, text, len, p->frames[p->n_frames - 1]);
}

/* So many more frames of the open stack have room. */
static size_t heap_builder_room(const struct heap_builder *b)
{
	const struct heap_profile *p = b->profile;
	const size_t frames = p->frames_cap - p->n_frames;
	const size_t ends = b->ends_cap - (p->n_frames - b->first);
	const size_t numbers = UINT32_MAX - 1 - p->n_frames;
	const size_t least = frames < ends ? frames : ends;

	return least < numbers ? least : numbers;
}

const char *heap_builder_add_known(struct heap_builder *b, const char *start,
				   const char *at)
{
	struct heap_profile *p = b->profile;
	const size_t room = heap_builder_room(b);
	uint32_t *frames, *ends;
	size_t n = 0, len;

	/* With one that is known there are frames. */
	if (!b->memo)
		return at;
	frames = p->frames + p->n_frames;
	ends = b->ends + (p->n_frames - b->first);
	while (n < room && *at == ' ') {
		len = frame_memo_find(b->memo, at + 1, &frames[n]);
		if (!len)
			break;
		at += 1 + len;
		ends[n++] = (uint32_t)(at - start);
	}
	p->n_frames += n;
	return at;
}
