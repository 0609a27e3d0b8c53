#include "contents/sampled_types.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "contents/classify.h"
#include "contents/code_names.h"
#include "target/heap_regions.h"

enum {
	LOOKED_AT_MAX = 64,    /* of a stack */
	SYMBOLS_MAX = 1 << 16, /* that are read for names: 2 MiB */
};

/* s->items[first..first + n), all of one stack. */
struct run {
	size_t first, n;
};

struct typer {
	struct sampled *sampled;
	struct surroundings around;
	struct known known;
	struct code_names names;
	struct loaded_files files;
	struct run *runs; /* owned */
	size_t n_runs;
};

static void typer_release(struct typer *t)
{
	known_release(&t->known);
	code_names_release(&t->names);
	loaded_files_release(&t->files);
	free(t->runs);
}

/* How often each name was met. */
struct tally {
	const char *names[LOOKED_AT_MAX];
	uint32_t counts[LOOKED_AT_MAX];
	size_t n;
};

static void tally_add(struct tally *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n && t->names[i] != name; i++)
		;
	if (i == t->n) {
		t->names[i] = name;
		t->counts[i] = 0;
		t->n++;
	}
	t->counts[i]++;
}

/* The first of those that were met most often. */
static void tally_most(const struct tally *t, struct sampled_type *ret)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->counts[i] <= ret->of_type)
			continue;
		ret->of_type = t->counts[i];
		ret->name = t->names[i];
	}
}

static struct hs_error *look_at(struct typer *t, const struct sampled_one *one,
				struct sampled_type *type, struct tally *tally)
{
	const struct memory_source *m = &t->around.memory;
	_cleanup_strbuf_ struct strbuf name = { 0 };
	struct region r = {
		.address = one->address,
		.size = heap_class_size(one->szind),
		.less = one->szind ? heap_class_size(one->szind - 1) : 0,
	};
	enum contents_kind kind;
	struct hs_error *err;
	const char *text;

	r.len = r.size < REGION_BYTES ? (size_t)r.size : REGION_BYTES;
	if (!m->read(m->arg, r.address, r.bytes, r.len))
		return NULL;
	type->looked_at++;
	kind = classify(&t->known, &r, &name);
	explicit_bzero(&r, sizeof(r));
	err = t->known.failed ? hs_error_nomem() : strbuf_check(&name);
	if (err || kind == CONTENTS_OTHER)
		return err;
	err = intern_string(&t->sampled->strings, strbuf_str(&name), name.len,
			    &text);
	if (!err)
		tally_add(tally, text);
	return err;
}

/* Looks at all of a stack, or at as many as it may, of all ages. */
static struct hs_error *look_at_run(struct typer *t, const struct run *run)
{
	const struct sampled_one *items = &t->sampled->items[run->first];
	struct sampled_type *type = &t->sampled->types[items->trace];
	const size_t n = run->n < LOOKED_AT_MAX ? run->n : LOOKED_AT_MAX;
	struct hs_error *err = NULL;
	struct tally tally = { 0 };
	size_t i;

	for (i = 0; i < n && !err; i++)
		err = look_at(t, &items[i * run->n / n], type, &tally);
	tally_most(&tally, type);
	return err;
}

static int by_number(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static struct hs_error *make_runs(struct typer *t)
{
	const struct sampled *s = t->sampled;
	size_t i;

	t->runs = calloc(s->traces.n + 1, sizeof(*t->runs));
	if (!t->runs)
		return hs_error_nomem();
	for (i = 0; i < s->n; i++) {
		if (!i || s->items[i].trace != s->items[i - 1].trace)
			t->runs[t->n_runs++].first = i;
		t->runs[t->n_runs - 1].n++;
	}
	qsort(t->runs, t->n_runs, sizeof(*t->runs), by_number);
	return NULL;
}

static struct hs_error *open_names(struct typer *t, const struct identity *id,
				   enum demangle_style demangle,
				   const struct maps *maps,
				   struct sampled_reader *reader)
{
	struct surroundings *a = &t->around;
	struct hs_error *err;

	*a = (struct surroundings){
		.memory = { sampled_read, reader },
		.maps = maps,
		.name = code_names_find,
		.arg = &t->names,
		.demangle = demangle,
	};
	t->known.around = a;
	err = loaded_files_open(id, maps, &reader->end, &t->files);
	if (!err)
		err = code_names_open(maps, &t->files, &a->memory, &t->names);
	t->names.symbols_left = SYMBOLS_MAX;
	a->constants = code_names_constants(&t->names);
	return err;
}

struct hs_error *sampled_types_find(const struct identity *id,
				    enum demangle_style demangle,
				    const struct maps *maps,
				    struct sampled_reader *reader,
				    struct sampled *s)
{
	hs_cleanup(typer_release) struct typer t = { .sampled = s };
	struct hs_error *err;
	size_t i;

	s->types = calloc(s->traces.n + 1, sizeof(*s->types));
	if (!s->types)
		return hs_error_nomem();
	err = open_names(&t, id, demangle, maps, reader);
	if (!err)
		err = make_runs(&t);
	for (i = 0; i < t.n_runs && !err && !sampled_reader_late(reader); i++)
		err = look_at_run(&t, &t.runs[i]);
	return err || !t.names.failed ? err : hs_error_nomem();
}
