#include "launch/environment.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strbuf.h"

static const char *const usual[] = { LAUNCH_CONF, "JE_" LAUNCH_CONF,
				     "_RJEM_" LAUNCH_CONF };

void launch_environment_free(char **environment)
{
	char **entry;

	for (entry = environment; entry && *entry; entry++)
		free(*entry);
	free(environment);
}

/* The value in @entry, "NAME=VALUE", of @name; NULL: it is of another one. */
static const char *value_of(const char *entry, const char *name)
{
	const size_t len = strlen(name);

	return !strncmp(entry, name, len) && entry[len] == '=' ? entry + len + 1
							       : NULL;
}

/* In the user's order of importance: ours that are defaults, his, ours. */
static void add_conf(struct strbuf *sb, const char *name, const char *before,
		     const struct launch_settings *s)
{
	strbuf_addf(sb, "%s=lg_prof_sample:0,", name);
	if (before && *before)
		strbuf_addf(sb, "%s,", before);
	strbuf_adds(sb, "prof:true,prof_active:true,"
			"prof_thread_active_init:true,prof_final:true");
	if (s->lg_sample >= 0)
		strbuf_addf(sb, ",lg_prof_sample:%d", s->lg_sample);
	if (s->accumulate)
		strbuf_adds(sb, ",prof_accum:true");
	strbuf_addf(sb, ",prof_prefix:%s/%s", s->folder, name);
}

/* One that is preloaded already stays the only one. */
static void add_preload(struct strbuf *sb, const char *name, const char *before,
			const struct launch_settings *s)
{
	strbuf_addf(sb, "%s=", name);
	if (!before || !strstr(before, "jemalloc"))
		strbuf_addf(sb, "%s%s", s->preload,
			    before && *before ? ":" : "");
	if (before)
		strbuf_adds(sb, before);
}

typedef void adder(struct strbuf *sb, const char *name, const char *before,
		   const struct launch_settings *s);

/* Replaces the variable @name in @list[0..*n), which has room for one more. */
static struct hs_error *put(char **list, size_t *n, const char *name,
			    adder *add, const struct launch_settings *s)
{
	struct strbuf sb = { 0 };
	size_t i = 0;
	struct hs_error *err;
	char *entry;

	while (i < *n && !value_of(list[i], name))
		i++;
	add(&sb, name, i < *n ? value_of(list[i], name) : NULL, s);
	err = strbuf_finish(&sb, &entry);
	if (err)
		return err;
	if (i == *n)
		++*n;
	else
		free(list[i]);
	list[i] = entry;
	return NULL;
}

static struct hs_error *put_all(char **list, size_t n,
				const struct launch_settings *s)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(usual) && !err; i++)
		err = put(list, &n, usual[i], add_conf, s);
	if (!err && s->variable)
		err = put(list, &n, s->variable, add_conf, s);
	if (!err && s->preload)
		err = put(list, &n, "LD_PRELOAD", add_preload, s);
	return err;
}

struct hs_error *launch_environment(char *const *environment,
				    const struct launch_settings *settings,
				    char ***ret)
{
	enum { MORE = ARRAY_SIZE(usual) + 2 };
	struct hs_error *err = NULL;
	size_t n = 0, i;
	char **list;

	while (environment[n])
		n++;
	list = calloc(n + MORE + 1, sizeof(*list));
	if (!list)
		return hs_error_nomem();
	for (i = 0; i < n && !err; i++) {
		list[i] = strdup(environment[i]);
		err = list[i] ? NULL : hs_error_nomem();
	}
	if (!err)
		err = put_all(list, n, settings);
	if (err) {
		launch_environment_free(list);
		return err;
	}
	*ret = list;
	return NULL;
}
