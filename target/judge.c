#include "target/judge.h"

#include "target/scan.h"
#include "target/unwind.h"

static struct verdict inside(const struct scan_hit *hit)
{
	return (struct verdict){ .is = VERDICT_INSIDE,
				 .why = "is inside ",
				 .what = hit->range->what,
				 .inside = hit->word };
}

/* A signal handler may have come to a thread anywhere, and wait. */
static struct verdict judge_signals(const struct thread_copy *copy,
				    const struct unsafe_code *unsafe, bool *any)
{
	struct scan_hit hit;
	struct verdict v;

	if (scan_signals(copy, unsafe, any, &hit))
		return verdict_usable();
	if (!hit.range)
		return verdict_not_now("handles a signal on another stack", "");
	v = inside(&hit);
	v.why = "was interrupted by a signal inside ";
	return v;
}

static struct verdict judge_words(const struct thread_copy *copy,
				  const struct unsafe_code *unsafe,
				  bool at_call)
{
	struct scan_hit hit;

	return scan_stack(copy, unsafe, at_call, &hit) ? verdict_usable()
						       : inside(&hit);
}

static struct verdict
judge_by_scan(const void *arg, const struct thread_copy *copy, bool at_call)
{
	const struct code_map *code = arg;
	struct verdict v = judge_words(copy, &code->unsafe, at_call);
	bool any;

	return v.is == VERDICT_USABLE ? judge_signals(copy, &code->unsafe, &any)
				      : v;
}

/* The words are clean. But of libc and of joins they say nothing, and not all
 * frames are known, or one is a signal's. */
static struct verdict judge_interrupted(const struct judge_case *c,
					const struct unsafe_code *unsafe,
					const struct unwind *unwind)
{
	bool any;
	struct verdict v = judge_signals(c->copy, unsafe, &any);

	if (v.is == VERDICT_USABLE && unwind->interrupted && !any)
		v = verdict_not_now("handles a signal, and where that came is "
				    "not known",
				    "");
	return v;
}

static struct verdict judge_fully(const void *arg, const struct judge_case *c,
				  struct unwind *frames)
{
	const struct code_map *code = arg;
	struct verdict scan = judge_words(c->copy, &code->unsafe, c->at_call);
	bool clean = scan.is == VERDICT_USABLE;
	bool stale_ok = c->at_call && !c->for_lock;
	struct unwind own, *unwind = frames ? frames : &own;
	struct verdict signals;
	struct hs_error *err;

	if (!clean && !stale_ok && !frames)
		return scan;
	err = unwind_stack(c, &code->frames, unwind);
	if (err)
		return verdict_failed(err);
	/* An event loop with a large array on its stack may have words from its
	 * start-up there for ever. Its frames decide, if all of them are known
	 * and it stands at a call that is no wait for a lock: who holds a lock
	 * then has a frame that will give it back. A function that jumped to
	 * pthread_mutex_unlock() has none while the lock is given back; that is
	 * no call of those, but a signal may come there, and its handler make
	 * one: below a signal frame frames decide nothing. */
	if (!clean && !(stale_ok && unwind->complete && !unwind->interrupted &&
			scan_frames(unwind, &code->unsafe)))
		return scan;
	/* A signal frame to which no frame returns is an old one. */
	if (unwind->complete && !unwind->interrupted)
		return verdict_usable();
	signals = judge_interrupted(c, &code->unsafe, unwind);
	if (signals.is != VERDICT_USABLE || unwind->complete)
		return signals;
	/* The scan is the proof. Where a library has no unwind information
	 * (musl, hand-written code), a thread that waits in the kernel may be
	 * used if no thread has both. */
	if (c->scan_decides && c->waits && !unwind->interrupted)
		return verdict_usable();
	return verdict_not_now("cannot be unwound: ", unwind->why);
}

struct judge target_judge(const struct code_map *code)
{
	return (struct judge){ .scan = judge_by_scan,
			       .judge = judge_fully,
			       .arg = code };
}
