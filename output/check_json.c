#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "attach/arch.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "output/check_report.h"
#include "symbol/demangle.h"

/* NULL is null; bytes that are not UTF-8 are escaped. */
static json_t *text_json(const char *s)
{
	struct strbuf sb = { 0 };
	json_t *j;

	if (!s)
		return json_null();
	escape_utf8(&sb, s, strlen(s));
	j = sb.failed ? NULL : json_string(strbuf_str(&sb));
	strbuf_release(&sb);
	return j;
}

static json_t *address_json(uint64_t address)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, address);
	return json_string(hex);
}

static json_t *answer_json(enum check_answer answer)
{
	if (answer == CHECK_NOT_KNOWN)
		return json_null();
	return json_boolean(answer != CHECK_NO);
}

static json_t *item_json(const struct check_item *item)
{
	return json_pack("{s:o, s:o, s:b, s:o, s:o}", "name",
			 text_json(item->name), "ok", answer_json(item->answer),
			 "warning", item->answer == CHECK_WARNING, "reason",
			 text_json(item->reason), "remedy",
			 text_json(item->remedy));
}

/* NULL: out of memory, and *err may tell more. */
static json_t *frame_json(const struct check_report *r, uint64_t address,
			  bool caller, struct hs_error **err)
{
	struct strbuf function = { 0 };
	struct check_name name;
	json_t *j;

	*err = check_names_find(r->names, address, caller, &name);
	if (*err)
		return NULL;
	if (name.function)
		demangle(&function, name.function, DEMANGLE_FULL);
	j = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "function",
		      text_json(name.function ? strbuf_str(&function) : NULL),
		      "file", text_json(name.file), "line",
		      name.line ? json_integer(name.line) : json_null(),
		      "module", text_json(name.module), "offset",
		      address_json(name.offset), "address",
		      address_json(address - caller));
	strbuf_release(&function);
	return j;
}

static json_t *frames_json(const struct check_report *r,
			   const struct host_opinion *opinion,
			   struct hs_error **err)
{
	json_t *frames = json_array(), *frame;
	size_t i;

	for (i = 0; i < opinion->unwind.n && !*err; i++) {
		frame = frame_json(r, opinion->unwind.pcs[i], i > 0, err);
		if (json_array_append_new(frames, frame) && !*err)
			*err = hs_error_nomem();
	}
	return frames;
}

static json_t *thread_json(const struct check_report *r,
			   const struct check_thread *t, struct hs_error **err)
{
	const struct host_opinion *opinion = &t->opinion;
	const char *syscall = arch_syscall_name(t->number);
	char state[2] = { t->state, '\0' };
	json_t *inside = json_null();

	if (opinion->inside)
		inside = frame_json(r, opinion->inside, true, err);
	return json_pack("{s:i, s:o, s:s, s:o, s:o, s:b, s:o, s:o, s:b, s:o}",
			 "tid", (int)t->tid, "name", text_json(t->name),
			 "state", state, "syscall", text_json(syscall),
			 "syscall_number",
			 t->number < 0 ? json_null() : json_integer(t->number),
			 "safe", opinion->safe, "reason",
			 text_json(opinion->safe ? NULL : opinion->why),
			 "inside", inside, "unwound", opinion->unwind.complete,
			 "frames", frames_json(r, opinion, err));
}

static json_t *list_json(const struct check_report *r, struct hs_error **err)
{
	const struct check *check = r->check;
	json_t *conditions = json_array(), *threads = json_array();
	size_t i;

	for (i = 0; i < check->n; i++)
		if (json_array_append_new(conditions,
					  item_json(&check->items[i])))
			*err = hs_error_join(*err, hs_error_nomem());
	for (i = 0; i < check->n_threads && !*err; i++)
		if (json_array_append_new(
			    threads, thread_json(r, &check->threads[i], err)))
			*err = hs_error_join(*err, hs_error_nomem());
	return json_pack("{s:s, s:s, s:i, s:o, s:b, s:i, s:b, s:b, s:I, s:o, "
			 "s:o}",
			 "schema", "heapsnap/1", "kind", "check", "pid",
			 (int)r->id->pid, "command", text_json(r->id->command),
			 "ok", !check->verdict, "exit_status", r->status,
			 "attached", check->attached, "borrowed",
			 check->borrowed, "pause_us",
			 (json_int_t)check->pause_us, "conditions", conditions,
			 "threads", threads);
}

struct hs_error *check_report_json(FILE *f, const struct check_report *r)
{
	struct hs_error *err = NULL;
	json_t *j = list_json(r, &err);

	if (!j)
		err = hs_error_join(err, hs_error_nomem());
	if (!err && (json_dumpf(j, f, JSON_INDENT(2)) || fputc('\n', f) == EOF))
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot write the report");
	json_decref(j);
	return err;
}
