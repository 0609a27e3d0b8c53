#include "heap/format/read_pprof.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/intern.h"
#include "base/parse.h"
#include "heap/format/builder.h"
#include "heap/format/pprof_code.h"
#include "heap/format/pprof_message.h"
#include "heap/format/pprof_values.h"
#include "heap/remarks.h"

enum {
	MOST_FRAMES = 1 << 20, /* of one stack */
	MOST_HEAD = 9,	       /* bytes of a time */
};

struct reader {
	struct heap_profile *profile; /* borrowed */
	struct pprof_message message;
	struct pprof_values values;
	struct pprof_code *code; /* owned */
	struct heap_builder builder;
	struct intern threads; /* the values of the label "thread" */
	bool own_threads;      /* all of them are as heapsnap writes them */
};

static void reader_release(struct reader *r)
{
	pprof_message_release(&r->message);
	pprof_code_destroy(r->code);
	heap_builder_release(&r->builder);
	intern_release(&r->threads);
}

/* A field's key is its number and its kind, 2: with a length, which is below
 * 128 for these, but for samples of deep stacks, and behind which the first
 * field of the message follows. An order of fields is not prescribed. */
bool heap_pprof_is_start(const char *head, size_t len)
{
	static const struct {
		char key, first, second; /* keys of the fields in it */
	} fields[] = {
		{ 1 << 3 | 2, 1 << 3, 2 << 3 },	    /* sample_type */
		{ 2 << 3 | 2, 1 << 3 | 2, 1 << 3 }, /* sample */
		{ 3 << 3 | 2, 1 << 3, 2 << 3 },	    /* mapping */
		{ 4 << 3 | 2, 1 << 3, 2 << 3 },	    /* location */
		{ 5 << 3 | 2, 1 << 3, 2 << 3 },	    /* function */
		{ 11 << 3 | 2, 1 << 3, 2 << 3 },    /* period_type */
	};
	const char *at = head + 1;
	size_t i;

	if (len < MOST_HEAD)
		return false;
	/* time_nanos, of this century: Go's profiles of CPUs begin with it. */
	if (head[0] == 9 << 3) {
		for (i = 1; i < 9; i++)
			if (!(head[i] & 0x80))
				return false;
		return true;
	}
	/* The table of strings begins with "". */
	if (head[0] == (6 << 3 | 2))
		return !head[1] && head[2] == (6 << 3 | 2);
	while (at < head + 3 && *at & 0x80)
		at++;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (head[0] == fields[i].key && *at && !(*at & 0x80) &&
		    (at[1] == fields[i].first || at[1] == fields[i].second))
			return true;
	return false;
}

/* --- threads --------------------------------------------------------------- */

/* The value of the label "thread" of @sample; NULL: none. */
static struct hs_error *thread_of(const struct reader *r,
				  const Pprof__Sample *sample, size_t index,
				  const char **ret)
{
	struct hs_error *err = NULL;
	const char *key = NULL;
	size_t i;

	*ret = NULL;
	for (i = 0; !err && !*ret && i < sample->n_label; i++) {
		const Pprof__Label *label = sample->label[i];

		if (!label->str)
			continue;
		err = pprof_message_string(&r->message, label->key, "sample",
					   index + 1, &key);
		if (!err && !strcmp(key, "thread"))
			err = pprof_message_string(&r->message, label->str,
						   "sample", index + 1, ret);
	}
	return err;
}

/* "my worker (t1)" or "t1", as heap_thread_label() writes them; *name: how much
 * of it is the name. */
static bool parse_own(const char *text, uint64_t *uid, size_t *name)
{
	const size_t len = strlen(text);
	const char *open = strrchr(text, '(');

	*name = 0;
	if (text[0] == 't' && parse_u64(text + 1, len - 1, uid))
		return true;
	if (!open || open < text + 2 || open[-1] != ' ' || open[1] != 't' ||
	    text[len - 1] != ')' ||
	    !parse_u64(open + 2, (size_t)(text + len - 1 - (open + 2)), uid))
		return false;
	*name = (size_t)(open - 1 - text);
	return true;
}

/* Collects the threads: whether all are our own decides what their numbers
 * are. */
static struct hs_error *find_threads(struct reader *r)
{
	const Pprof__Profile *p = r->message.profile;
	struct hs_error *err = NULL;
	size_t i, name;
	uint32_t number;
	uint64_t uid;

	r->own_threads = true;
	for (i = 0; !err && i < p->n_sample; i++) {
		const char *text = NULL;

		err = thread_of(r, p->sample[i], i, &text);
		if (err || !text)
			continue;
		err = intern_number(&r->threads, text, strlen(text), &number);
		r->own_threads &= parse_own(text, &uid, &name);
	}
	return err;
}

/* Those of others get their numbers here, from 1 on. */
static struct hs_error *add_part(struct reader *r, const Pprof__Sample *sample,
				 size_t index, const struct heap_counts *inuse,
				 const struct heap_counts *allocated)
{
	const char *text = NULL;
	struct hs_error *err;
	uint32_t number = 0;
	size_t len;
	uint64_t uid;

	err = thread_of(r, sample, index, &text);
	if (err || !text)
		return err;
	len = strlen(text);
	if (!r->own_threads || !parse_own(text, &uid, &len)) {
		err = intern_number(&r->threads, text, len, &number);
		uid = (uint64_t)number + 1;
	}
	if (!err)
		err = heap_builder_add_thread(&r->builder, uid, text, len);
	return err ? err
		   : heap_builder_add_part(&r->builder, uid, inuse, allocated);
}

/* --- samples --------------------------------------------------------------- */

static struct hs_error *add_frames(struct reader *r,
				   const Pprof__Sample *sample, size_t index)
{
	struct hs_error *err;
	uint64_t address = 0;
	size_t i = 0;

	if (sample->n_location_id > MOST_FRAMES)
		return pprof_damaged("sample %zu has %zu frames", index + 1,
				     sample->n_location_id);
	err = pprof_code_first(r->code, sample, index, &i);
	for (; !err && i < sample->n_location_id; i++) {
		err = pprof_code_address(r->code, sample->location_id[i],
					 index + 1, &address);
		if (!err)
			err = heap_builder_add_frame(&r->builder, address, 0);
	}
	return err;
}

static struct hs_error *add_sample(struct reader *r, size_t index)
{
	const Pprof__Profile *p = r->message.profile;
	const Pprof__Sample *sample = p->sample[index];
	struct heap_counts inuse, allocated;
	struct hs_error *err;

	if (sample->n_value != p->n_sample_type)
		return pprof_damaged("sample %zu has %zu numbers of %zu",
				     index + 1, sample->n_value,
				     p->n_sample_type);
	err = pprof_values_get(&r->values, r->values.inuse, sample, index,
			       &inuse);
	if (!err)
		err = pprof_values_get(&r->values, r->values.allocated, sample,
				       index, &allocated);
	if (!err)
		err = add_frames(r, sample, index);
	if (!err && r->builder.want_parts)
		err = add_part(r, sample, index, &inuse, &allocated);
	return err ? err
		   : heap_builder_close_stack(&r->builder, &inuse, &allocated);
}

static struct hs_error *add_samples(struct reader *r)
{
	const Pprof__Profile *p = r->message.profile;
	struct hs_error *err = NULL;
	double allocated = 0;
	size_t i;

	for (i = 0; !err && i < p->n_sample; i++)
		err = add_sample(r, i);
	if (!err)
		err = heap_builder_finish(&r->builder);
	for (i = 0; !err && r->profile->allocated && i < r->profile->n_stacks;
	     i++)
		allocated += r->profile->allocated[i].bytes;
	if (!err && (r->profile->total.bytes > (double)HEAP_NUMBER_MAX ||
		     r->profile->total.objects > (double)HEAP_NUMBER_MAX ||
		     allocated > (double)HEAP_NUMBER_MAX))
		err = pprof_damaged("its numbers add up to more than a process "
				    "can have");
	return err;
}

/* --- all ------------------------------------------------------------------- */

static struct hs_error *remark_all(const struct reader *r, const char *name)
{
	const struct pprof_values *v = &r->values;
	struct hs_error *err = NULL;

	if (!v->sampling_known)
		err = heap_remark_add(
			r->profile,
			"its writer knows: that of heapsnap, Go and tcmalloc "
			"says it in period_type, 'space' in 'bytes'",
			"%s: it does not tell how the heap was sampled: how "
			"far off its numbers are is not known",
			name);
	if (!err && r->profile->no_objects)
		err = heap_remark_add(r->profile, NULL,
				      "%s: it does not count objects, only "
				      "their bytes",
				      name);
	return err;
}

static bool lacks_objects(const struct pprof_value *v)
{
	return v->bytes >= 0 && v->objects < 0;
}

static struct hs_error *set_meta(struct reader *r, const char *name)
{
	const int64_t ns = r->message.profile->time_nanos;
	struct heap_profile *p = r->profile;
	struct hs_error *err =
		intern_text(&p->meta.strings, name, &p->meta.file);

	p->sample_period = r->values.period;
	p->sampling_unknown = !r->values.sampling_known;
	p->no_inuse = r->values.inuse.bytes < 0;
	p->no_objects = lacks_objects(&r->values.inuse) ||
			lacks_objects(&r->values.allocated);
	if (!err && ns > 0)
		err = heap_meta_set_time(&p->meta, ns / 1000);
	return err;
}

static struct hs_error *read_message(struct reader *r, const char *name)
{
	struct hs_error *err = pprof_values_find(&r->message, &r->values);

	if (!err)
		err = set_meta(r, name);
	if (!err)
		err = pprof_code_create(&r->message, r->profile, &r->code);
	if (!err && r->builder.want_parts)
		err = find_threads(r);
	if (!err)
		err = add_samples(r);
	if (!err)
		err = pprof_code_finish(r->code);
	return err ? err : remark_all(r, name);
}

struct hs_error *heap_read_pprof(struct heap_source *source, const char *name,
				 bool threads, struct heap_profile *p)
{
	hs_cleanup(reader_release) struct reader r = { .profile = p };
	struct hs_error *err;

	heap_builder_init(&r.builder, p);
	r.builder.want_parts = threads;
	err = pprof_message_read(source, &r.message);
	if (!err)
		err = read_message(&r, name);
	if (err && hs_error_code(err) == HS_ERROR_INPUT)
		err = hs_error_wrap(err, "%s", name);
	return err;
}
