#include "output/json_build.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "output/write.h"

void json_build_release(struct json_build *b)
{
	strbuf_release(&b->text);
}

json_t *json_text(struct json_build *b, const char *s)
{
	if (!s)
		return json_null();
	strbuf_clear(&b->text);
	escape_utf8(&b->text, s, strlen(s));
	return b->text.failed ? NULL : json_string(strbuf_str(&b->text));
}

json_t *json_address(uint64_t address)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, address);
	return json_string(hex);
}

json_t *json_known(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

void json_add(struct json_build *b, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		b->failed = true;
}

void json_set(struct json_build *b, json_t *object, const char *key,
	      json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		b->failed = true;
}

void json_set_text(struct json_build *b, json_t *object, const char *key,
		   const char *s)
{
	json_set(b, object, key, json_text(b, s));
}

void json_set_integer(struct json_build *b, json_t *object, const char *key,
		      int64_t n)
{
	json_set(b, object, key, json_integer(n));
}

void json_set_known(struct json_build *b, json_t *object, const char *key,
		    int64_t n)
{
	json_set(b, object, key, json_known(n));
}

void json_set_flag(struct json_build *b, json_t *object, const char *key,
		   bool flag)
{
	json_set(b, object, key, json_boolean(flag));
}

void json_set_schema(struct json_build *b, json_t *object)
{
	json_set_text(b, object, "schema", "heapsnap/1");
}

static int append(const char *text, size_t len, void *arg)
{
	strbuf_add(arg, text, len);
	return 0;
}

struct hs_error *json_dump_to(struct strbuf *sb, const struct json_build *b,
			      const json_t *j, size_t flags)
{
	if (b->failed || !j)
		return hs_error_nomem();
	/* It can only fail when memory runs out, after writing a part. */
	if (json_dump_callback(j, append, sb, flags | JSON_REAL_PRECISION(12)) <
	    0)
		return hs_error_nomem();
	return strbuf_check(sb);
}

struct hs_error *json_write_whole(FILE *f, const struct json_build *b,
				  const json_t *j, size_t flags)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err = json_dump_to(&sb, b, j, flags);

	if (err)
		return err;
	strbuf_addc(&sb, '\n');
	return write_flush(&sb, f);
}
