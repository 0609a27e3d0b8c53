#include "attach/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

enum {
	TALLY_NAMED = 4,   /* reasons in the message */
	TALLY_ENOUGH = 30, /* tries that tell something of a share */
	TALLY_LONGEST_S = 600,
};

/* --- counting -------------------------------------------------------------- */

void tally_begin_round(struct tally *tally)
{
	tally->places = hash_begin();
	tally->runs = false;
}

void tally_place(struct tally *tally, pid_t tid,
		 const struct task_syscall *where)
{
	tally->runs = tally->runs || where->activity == TASK_RUNNING;
	/* Not the call's number: the kernel changes it when it goes on with a
	 * wait that we have stopped. */
	tally->places = hash_mix(tally->places, (uint64_t)tid);
	tally->places = hash_mix(tally->places, where->sp);
	tally->places = hash_mix(tally->places, where->pc);
}

void tally_end_round(struct tally *tally)
{
	tally->rounds++;
	if (tally->runs)
		tally->running++;
	else if (tally->rounds == tally->running + 1)
		tally->first_places = tally->places.value;
	else if (tally->first_places != tally->places.value)
		tally->moves = true;
}

/* A thread that we have just stopped runs for a moment, into its call again. */
static bool all_stay(const struct tally *tally)
{
	return tally->rounds > 1 && !tally->moves &&
	       tally->running * 10 < tally->rounds;
}

void tally_add(struct tally *tally, pid_t tid, const struct verdict *verdict)
{
	struct tally_reason *reason = tally->reasons;
	const struct tally_reason *end = reason + tally->n_reasons;

	if (!verdict->why)
		return;
	tally->tries++;
	while (reason < end && (strcmp(reason->why, verdict->why) != 0 ||
				strcmp(reason->what, verdict->what) != 0))
		reason++;
	if (reason == tally->reasons + TALLY_REASONS)
		return;
	if (reason == end) {
		*reason = (struct tally_reason){ .why = verdict->why,
						 .what = verdict->what,
						 .tid = tid };
		tally->n_reasons++;
	}
	reason->n++;
	reason->several = reason->several || reason->tid != tid;
}

/* --- telling --------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const struct tally_reason *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->what, y->what);
}

static void add_share(struct strbuf *sb, size_t n, size_t of)
{
	strbuf_addf(sb, " (%.0f%%, %zu %s)", 100 * (double)n / (double)of, n,
		    n == 1 ? "try" : "tries");
}

static void add_reasons(struct strbuf *sb, const struct tally *tally)
{
	struct tally_reason reasons[TALLY_REASONS];
	size_t i, left = tally->tries;

	memcpy(reasons, tally->reasons, sizeof(reasons));
	qsort(reasons, tally->n_reasons, sizeof(reasons[0]), by_number);
	for (i = 0; i < tally->n_reasons && i < TALLY_NAMED; i++) {
		const struct tally_reason *r = &reasons[i];

		strbuf_adds(sb, i ? "; " : ": ");
		if (r->several)
			strbuf_adds(sb, "a thread ");
		else
			strbuf_addf(sb, "thread %d ", (int)r->tid);
		strbuf_addf(sb, "%s%s", r->why, r->what);
		add_share(sb, r->n, tally->tries);
		left -= r->n;
	}
	if (left) {
		strbuf_adds(sb, "; other reasons");
		add_share(sb, left, tally->tries);
	}
}

/* Seconds of 1, 2, 5, 10 ... that are at least @s, but for 5%. */
static unsigned round_up(double s)
{
	static const unsigned steps[] = { 2, 5, 10 };
	unsigned power = 1, n = 1;
	size_t i = 0;

	while (n < 0.95 * s) {
		n = power * steps[i];
		if (++i == 3) {
			i = 0;
			power *= 10;
		}
	}
	return n;
}

/* Of the looks that found a thread safe none was followed by another one. By
 * the rule of succession one of @passed + 1 is; and 3 expected successes make
 * it 95% that there is one (Poisson: exp(-3) is 5%). 0: longer than is worth
 * advising. */
static unsigned seconds_that_do(const struct tally *tally, double s)
{
	double passed = (double)tally->passed;
	double enough = 3 * s * (passed + 1) / passed;

	return enough > TALLY_LONGEST_S ? 0 : round_up(enough);
}

/* None in n looks: with 95% the share of safe ones is below 3 / n. */
static void add_advice_for_rare(struct strbuf *sb, const struct tally *tally,
				double s)
{
	strbuf_addf(sb, "a safe moment is rarer than one in %zu tries: ",
		    (tally->tries + tally->passed) / 3);
	if (10 * s > TALLY_LONGEST_S)
		strbuf_adds(sb, "no --timeout is known that would do; try when "
				"it has less to do");
	else
		strbuf_addf(sb,
			    "--timeout %us would give it ten times as many, or "
			    "try when it has less to do",
			    round_up(10 * s));
}

static void add_advice(struct strbuf *sb, const struct tally *tally, double s)
{
	unsigned seconds = tally->passed ? seconds_that_do(tally, s) : 0;

	if (all_stay(tally) && !tally->passed)
		strbuf_adds(sb, "no --timeout helps while its threads stay "
				"where they are, and none has moved");
	else if (seconds)
		strbuf_addf(
			sb,
			"--timeout %us would probably do: a thread was safe "
			"in %zu looks more, but not at the next one",
			seconds, tally->passed);
	else if (tally->tries < TALLY_ENOUGH)
		strbuf_adds(sb, "a longer --timeout gives it more tries");
	else
		add_advice_for_rare(sb, tally, s);
	strbuf_adds(sb, "; the process was not changed");
}

struct hs_error *tally_refusal(const struct tally *tally, int64_t us)
{
	struct strbuf sb = { 0 }, advice = { 0 };
	struct hs_error *err;

	if (tally->tries) {
		strbuf_addf(&sb, " in %zu %s within %.1f s", tally->tries,
			    tally->tries == 1 ? "try" : "tries",
			    (double)us / 1e6);
		add_reasons(&sb, tally);
	} else {
		strbuf_addf(&sb,
			    " within %.1f s: none of its threads may be used "
			    "for this",
			    (double)us / 1e6);
	}
	add_advice(&advice, tally, (double)us / 1e6);
	err = hs_error_new(HS_ERROR_UNSAFE, "no safe moment was found%s",
			   strbuf_str(&sb));
	err = hs_error_hint(err, "%s", strbuf_str(&advice));
	strbuf_release(&sb);
	strbuf_release(&advice);
	return err;
}
