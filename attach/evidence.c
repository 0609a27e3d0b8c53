#include "attach/evidence.h"

#include <stdlib.h>

#include "base/deadline.h"

enum {
	/* So long it need not be followed again. */
	EVIDENCE_FOLLOWED_US = 50000,
	/* Code is not unloaded, and another loaded in its place, so fast that
	 * the same frames stand in both. */
	EVIDENCE_PLACE_US = 1000000,
};

static bool is_fresh(int64_t at, int64_t us)
{
	return clock_us() - at < us;
}

void evidence_release(struct evidence *evidence)
{
	free(evidence->places);
	*evidence = (struct evidence){ 0 };
}

/* The number of thread @tid; e->n_followed: it is not known. */
static size_t find_followed(const struct evidence *e, pid_t tid)
{
	size_t i = 0;

	while (i < e->n_followed && e->followed[i].tid != tid)
		i++;
	return i;
}

static void forget(struct evidence *e, pid_t tid)
{
	size_t i = find_followed(e, tid);

	if (i < e->n_followed)
		e->followed[i] = e->followed[--e->n_followed];
}

static void learn_followed(struct evidence *e, pid_t tid)
{
	size_t i = find_followed(e, tid);

	if (i == EVIDENCE_THREADS)
		i = e->next_followed++ % EVIDENCE_THREADS;
	else if (i == e->n_followed)
		e->n_followed++;
	e->followed[i].tid = tid;
	e->followed[i].at = clock_us();
}

/* Where to note a place: over the same one, or the oldest. */
static struct evidence_place *place_for(struct evidence *e, pid_t tid,
					const struct unwind_inputs *inputs)
{
	struct evidence_place *p;
	size_t i;

	for (i = 0; i < e->n_places; i++) {
		p = &e->places[i];
		if (p->tid == tid && p->inputs.n == inputs->n &&
		    p->inputs.regs.pc == inputs->regs.pc &&
		    p->inputs.regs.sp == inputs->regs.sp)
			return p;
	}
	if (e->n_places < EVIDENCE_PLACES)
		return &e->places[e->n_places++];
	return &e->places[e->next_place++ % EVIDENCE_PLACES];
}

static void learn_place(struct evidence *e, pid_t tid,
			const struct unwind_inputs *inputs)
{
	if (!e->places)
		e->places = calloc(EVIDENCE_PLACES, sizeof(*e->places));
	if (!e->places)
		return;
	*place_for(e, tid, inputs) = (struct evidence_place){
		.tid = tid,
		.at = clock_us(),
		.inputs = *inputs,
	};
}

void evidence_learn(struct evidence *evidence, pid_t tid,
		    const struct unwind *frames, bool safe)
{
	if (!frames->complete || frames->interrupted) {
		forget(evidence, tid);
		return;
	}
	learn_followed(evidence, tid);
	if (safe && frames->inputs.whole)
		learn_place(evidence, tid, &frames->inputs);
}

bool evidence_is_followed(const struct evidence *evidence, pid_t tid)
{
	size_t i = find_followed(evidence, tid);

	return i < evidence->n_followed &&
	       is_fresh(evidence->followed[i].at, EVIDENCE_FOLLOWED_US);
}

static bool is_of(const struct evidence_place *place, pid_t tid)
{
	return place->tid == tid && is_fresh(place->at, EVIDENCE_PLACE_US);
}

bool evidence_has_frames(const struct evidence *evidence, pid_t tid,
			 const struct thread_copy *copy)
{
	size_t i;

	for (i = 0; i < evidence->n_places; i++)
		if (is_of(&evidence->places[i], tid) &&
		    thread_copy_unwinds_as(copy, &evidence->places[i].inputs))
			return true;
	return false;
}

bool evidence_knows(const struct evidence *evidence, pid_t tid)
{
	size_t i;

	for (i = 0; i < evidence->n_places; i++)
		if (is_of(&evidence->places[i], tid))
			return true;
	return evidence_is_followed(evidence, tid);
}
