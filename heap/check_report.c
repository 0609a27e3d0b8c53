#include "heap/check_report.h"

#include <stdlib.h>

static void release_thread(struct check_thread *t)
{
	size_t i;

	for (i = 0; i < t->n_frames; i++)
		free(t->frames[i].function);
	free(t->frames);
	if (t->inside)
		free(t->inside->function);
	free(t->inside);
}

void check_report_release(struct check_report *r)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		free(r->items[i].reason);
		free(r->items[i].remedy);
	}
	free(r->items);
	for (i = 0; i < r->n_threads; i++)
		release_thread(&r->threads[i]);
	free(r->threads);
	*r = (struct check_report){ 0 };
}
