#include "output/check_json.h"

#include "output/json_build.h"

static json_t *answer_json(enum check_answer answer)
{
	if (answer == CHECK_NOT_KNOWN)
		return json_null();
	return json_boolean(answer != CHECK_NO);
}

static json_t *item_json(struct json_build *b, const struct check_item *item)
{
	json_t *j = json_object();

	json_set_text(b, j, "name", item->name);
	json_set(b, j, "ok", answer_json(item->answer));
	json_set_flag(b, j, "warning", item->answer == CHECK_WARNING);
	json_set_text(b, j, "reason", item->reason);
	json_set_text(b, j, "remedy", item->remedy);
	return j;
}

static json_t *frame_json(struct json_build *b, const struct check_frame *frame)
{
	json_t *j;

	if (!frame)
		return json_null();
	j = json_object();
	json_set_text(b, j, "function", frame->function);
	json_set_text(b, j, "file", frame->file);
	json_set(b, j, "line",
		 frame->line ? json_integer(frame->line) : json_null());
	json_set_text(b, j, "module", frame->module ? frame->module : "");
	json_set(b, j, "offset", json_address(frame->offset));
	json_set(b, j, "address", json_address(frame->address));
	return j;
}

static json_t *frames_json(struct json_build *b, const struct check_thread *t)
{
	json_t *frames = json_array();
	size_t i;

	for (i = 0; i < t->n_frames; i++)
		json_add(b, frames, frame_json(b, &t->frames[i]));
	return frames;
}

static json_t *thread_json(struct json_build *b, const struct check_thread *t)
{
	const char state[] = { t->state, '\0' };
	json_t *j = json_object();

	json_set_integer(b, j, "tid", t->tid);
	json_set_text(b, j, "name", t->name);
	json_set_text(b, j, "state", state);
	json_set_text(b, j, "syscall", t->syscall);
	json_set_known(b, j, "syscall_number", t->syscall_number);
	json_set_flag(b, j, "safe", t->safe);
	json_set_text(b, j, "reason", t->safe ? NULL : t->why_unsafe);
	json_set(b, j, "inside", frame_json(b, t->inside));
	json_set_flag(b, j, "unwound", t->unwound);
	json_set(b, j, "frames", frames_json(b, t));
	return j;
}

static json_t *items_json(struct json_build *b, const struct check_report *r)
{
	json_t *items = json_array();
	size_t i;

	for (i = 0; i < r->n_items; i++)
		json_add(b, items, item_json(b, &r->items[i]));
	return items;
}

static json_t *threads_json(struct json_build *b, const struct check_report *r)
{
	json_t *threads = json_array();
	size_t i;

	for (i = 0; i < r->n_threads; i++)
		json_add(b, threads, thread_json(b, &r->threads[i]));
	return threads;
}

static const char *const change_names[CHANGE_COUNT] = {
	[CHANGE_HELPER_THREADS] = "helper_threads",
	[CHANGE_BACKGROUND_THREADS] = "background_threads",
	[CHANGE_ARENAS] = "arenas",
	[CHANGE_STACKS] = "stacks",
	[CHANGE_RESIDENT] = "resident_bytes",
	[CHANGE_ADDRESSES] = "address_bytes",
	[CHANGE_DESCRIPTORS] = "descriptors",
	[CHANGE_FILES] = "files",
};

static json_t *changes_json(struct json_build *b, const struct check_report *r)
{
	json_t *changes, *made;
	size_t i;

	if (!r->changes_known)
		return json_null();
	changes = json_object();
	for (i = 0; i < CHANGE_COUNT; i++) {
		made = json_object();
		json_set_known(b, made, "meanwhile", r->changes[i].meanwhile);
		json_set_known(b, made, "stays", r->changes[i].stays);
		json_set(b, changes, change_names[i], made);
	}
	return changes;
}

static json_t *report_json(struct json_build *b, const struct check_report *r)
{
	json_t *j = json_object();

	json_set_schema(b, j);
	json_set_text(b, j, "kind", "check");
	json_set_integer(b, j, "pid", r->pid);
	json_set_text(b, j, "command", r->command);
	json_set_flag(b, j, "ok", r->ok);
	json_set_integer(b, j, "exit_status", r->exit_status);
	json_set_flag(b, j, "attached", r->attached);
	json_set_flag(b, j, "borrowed", r->borrowed);
	json_set_integer(b, j, "pause_us", r->pause_us);
	json_set_text(b, j, "stopped_thread",
		      r->stopped_thread[0] ? r->stopped_thread : NULL);
	json_set(b, j, "conditions", items_json(b, r));
	json_set(b, j, "changes", changes_json(b, r));
	json_set(b, j, "threads", threads_json(b, r));
	return j;
}

struct hs_error *check_json_write(FILE *f, const struct check_report *r)
{
	_cleanup_json_build_ struct json_build b = { 0 };
	_cleanup_json_ json_t *j = report_json(&b, r);

	return json_write_whole(f, &b, j, JSON_INDENT(2));
}

struct hs_error *
check_json_write_several(FILE *f, const struct check_report *const *reports,
			 size_t n, int exit_status)
{
	_cleanup_json_build_ struct json_build b = { 0 };
	_cleanup_json_ json_t *j = json_object();
	json_t *processes = json_array();
	size_t i;

	json_set_schema(&b, j);
	json_set_text(&b, j, "kind", "checks");
	json_set_integer(&b, j, "exit_status", exit_status);
	for (i = 0; i < n; i++)
		json_add(&b, processes, report_json(&b, reports[i]));
	json_set(&b, j, "processes", processes);
	return json_write_whole(f, &b, j, JSON_INDENT(2));
}
