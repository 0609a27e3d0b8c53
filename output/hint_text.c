#include "output/hint_text.h"

#include <inttypes.h>

static void add_unseen(struct strbuf *sb, const struct heap_hint *hint,
		       const struct heap_profile *p, enum units units)
{
	strbuf_adds(sb, "The profile has ");
	units_add_bytes(sb, hint->bytes, false, units);
	strbuf_adds(sb, " less than jemalloc has allocated: ");
	if (p->meta.prof_active == 0)
		strbuf_adds(sb, "profiling is\nnot active now, and what is "
				"allocated meanwhile is in no profile;\n"
				"--activate switches it on for the time of a "
				"run.");
	else if (p->meta.opt_prof_active == 0)
		strbuf_adds(sb, "profiling was\nactivated late (it began with "
				"prof_active:false), and what is older is in "
				"none.");
	else if (p->meta.thread_active_init == 0)
		strbuf_adds(sb, "its threads\nare not profiled unless they "
				"ask for it (prof_thread_active_init:false).");
	else
		strbuf_adds(sb, "what was\nallocated while profiling was not "
				"active, or before a prof.reset, is in none.");
}

/* Both are of one process, at nearly the same time. */
static void add_more(struct strbuf *sb, const struct heap_hint *hint,
		     const struct heap_profile *p, enum units units)
{
	strbuf_adds(sb, "The profile has ");
	units_add_bytes(sb, -hint->bytes, false, units);
	strbuf_adds(sb, " more than jemalloc has allocated");
	if (p->meta.dump_us < 0) {
		strbuf_adds(sb, ", which its\nerror does not explain: go by "
				"jemalloc's number.");
		return;
	}
	strbuf_adds(sb, ": that was counted\nafter it, up to ");
	units_add_duration(sb, p->meta.dump_us);
	strbuf_adds(sb, " later; what was freed in between is in the profile "
			"only.");
}

void hint_text_add(struct strbuf *sb, const struct heap_hint *hint,
		   const struct heap_profile *p, enum units units)
{
	switch (hint->kind) {
	case HEAP_HINT_NONE:
		break;
	case HEAP_HINT_DENSE:
		strbuf_adds(sb, "Live allocations are ");
		units_add_bytes(sb, hint->bytes, false, units);
		strbuf_addf(sb,
			    " more than the profile has: jemalloc gives\neach "
			    "of the %" PRIu64 " objects that were sampled at "
			    "least 16 KiB of its own.",
			    hint->samples);
		break;
	case HEAP_HINT_UNSEEN:
		add_unseen(sb, hint, p, units);
		break;
	case HEAP_HINT_MORE:
		add_more(sb, hint, p, units);
		break;
	case HEAP_HINT_COARSE:
		strbuf_adds(sb, "Only ");
		units_add_counted(sb, (int64_t)hint->samples, "object", false);
		strbuf_addf(sb,
			    " of this heap were sampled: "
			    "lg_prof_sample:%d at the next\nstart gives a "
			    "picture of a heap of this size.",
			    hint->lg_sample);
		break;
	}
}
