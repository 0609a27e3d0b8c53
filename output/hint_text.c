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

/* What gives names, below. They are in /tmp/perf-PID.map, which a live snapshot
 * reads. (openjdk, codeCache.cpp, write_perf_map(); node(1); ruby,
 * doc/yjit/yjit.md; dotnet, clrconfigvalues.h; cpython, Doc/howto/
 * perf_profiling.rst) */
static void add_remedy(struct strbuf *sb, const struct heap_hint *hint,
		       const struct heap_profile *p)
{
	switch (hint->runtime.runtime) {
	case RUNTIME_NONE:
		break;
	case RUNTIME_JVM:
		strbuf_adds(sb, "the JVM, which\nhave no names here: ");
		if (p->meta.pid >= 0)
			strbuf_addf(sb, "'jcmd %" PRId64, p->meta.pid);
		else
			strbuf_adds(sb, "'jcmd PID");
		strbuf_adds(sb, " Compiler.perfmap' just before a "
				"snapshot\nwrites them (Java 17 and later).");
		break;
	case RUNTIME_NODE:
		strbuf_adds(sb, "JavaScript,\nwhich have no names here: "
				"'node --perf-basic-prof' writes them, with\n"
				"--interpreted-frames-native-stack also those "
				"that are not compiled.");
		break;
	case RUNTIME_RUBY:
		strbuf_adds(sb, "Ruby, which have\nno names here: 'ruby "
				"--yjit-perf' writes those that are compiled "
				"(3.3 and\nlater).");
		break;
	case RUNTIME_DOTNET:
		strbuf_adds(sb, ".NET, which have\nno names here: "
				"DOTNET_PerfMapEnabled=1 in its environment "
				"writes them.");
		break;
	case RUNTIME_PYTHON:
		strbuf_adds(sb, "Python, which\nhave no names here: "
				"'python3 -X perf' writes them (3.12 and "
				"later).");
		break;
	}
}

static void add_runtime(struct strbuf *sb, const struct heap_hint *hint,
			const struct heap_profile *p)
{
	strbuf_addf(sb, "%.0f%% of what is live passes through functions of ",
		    hint->runtime.percent);
	add_remedy(sb, hint, p);
	if (hint->runtime.small_unseen)
		strbuf_adds(sb, "\nObjects of up to 512 bytes are in Python's "
				"own arenas, not in malloc:\n"
				"PYTHONMALLOC=malloc shows them, too.");
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
	case HEAP_HINT_RUNTIME:
		add_runtime(sb, hint, p);
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
