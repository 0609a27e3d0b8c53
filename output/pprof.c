#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/intern.h"
#include "heap/format/profile.pb-c.h"
#include "output/formats.h"
#include "output/gzip.h"
#include "output/label.h"
#include "output/pprof_functions.h"

enum { MOST_LINES = 4096 }; /* inlined frames of one address */

/*
 * The profile is never in memory as a whole: a message is the same when its
 * fields are written one after the other as messages of their own (Protocol
 * Buffers, "Encoding", "Last One Wins").
 */
struct pprof {
	const struct rows *rows;
	const struct format_options *options;
	struct gzip gzip;
	struct intern strings; /* string_table */
	struct pprof_functions functions;
	bool *located;	     /* owned; by first frame: location written */
	bool *mapped;	     /* owned; by module, after's and before's */
	uint64_t *locations; /* owned; scratch: locations of a stack */
	size_t locations_cap;
	Pprof__Line lines[MOST_LINES];
	Pprof__Line *line_list[MOST_LINES];
	Pprof__Label base; /* of what was before */
	int64_t thread_key;
	struct strbuf out;
};

static void pprof_destroy(struct pprof *p)
{
	if (!p)
		return;
	gzip_release(&p->gzip);
	intern_release(&p->strings);
	pprof_functions_release(&p->functions);
	free(p->located);
	free(p->mapped);
	free(p->locations);
	strbuf_release(&p->out);
	free(p);
}

static void cleanup_pprof(struct pprof **p)
{
	pprof_destroy(*p);
}

static struct hs_error *pprof_create(FILE *f, const struct rows *rows,
				     const struct format_options *o,
				     struct pprof **ret)
{
	hs_cleanup(cleanup_pprof) struct pprof *p = calloc(1, sizeof(*p));
	struct hs_error *err;
	size_t i, modules = rows->after->n_modules;
	uint32_t empty;

	if (!p)
		return hs_error_nomem();
	if (rows->before)
		modules += rows->before->n_modules;
	p->rows = rows;
	p->options = o;
	p->located = calloc(rows->n_frames + 1, sizeof(*p->located));
	p->mapped = calloc(modules + 1, sizeof(*p->mapped));
	if (!p->located || !p->mapped)
		return hs_error_nomem();
	for (i = 0; i < MOST_LINES; i++)
		p->line_list[i] = &p->lines[i];
	err = gzip_init(&p->gzip, f);
	if (!err)
		err = intern_reserve(&p->strings, rows->n_frames);
	if (!err)
		err = intern_number(&p->strings, "", 0, &empty);
	if (!err)
		*ret = take_ptr(p);
	return err;
}

static struct hs_error *put(struct pprof *p, const Pprof__Profile *part)
{
	size_t len = pprof__profile__get_packed_size(part);
	_cleanup_free_ uint8_t *buf = malloc(len + 1);

	if (!buf)
		return hs_error_nomem();
	pprof__profile__pack(part, buf);
	return gzip_write(&p->gzip, buf, len);
}

/* The index of @s, escaped; NULL counts as the empty string. */
static struct hs_error *add_text(struct pprof *p, const char *s, int64_t *ret)
{
	struct hs_error *err;
	uint32_t index = 0;

	strbuf_clear(&p->out);
	escape_terminal(&p->out, s ? s : "", s ? strlen(s) : 0);
	err = strbuf_check(&p->out);
	if (!err)
		err = intern_number(&p->strings, strbuf_str(&p->out),
				    p->out.len, &index);
	*ret = index;
	return err;
}

/* Writes the function of @f unless it is written already. */
static struct hs_error *add_function(struct pprof *p, const struct row_frame *f,
				     uint64_t *ret)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };
	Pprof__Function function = PPROF__FUNCTION__INIT, *list = &function;
	Pprof__Profile part = PPROF__PROFILE__INIT;
	struct pprof_function numbers = { 0 };
	struct hs_error *err;
	bool is_new = false;

	label_add(&name, f);
	err = strbuf_check(&name);
	if (!err)
		err = add_text(p, strbuf_str(&name), &function.name);
	if (!err)
		err = add_text(p, f->look->function, &function.system_name);
	if (!err)
		err = add_text(p, f->look->file, &function.filename);
	if (err)
		return err;
	numbers.name = (uint32_t)function.name;
	numbers.system_name = (uint32_t)function.system_name;
	numbers.file = (uint32_t)function.filename;
	err = pprof_functions_number(&p->functions, &numbers, &is_new);
	*ret = function.id = numbers.id;
	if (err || !is_new)
		return err;
	part.n_function = 1;
	part.function = &list;
	return put(p, &part);
}

/* Says what the frames of module @path have. has_functions keeps pprof from
 * resolving names itself, by the nearest symbol in the file that is at the path
 * now. */
static void set_flags(const struct rows *rows, const char *path,
		      Pprof__Mapping *m)
{
	const struct row_frame *f;
	size_t i;

	m->has_functions = true;
	for (i = 0; i < rows->n_frames; i++) {
		f = &rows->frames[i];
		if (f->look->module != path)
			continue;
		m->has_filenames |= f->look->file != NULL;
		m->has_line_numbers |= f->look->line != 0;
		m->has_inline_frames |= f->look->inlined;
	}
}

/* Sets the address range of the module's code. */
static void set_range(const struct heap_profile *profile, const char *path,
		      Pprof__Mapping *m)
{
	const struct mapping *item;
	size_t i;

	for (i = 0; i < profile->maps.n; i++) {
		item = &profile->maps.items[i];
		if (!item->exec || strcmp(item->path, path) != 0)
			continue;
		if (!m->memory_limit) {
			m->memory_start = item->start;
			m->file_offset = item->offset;
		}
		m->memory_limit = item->end;
	}
}

static struct hs_error *write_mapping(struct pprof *p,
				      const struct heap_profile *profile,
				      size_t module, uint64_t id)
{
	const struct heap_module *source = &profile->modules[module];
	Pprof__Mapping mapping = PPROF__MAPPING__INIT, *list = &mapping;
	Pprof__Profile part = PPROF__PROFILE__INIT;
	struct hs_error *err;

	mapping.id = id;
	set_range(profile, source->path, &mapping);
	set_flags(p->rows, source->path, &mapping);
	err = add_text(p, source->path, &mapping.filename);
	if (!err)
		err = add_text(p, source->build_id, &mapping.build_id);
	if (err)
		return err;
	part.n_mapping = 1;
	part.mapping = &list;
	return put(p, &part);
}

/* Mappings of the profile after come first: pprof takes the first mapping for
 * the program. */
static struct hs_error *write_mappings(struct pprof *p)
{
	const struct heap_profile *after = p->rows->after;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < after->n_modules; i++) {
		p->mapped[i] = true;
		err = write_mapping(p, after, i, i + 1);
	}
	return err;
}

/* The mapping of @f, 0 for none. A frame's module path belongs to the profile
 * of the frame, so it shows which of the two that is. */
static struct hs_error *find_mapping(struct pprof *p, const struct row_frame *f,
				     uint64_t *ret)
{
	const struct heap_profile *after = p->rows->after,
				  *before = p->rows->before;
	size_t i, n = after->n_modules;

	*ret = 0;
	if (!f->look->module)
		return NULL;
	for (i = 0; i < n; i++)
		if (after->modules[i].path == f->look->module) {
			*ret = i + 1;
			return NULL;
		}
	for (i = 0; before && i < before->n_modules; i++) {
		if (before->modules[i].path != f->look->module)
			continue;
		*ret = n + i + 1;
		if (p->mapped[n + i])
			return NULL;
		p->mapped[n + i] = true;
		return write_mapping(p, before, i, *ret);
	}
	return NULL;
}

/*
 * Writes the location of frames [first, first + n) of the rows, which are those
 * of one address. Its number is the first frame's: where the allocator's
 * inlined functions were folded away, the rest is a location of its own.
 */
static struct hs_error *write_location(struct pprof *p, uint32_t first,
				       uint32_t n)
{
	const struct row_frame *frames = &p->rows->frames[first];
	Pprof__Location location = PPROF__LOCATION__INIT, *list = &location;
	Pprof__Profile part = PPROF__PROFILE__INIT;
	struct hs_error *err;
	uint32_t i;

	location.id = (uint64_t)first + 1;
	if (!heap_address_is_invented(frames->address))
		location.address = frames->address;
	err = find_mapping(p, frames, &location.mapping_id);
	for (i = 0; !err && i < n && i < MOST_LINES; i++) {
		p->lines[i] = (Pprof__Line)PPROF__LINE__INIT;
		p->lines[i].line = frames[i].look->line;
		err = add_function(p, &frames[i], &p->lines[i].function_id);
	}
	if (err)
		return err;
	location.n_line = i;
	location.line = p->line_list;
	part.n_location = 1;
	part.location = &list;
	return put(p, &part);
}

/* The locations of @row, in p->locations. */
static struct hs_error *locate(struct pprof *p, const struct row *row,
			       size_t *ret)
{
	const struct rows *rows = p->rows;
	const uint32_t *stack = &rows->stack[row->first];
	struct hs_error *err = NULL;
	uint32_t i, next;

	if (!ARRAY_GROW(p->locations, p->locations_cap, row->depth))
		return hs_error_nomem();
	*ret = 0;
	for (i = 0; !err && i < row->depth; i = next) {
		next = i + 1;
		while (next < row->depth &&
		       rows->frames[stack[next - 1]].look->inlined &&
		       stack[next] == stack[next - 1] + 1)
			next++;
		p->locations[(*ret)++] = (uint64_t)stack[i] + 1;
		if (p->located[stack[i]])
			continue;
		p->located[stack[i]] = true;
		err = write_location(p, stack[i], next - i);
	}
	return err;
}

/* The numbers of a sample: objects and bytes that the rows count, and the other
 * numbers where known. */
enum { OBJECTS, BYTES, OTHER_OBJECTS, OTHER_BYTES, MOST_VALUES };

struct values {
	int64_t of[MOST_VALUES];
};

/* Leaves what is at odd places: bytes. Returns how many these are. */
static size_t leave_objects(int64_t *values, size_t n)
{
	size_t i;

	for (i = 0; i < n / 2; i++)
		values[i] = values[2 * i + 1];
	return n / 2;
}

/* In the order of the sample types: allocated since the start comes first, as
 * in Go. */
static struct hs_error *write_sample(struct pprof *p, size_t n_locations,
				     const struct values *v,
				     Pprof__Label **labels, size_t n_labels)
{
	bool other = p->rows->columns.other;
	bool first = other && p->rows->counts == ROWS_INUSE;
	int64_t values[MOST_VALUES] = {
		v->of[first ? OTHER_OBJECTS : OBJECTS],
		v->of[first ? OTHER_BYTES : BYTES],
		v->of[first ? OBJECTS : OTHER_OBJECTS],
		v->of[first ? BYTES : OTHER_BYTES],
	};
	Pprof__Sample sample = PPROF__SAMPLE__INIT, *list = &sample;
	Pprof__Profile part = PPROF__PROFILE__INIT;
	bool any = false;
	size_t i;

	sample.n_value = other ? MOST_VALUES : MOST_VALUES / 2;
	if (!rows_count_objects(p->rows))
		sample.n_value = leave_objects(values, sample.n_value);
	for (i = 0; i < sample.n_value; i++)
		any |= values[i] != 0;
	if (!any)
		return NULL;
	sample.n_location_id = n_locations;
	sample.location_id = p->locations;
	sample.value = values;
	sample.n_label = n_labels;
	sample.label = labels;
	part.n_sample = 1;
	part.sample = &list;
	return put(p, &part);
}

/* The numbers of a row, before or after. */
static struct values row_values(const struct pprof *p, const struct row *row,
				bool after)
{
	const struct row_extra *extra =
		row_columns_of(&p->rows->columns, row->number);
	const struct row_values none = { 0 };
	const struct row_values *other = !extra	 ? &none
					 : after ? &extra->after
						 : &extra->before;
	struct measure objects = measure_of(p->rows, row, ROWS_BY_OBJECTS);
	struct measure bytes = measure_of(p->rows, row, ROWS_BY_BYTES);

	return (struct values){ {
		[OBJECTS] = after ? objects.after : objects.before,
		[BYTES] = after ? bytes.after : bytes.before,
		[OTHER_OBJECTS] = llround(other->objects),
		[OTHER_BYTES] = llround(other->bytes),
	} };
}

/* A thread's share of each number, before or after. */
struct shares {
	double of[MOST_VALUES];
};

static struct shares part_shares(const struct row_part *part, bool after)
{
	const struct row_values *v = after ? &part->after : &part->before;
	const struct row_values *other = after ? &part->other_after
					       : &part->other_before;

	return (struct shares){ {
		[OBJECTS] = v->objects,
		[BYTES] = v->bytes,
		[OTHER_OBJECTS] = other->objects,
		[OTHER_BYTES] = other->bytes,
	} };
}

static void add_shares(struct shares *sum, const struct row_part *part,
		       bool after)
{
	struct shares s = part_shares(part, after);
	int i;

	for (i = 0; i < MOST_VALUES; i++)
		sum->of[i] += s.of[i];
}

/* The rounded part of @all up to @sum: shares that end where the next ones
 * begin add up to all. */
static struct values share_out(const struct values *all,
			       const struct shares *sum,
			       const struct shares *whole)
{
	struct values v = { { 0 } };
	int i;

	for (i = 0; i < MOST_VALUES; i++)
		if (whole->of[i] > 0)
			v.of[i] = llround((double)all->of[i] * sum->of[i] /
					  whole->of[i]);
	return v;
}

static void subtract(struct values *a, const struct values *b)
{
	int i;

	for (i = 0; i < MOST_VALUES; i++)
		a->of[i] -= b->of[i];
}

static void negate(struct values *v)
{
	const struct values was = *v;

	*v = (struct values){ { 0 } };
	subtract(v, &was);
}

/* Writes a side of @row: a sample for each thread, and one for the rest. */
static struct hs_error *write_side(struct pprof *p, const struct row *row,
				   size_t n_locations, bool after)
{
	const struct row_columns *x = &p->rows->columns;
	const struct row_extra *extra = row_columns_of(x, row->number);
	struct values all = row_values(p, row, after), given = { { 0 } };
	struct shares whole = { { 0 } }, sum = { { 0 } };
	Pprof__Label thread = PPROF__LABEL__INIT;
	Pprof__Label *labels[] = { &p->base, &thread };
	const size_t first = after ? 1 : 0;
	struct hs_error *err = NULL;
	uint32_t i, start = extra ? extra->first : ROW_NO_PART;

	if (!after)
		negate(&all);
	for (i = start; i != ROW_NO_PART; i = x->parts[i].next)
		add_shares(&whole, &x->parts[i], after);
	thread.key = p->thread_key;
	for (i = start; !err && i != ROW_NO_PART; i = x->parts[i].next) {
		struct values v, end;

		add_shares(&sum, &x->parts[i], after);
		v = end = share_out(&all, &sum, &whole);
		subtract(&v, &given);
		given = end;
		err = add_text(p, x->threads.items[x->parts[i].thread],
			       &thread.str);
		if (!err)
			err = write_sample(p, n_locations, &v, labels + first,
					   2 - first);
	}
	subtract(&all, &given);
	return err ? err
		   : write_sample(p, n_locations, &all, labels, after ? 0 : 1);
}

/*
 * A diff has the form that `pprof -diff_base' makes of two profiles: the
 * numbers of before are negative and have the label "pprof::base", so that the
 * sum is the change and percentages are of before. (pprof, Profile.SetLabel in
 * internal/driver/fetch.go; internal/report, computeTotal)
 */
static struct hs_error *write_row(struct pprof *p, const struct row *row)
{
	struct hs_error *err;
	size_t n = 0;

	err = locate(p, row, &n);
	if (!err && p->rows->before)
		err = write_side(p, row, n, false);
	return err ? err : write_side(p, row, n, true);
}

static struct hs_error *write_samples(struct pprof *p)
{
	size_t i, end = formats_rows(p->rows, p->options->top);
	struct hs_error *err;

	pprof__label__init(&p->base);
	err = add_text(p, "pprof::base", &p->base.key);
	if (!err)
		err = add_text(p, "true", &p->base.str);
	if (!err)
		err = add_text(p, "thread", &p->thread_key);
	for (i = 0; !err && i < end; i++)
		err = write_row(p, &p->rows->items[i]);
	return err;
}

static struct hs_error *value_type(struct pprof *p, Pprof__ValueType *type,
				   const char *name, const char *unit)
{
	struct hs_error *err;

	pprof__value_type__init(type);
	err = add_text(p, name, &type->type);
	return err ? err : add_text(p, unit, &type->unit);
}

static struct hs_error *write_types(struct pprof *p)
{
	static const struct {
		const char *name, *unit;
		enum rows_counts counts;
		enum rows_sort sort;
	} known[MOST_VALUES] = {
		{ "alloc_objects", "count", ROWS_ALLOCATED, ROWS_BY_OBJECTS },
		{ "alloc_space", "bytes", ROWS_ALLOCATED, ROWS_BY_BYTES },
		{ "inuse_objects", "count", ROWS_INUSE, ROWS_BY_OBJECTS },
		{ "inuse_space", "bytes", ROWS_INUSE, ROWS_BY_BYTES },
	};
	Pprof__ValueType types[MOST_VALUES], *list[MOST_VALUES], space;
	Pprof__Profile part = PPROF__PROFILE__INIT;
	const struct rows *rows = p->rows;
	struct hs_error *err = NULL;
	size_t i, n = 0;

	for (i = 0; !err && i < MOST_VALUES; i++) {
		if (known[i].counts != rows->counts && !rows->columns.other)
			continue;
		if (known[i].sort == ROWS_BY_OBJECTS &&
		    !rows_count_objects(rows))
			continue;
		list[n] = &types[n];
		err = value_type(p, list[n], known[i].name, known[i].unit);
		if (!err && known[i].counts == rows->counts &&
		    known[i].sort == p->options->sort)
			part.default_sample_type = types[n].type;
		n++;
	}
	if (!err)
		err = value_type(p, &space, "space", "bytes");
	if (err)
		return err;
	part.n_sample_type = n;
	part.sample_type = list;
	part.period_type = &space;
	if (!p->rows->after->sampling_unknown)
		part.period = (int64_t)p->rows->after->sample_period;
	return put(p, &part);
}

static struct hs_error *write_comment(struct pprof *p, const char *text)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	struct hs_error *err;
	int64_t index;

	err = add_text(p, text, &index);
	if (err)
		return err;
	part.n_comment = 1;
	part.comment = &index;
	return put(p, &part);
}

static struct hs_error *comment_profile(struct pprof *p, const char *what,
					const struct heap_meta *o)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	strbuf_addf(&sb, "%s: %s", what, o->file ? o->file : "not kept");
	if (o->taken_at)
		strbuf_addf(&sb, ", taken at %s", o->taken_at);
	err = strbuf_check(&sb);
	return err ? err : write_comment(p, strbuf_str(&sb));
}

static struct hs_error *write_comments(struct pprof *p)
{
	const struct rows *rows = p->rows;
	_cleanup_strbuf_ struct strbuf title = { 0 };
	struct hs_error *err;

	formats_add_title(&title, rows);
	err = strbuf_check(&title);
	if (!err)
		err = write_comment(p, strbuf_str(&title));
	if (!err && rows->before)
		err = comment_profile(p, "before", &rows->before->meta);
	if (!err)
		err = comment_profile(p, rows->before ? "after" : "snapshot",
				      &rows->after->meta);
	return err;
}

static struct hs_error *write_times(struct pprof *p)
{
	const struct rows *rows = p->rows;
	int64_t after = rows->after->meta.taken_at_us;
	Pprof__Profile part = PPROF__PROFILE__INIT;

	/* In nanoseconds the year 2262 is the last one. */
	if (after < 0 || after > INT64_MAX / 1000)
		return NULL;
	part.time_nanos = after * 1000;
	if (rows->before && rows->before->meta.taken_at_us >= 0 &&
	    rows->before->meta.taken_at_us < after)
		part.duration_nanos =
			(after - rows->before->meta.taken_at_us) * 1000;
	return put(p, &part);
}

/* Written last, when all strings are known; only their order matters. */
static struct hs_error *write_strings(struct pprof *p)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < p->strings.n; i++) {
		Pprof__Profile part = PPROF__PROFILE__INIT;
		char *text = (char *)p->strings.items[i];

		part.n_string_table = 1;
		part.string_table = &text;
		err = put(p, &part);
	}
	return err;
}

struct hs_error *pprof_write(FILE *f, const struct rows *rows,
			     const struct format_options *o)
{
	hs_cleanup(cleanup_pprof) struct pprof *p = NULL;
	struct hs_error *err;

	err = pprof_create(f, rows, o, &p);
	if (!err)
		err = write_types(p);
	if (!err)
		err = write_times(p);
	if (!err)
		err = write_mappings(p);
	if (!err)
		err = write_samples(p);
	if (!err)
		err = write_comments(p);
	if (!err)
		err = write_strings(p);
	return err ? err : gzip_finish(&p->gzip);
}
