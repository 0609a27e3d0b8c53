#include "output/limit_text.h"

#include <inttypes.h>
#include <math.h>

static const char *const subjects[] = {
	[HEAP_LIMIT_GROUP_MAX] = "the limit of its group",
	[HEAP_LIMIT_GROUP_HIGH] = "memory.high of its group",
	[HEAP_LIMIT_ADDRESSES] = "its RLIMIT_AS",
	[HEAP_LIMIT_DATA] = "its RLIMIT_DATA",
	[HEAP_LIMIT_MACHINE] = "the memory of the machine",
	[HEAP_LIMITS] = NULL,
};

/* A limit is a round number, the machine's memory is not. */
static void add_size(struct strbuf *sb, int64_t bytes, enum units units)
{
	if (units == UNITS_IEC && bytes % (1 << 20) == 0 &&
	    (bytes < 1 << 30 || bytes % (1 << 30) == 0))
		units_add_exact(sb, (uint64_t)bytes);
	else
		units_add_bytes(sb, bytes, false, units);
}

void limit_text_add(struct strbuf *sb, const struct heap_time_left *left,
		    enum units units, bool utf8)
{
	if (left->kind == HEAP_LIMITS)
		return;
	strbuf_adds(sb, "At ");
	units_add_between(sb, llround(left->rate), llround(left->rate_error),
			  utf8 ? " ± " : " +- ", units);
	strbuf_addf(sb, "/s %s, ", subjects[left->kind]);
	add_size(sb, left->bytes, units);
	strbuf_adds(sb, ", is reached in ");
	units_add_about(sb, left->seconds);
	strbuf_addc(sb, '.');
}

json_t *limit_json(struct json_build *b, const struct heap_time_left *left)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	json_t *j;

	if (left->kind == HEAP_LIMITS)
		return json_null();
	limit_text_add(&text, left, UNITS_IEC, true);
	b->failed |= text.failed;
	j = json_object();
	json_set_text(b, j, "kind", heap_limit_name(left->kind));
	json_set_integer(b, j, "bytes", left->bytes);
	json_set(b, j, "seconds_left", json_real(left->seconds));
	json_set(b, j, "seconds_left_se", json_real(left->error));
	json_set(b, j, "rate_bytes", json_real(left->rate));
	json_set(b, j, "rate_bytes_se", json_real(left->rate_error));
	json_set_text(b, j, "text", strbuf_str(&text));
	return j;
}
