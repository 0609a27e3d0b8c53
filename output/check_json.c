#include "output/check_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/strbuf.h"

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

static json_t *frame_json(const struct check_frame *frame)
{
	if (!frame)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "function",
			 text_json(frame->function), "file",
			 text_json(frame->file), "line",
			 frame->line ? json_integer(frame->line) : json_null(),
			 "module",
			 text_json(frame->module ? frame->module : ""),
			 "offset", address_json(frame->offset), "address",
			 address_json(frame->address));
}

/* NULL when memory runs out, as all below. */
static json_t *frames_json(const struct check_thread *t)
{
	json_t *frames = json_array();
	size_t i;

	for (i = 0; i < t->n_frames; i++) {
		if (json_array_append_new(frames, frame_json(&t->frames[i]))) {
			json_decref(frames);
			return NULL;
		}
	}
	return frames;
}

static json_t *thread_json(const struct check_thread *t)
{
	char state[2] = { t->state, '\0' };

	return json_pack("{s:i, s:o, s:s, s:o, s:o, s:b, s:o, s:o, s:b, s:o}",
			 "tid", (int)t->tid, "name", text_json(t->name),
			 "state", state, "syscall", text_json(t->syscall),
			 "syscall_number",
			 t->syscall_number < 0
				 ? json_null()
				 : json_integer(t->syscall_number),
			 "safe", t->safe, "reason",
			 text_json(t->safe ? NULL : t->why_unsafe), "inside",
			 frame_json(t->inside), "unwound", t->unwound, "frames",
			 frames_json(t));
}

static json_t *items_json(const struct check_report *r)
{
	json_t *items = json_array();
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		if (json_array_append_new(items, item_json(&r->items[i]))) {
			json_decref(items);
			return NULL;
		}
	}
	return items;
}

static json_t *threads_json(const struct check_report *r)
{
	json_t *threads = json_array();
	size_t i;

	for (i = 0; i < r->n_threads; i++) {
		if (json_array_append_new(threads,
					  thread_json(&r->threads[i]))) {
			json_decref(threads);
			return NULL;
		}
	}
	return threads;
}

struct hs_error *check_json_write(FILE *f, const struct check_report *r)
{
	struct hs_error *err = NULL;
	json_t *j;

	j = json_pack("{s:s, s:s, s:i, s:o, s:b, s:i, s:b, s:b, s:I, s:o, "
		      "s:o}",
		      "schema", "heapsnap/1", "kind", "check", "pid",
		      (int)r->pid, "command", text_json(r->command), "ok",
		      r->ok, "exit_status", r->exit_status, "attached",
		      r->attached, "borrowed", r->borrowed, "pause_us",
		      (json_int_t)r->pause_us, "conditions", items_json(r),
		      "threads", threads_json(r));
	if (!j)
		return hs_error_nomem();
	if (json_dumpf(j, f, JSON_INDENT(2)) || fputc('\n', f) == EOF)
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot write the report");
	json_decref(j);
	return err;
}
