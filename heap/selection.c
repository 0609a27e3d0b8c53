#include "heap/selection.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "heap/remarks.h"
#include "heap/threads.h"

static const char *name_of(const struct heap_profile *p)
{
	return p->meta.file ? p->meta.file : "the process";
}

static struct hs_error *keep_threads(const struct heap_selection *s,
				     const struct monitor *monitor,
				     struct heap_profile *p)
{
	_cleanup_free_ bool *keep = calloc(p->n_threads + 1, sizeof(*keep));
	bool any = false;
	size_t i;

	if (!keep)
		return hs_error_nomem();
	for (i = 0; i < p->n_threads; i++) {
		_cleanup_strbuf_ struct strbuf label = { 0 };

		heap_thread_label(&p->threads[i], &label);
		keep[i] = !regexec(s->thread, strbuf_str(&label), 0, NULL, 0);
		any |= keep[i];
	}
	if (!any)
		monitor_note(monitor, "no thread of '%s' matches '%s'",
			     name_of(p), s->thread_text);
	heap_profile_keep_threads(p, keep);
	return NULL;
}

struct hs_error *heap_selection_apply(const struct heap_selection *s,
				      const struct monitor *monitor,
				      struct heap_profile *p)
{
	if (!p->n_stacks)
		return NULL;
	if (!s->allocated && p->no_inuse)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT,
				     "'%s' does not tell what is in use, only "
				     "what was allocated since the start",
				     name_of(p)),
			"--alloc shows that");
	if (s->allocated && p->why_not_allocated)
		return hs_error_new(HS_ERROR_INPUT,
				    "'%s' does not tell what was allocated "
				    "since the start: %s",
				    name_of(p), p->why_not_allocated);
	if (s->allocated && !p->allocated)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT,
				     "'%s' does not tell what was allocated "
				     "since the start, only what is in use",
				     name_of(p)),
			"jemalloc counts that only when the process was "
			"started with MALLOC_CONF=...,prof_accum:true");
	if (!s->threads)
		return NULL;
	if (!p->n_parts)
		return hs_error_new(HS_ERROR_INPUT,
				    "'%s' does not tell threads apart: only "
				    "jemalloc 4.0 and later does",
				    name_of(p));
	return s->thread ? keep_threads(s, monitor, p) : NULL;
}

struct hs_error *heap_selection_read(const struct heap_selection *s,
				     const struct monitor *monitor, int fd,
				     const char *name, struct heap_profile *ret)
{
	struct hs_error *err = heap_read_fd(fd, name, &s->read, ret);

	if (err)
		return err;
	heap_remarks_warn(ret, monitor);
	return heap_selection_apply(s, monitor, ret);
}
