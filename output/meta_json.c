#include "output/meta_json.h"

void meta_json_set(struct json_build *b, json_t *object,
		   const struct heap_meta *o)
{
	json_set_text(b, object, "file", o->file);
	json_set_known(b, object, "pid", o->pid);
	json_set_text(b, object, "command", o->command);
	json_set_text(b, object, "taken_at", o->taken_at);
	json_set_text(b, object, "jemalloc_version", o->jemalloc_version);
}

json_t *capture_json(struct json_build *b, const struct heap_meta *o)
{
	json_t *j = json_object();

	json_set_text(b, j, "mode", o->mode);
	json_set_known(b, j, "host_tid", o->borrowed_tid);
	json_set_known(b, j, "pause_us", o->pause_us);
	json_set_text(b, j, "stopped_thread", o->stopped_thread);
	json_set_known(b, j, "dump_us", o->dump_us);
	json_set_known(b, j, "dump_bytes", o->dump_bytes);
	return j;
}
