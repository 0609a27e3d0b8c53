#include "mallctl/mallctl.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "proc/memory.h"

/* The content of the helper thread's scratch memory during a call. */
struct mallctl_scratch {
	char name[128];
	uint64_t length;
	unsigned char value[64];
	uint64_t pointer;
	char text[512];
};

_Static_assert(sizeof(struct mallctl_scratch) <= HELPER_SCRATCH,
	       "the scratch memory holds a call's data");

/* The address of a field in the target. */
#define SCRATCH(s, field) \
	(helper_scratch(&(s)->helper) + offsetof(struct mallctl_scratch, field))

static struct hs_error *put_scratch(struct session *s,
				    const struct mallctl_scratch *scratch)
{
	return remote_write(helper_remote(&s->helper),
			    helper_scratch(&s->helper), scratch,
			    sizeof(*scratch));
}

static bool put_name(struct mallctl_scratch *scratch, const char *name)
{
	size_t len = strlen(name);

	if (len >= sizeof(scratch->name))
		return false;
	memcpy(scratch->name, name, len);
	return true;
}

static struct hs_error *too_long(const char *name)
{
	return hs_error_new(HS_ERROR_SYSTEM, "mallctl(\"%s\"): too long", name);
}

struct hs_error *mallctl_get(struct session *s, const char *name, void *value,
			     size_t size, bool *found)
{
	/* Without a gadget that carries the result, a value that was not
	 * written means that there is none. */
	enum { UNWRITTEN = 0xa5 };
	bool blind = s->code.entry.result_register == CODE_RESULT_NONE;
	struct mallctl_scratch scratch = { .length = size };
	struct arch_call call = { .function = s->jemalloc->mallctl,
				  .number = -1,
				  .args = { SCRATCH(s, name), SCRATCH(s, value),
					    SCRATCH(s, length) } };
	unsigned char unwritten[sizeof(scratch.value)];
	struct hs_error *err;
	int64_t result = 0;

	*found = false;
	memset(scratch.value, UNWRITTEN, sizeof(scratch.value));
	memset(unwritten, UNWRITTEN, sizeof(unwritten));
	if (size > sizeof(scratch.value) || !put_name(&scratch, name))
		return too_long(name);
	err = helper_check_pause(&s->helper);
	if (!err)
		err = put_scratch(s, &scratch);
	if (!err)
		err = remote_call(helper_remote(&s->helper), &call,
				  &s->deadline, NULL, &result);
	if (!err)
		err = remote_read(helper_remote(&s->helper),
				  helper_scratch(&s->helper), &scratch,
				  sizeof(scratch));
	if (err)
		return hs_error_wrap(err, "mallctl(\"%s\")", name);
	if (result == ENOENT ||
	    (blind && !memcmp(scratch.value, unwritten, size)))
		return NULL;
	if ((result && !blind) || scratch.length != size)
		return hs_error_sys(HS_ERROR_SYSTEM, (int)result,
				    "mallctl(\"%s\")", name);
	memcpy(value, scratch.value, size);
	*found = true;
	return NULL;
}

struct hs_error *mallctl_get_string(struct session *s, const char *name,
				    char **ret)
{
	enum { STRING_MAX = 4096 };
	struct hs_error *err;
	uint64_t pointer = 0;
	bool found;

	*ret = NULL;
	err = mallctl_get(s, name, &pointer, sizeof(pointer), &found);
	if (err || !found || !pointer)
		return err;
	return memory_read_string(s->id->pid, pointer, STRING_MAX, ret);
}

/* @at: address in the target of the new value, of scratch->length bytes. */
static struct hs_error *
set_scratch(struct session *s, const struct mallctl_scratch *scratch,
	    uint64_t at, const struct remote_watch *watch, int64_t *result)
{
	struct arch_call call = { .function = s->jemalloc->mallctl,
				  .number = -1,
				  .args = { SCRATCH(s, name), 0, 0, at,
					    scratch->length } };
	struct hs_error *err;

	err = put_scratch(s, scratch);
	if (!err)
		err = remote_call(helper_remote(&s->helper), &call,
				  &s->deadline, watch, result);
	return hs_error_wrap(err, "mallctl(\"%s\")", scratch->name);
}

struct hs_error *mallctl_set(struct session *s, const char *name,
			     const void *value, size_t size,
			     const struct remote_watch *watch, int64_t *result)
{
	struct mallctl_scratch scratch = { .length = size };

	if (size > sizeof(scratch.value) || !put_name(&scratch, name))
		return too_long(name);
	memcpy(scratch.value, value, size);
	return set_scratch(s, &scratch, SCRATCH(s, value), watch, result);
}

struct hs_error *mallctl_set_string(struct session *s, const char *name,
				    const char *value,
				    const struct remote_watch *watch,
				    int64_t *result)
{
	struct mallctl_scratch scratch = { .length = sizeof(scratch.pointer),
					   .pointer = SCRATCH(s, text) };
	size_t len = strlen(value);

	if (len >= sizeof(scratch.text) || !put_name(&scratch, name))
		return too_long(name);
	memcpy(scratch.text, value, len);
	return set_scratch(s, &scratch, SCRATCH(s, pointer), watch, result);
}

uint64_t mallctl_text_address(const struct session *s)
{
	return SCRATCH(s, text);
}
