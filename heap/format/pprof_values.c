#include "heap/format/pprof_values.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "heap/snapshot_meta.h"
#include "heap/unbias.h"

/*
 * What writers call the two numbers: Go, gperftools by way of pprof, node, and
 * heapsnap; tcmalloc (envoy); jemalloc_pprof of Rust, which has no objects;
 * Datadog's; pypprof. (go, runtime/pprof/protomem.go; pprof, legacy_profile.go;
 * pprof-nodejs, profile-serializer.ts; tcmalloc, internal/profile_builder.cc;
 * rust-jemalloc-pprof, util/src/lib.rs; libdatadog, SampleType; pypprof,
 * net_http.py)
 */
static const struct {
	const char *objects, *bytes;
	bool allocated; /* since the start, else in use */
} names[] = {
	{ "inuse_objects", "inuse_space", false },
	{ "objects", "space", false },
	{ "inuse-objects", "inuse-space", false },
	{ "heap-live-samples", "heap-live-size", false },
	{ "", "heap-space", false },
	{ "sample", "HEAP", false },
	{ "alloc_objects", "alloc_space", true },
	{ "alloc-samples", "alloc-space", true },
};

/* How they name what they sample by, where it is a mean of bytes. Datadog's
 * write 1 of anything. */
static const char *const periods[] = { "space", "inuse_space", "HEAP" };

/* Name and unit of sample type @i. */
static struct hs_error *type_of(const struct pprof_message *m,
				const Pprof__ValueType *type, size_t i,
				const char **name, const char **unit)
{
	struct hs_error *err =
		pprof_message_string(m, type->type, "sample type", i, name);

	return err ? err
		   : pprof_message_string(m, type->unit, "sample type", i,
					  unit);
}

static struct hs_error *take_type(struct pprof_values *v, const char *name,
				  const char *unit, int at)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct pprof_value *value = names[i].allocated ? &v->allocated
							       : &v->inuse;

		if (!strcmp(name, names[i].objects) && value->objects < 0)
			value->objects = at;
		if (strcmp(name, names[i].bytes) || value->bytes >= 0)
			continue;
		if (strcmp(unit, "bytes"))
			return hs_error_new(HS_ERROR_INPUT,
					    "its '%s' is in '%s': only bytes "
					    "can be read",
					    name, unit);
		value->bytes = at;
	}
	return NULL;
}

/* Tells what it is instead. */
static struct hs_error *no_heap(const struct pprof_message *m)
{
	const Pprof__Profile *p = m->profile;
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const char *name, *unit;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_sample_type && i < 8; i++) {
		err = type_of(m, p->sample_type[i], i, &name, &unit);
		if (!err)
			strbuf_addf(&sb, "%s'%s'", i ? ", " : "", name);
	}
	if (!err)
		err = strbuf_check(&sb);
	if (err)
		return err;
	return hs_error_hint(
		hs_error_new(HS_ERROR_INPUT,
			     "seems to be a pprof profile of %s, not one of a "
			     "heap",
			     sb.len ? strbuf_str(&sb) : "nothing"),
		"one of a heap has 'inuse_space', 'alloc_space' or 'space'; "
		"Go's is at /debug/pprof/heap");
}

static struct hs_error *find_period(const struct pprof_message *m,
				    struct pprof_values *v)
{
	const Pprof__Profile *p = m->profile;
	const char *name, *unit;
	struct hs_error *err;
	size_t i;

	v->period = 1;
	if (p->period < 0 || p->period > HEAP_NUMBER_MAX)
		return pprof_damaged("it was sampled every %" PRId64 " bytes",
				     p->period);
	if (!p->period_type || !p->period)
		return NULL;
	err = type_of(m, p->period_type, 0, &name, &unit);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(periods); i++)
		v->sampling_known |= !strcmp(name, periods[i]) &&
				     !strcmp(unit, "bytes");
	if (v->sampling_known)
		v->period = (uint64_t)p->period;
	return NULL;
}

struct hs_error *pprof_values_find(const struct pprof_message *m,
				   struct pprof_values *ret)
{
	const Pprof__Profile *p = m->profile;
	const char *name, *unit;
	struct hs_error *err = NULL;
	size_t i;

	*ret = (struct pprof_values){ .inuse = { -1, -1 },
				      .allocated = { -1, -1 } };
	/* More than there are names for. */
	if (p->n_sample_type > 64)
		return pprof_damaged("it has %zu sample types",
				     p->n_sample_type);
	for (i = 0; !err && i < p->n_sample_type; i++) {
		err = type_of(m, p->sample_type[i], i, &name, &unit);
		if (!err)
			err = take_type(ret, name, unit, (int)i);
	}
	if (!err && ret->inuse.bytes < 0 && ret->allocated.bytes < 0)
		err = no_heap(m);
	return err ? err : find_period(m, ret);
}

static struct hs_error *number(const Pprof__Sample *sample, int at,
			       size_t index, double *ret)
{
	const int64_t value = at < 0 ? 0 : sample->value[at];

	*ret = (double)value;
	if (value < 0)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT,
				     "seems to be the difference of two "
				     "profiles: sample %zu has a negative "
				     "number",
				     index + 1),
			"give the two it was made from: heapsnap diff BEFORE "
			"AFTER");
	if (value > HEAP_NUMBER_MAX)
		return pprof_damaged("sample %zu has %" PRId64
				     ", more than a process can have",
				     index + 1, value);
	return NULL;
}

struct hs_error *pprof_values_get(const struct pprof_values *v,
				  struct pprof_value value,
				  const Pprof__Sample *sample, size_t index,
				  struct heap_counts *ret)
{
	double objects = 0, bytes = 0;
	struct hs_error *err;

	err = number(sample, value.objects, index, &objects);
	if (!err)
		err = number(sample, value.bytes, index, &bytes);
	*ret = heap_counts_of_estimate(objects, bytes, v->period);
	return err;
}
