#include "heap/check_report.h"

#include <stdlib.h>

static void release_frame(struct check_frame *frame)
{
	free(frame->function);
	free(frame->file);
	free(frame->module);
}

static void release_thread(struct check_thread *t)
{
	size_t i;

	for (i = 0; i < t->n_frames; i++)
		release_frame(&t->frames[i]);
	free(t->frames);
	if (t->inside)
		release_frame(t->inside);
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
	for (i = 0; i < r->n_looked; i++)
		release_thread(&r->threads[i]);
	free(r->threads);
	for (i = 0; i < r->n_modules; i++) {
		free(r->modules[i].name);
		free(r->modules[i].build_id);
		free(r->modules[i].version);
	}
	free(r->modules);
	*r = (struct check_report){ 0 };
}
