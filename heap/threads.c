#include "heap/threads.h"

#include <inttypes.h>

#include "heap/samples.h"
#include "heap/unbias.h"

void heap_thread_label(const struct heap_thread *thread, struct strbuf *sb)
{
	if (thread->name)
		strbuf_addf(sb, "%s (t%" PRIu64 ")", thread->name, thread->uid);
	else
		strbuf_addf(sb, "t%" PRIu64, thread->uid);
}

void heap_profile_keep_threads(struct heap_profile *p, const bool *keep)
{
	size_t i, n_parts = 0;

	p->partial = true;
	heap_samples_drop(p); /* those of all threads */
	for (i = 0; i < p->n_stacks; i++) {
		p->stacks[i].inuse = (struct heap_counts){ 0 };
		if (p->allocated)
			p->allocated[i] = (struct heap_counts){ 0 };
	}
	p->total = (struct heap_counts){ 0 };
	for (i = 0; i < p->n_parts; i++) {
		const struct heap_part *part = &p->parts[i];

		if (!keep[part->thread])
			continue;
		heap_counts_add(&p->stacks[part->stack].inuse, &part->inuse);
		if (p->allocated)
			heap_counts_add(&p->allocated[part->stack],
					&part->allocated);
		heap_counts_add(&p->total, &part->inuse);
		p->parts[n_parts++] = *part;
	}
	p->n_parts = n_parts;
}
