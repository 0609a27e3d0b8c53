#include "proc/smaps.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/strbuf.h"

static const struct field {
	const char *key;
	size_t offset; /* in struct smap */
} fields[] = {
	{ "Rss:", offsetof(struct smap, rss) },
	{ "Anonymous:", offsetof(struct smap, anonymous) },
	{ "Swap:", offsetof(struct smap, swap) },
	{ "LazyFree:", offsetof(struct smap, lazy_free) },
};

struct parser {
	struct smaps *to;
	struct strbuf heads; /* the mappings' own lines */
	bool has_rss;	     /* of the last mapping */
};

/* A mapping's own line begins with an address, in lower case; its fields' names
 * begin with a capital (fs/proc/task_mmu.c, show_smap()). */
static bool is_field(const char *line, size_t len)
{
	return len && *line >= 'A' && *line <= 'Z';
}

/* "          12 kB" */
static bool parse_kib(const char *s, size_t len, uint64_t *ret)
{
	static const char unit[] = " kB";
	size_t n = sizeof(unit) - 1;

	while (len && *s == ' ') {
		s++;
		len--;
	}
	if (len <= n || memcmp(s + len - n, unit, n) ||
	    !parse_u64(s, len - n, ret) || *ret > UINT64_MAX / 1024)
		return false;
	*ret *= 1024;
	return true;
}

static bool parse_field(struct parser *p, const char *line, size_t len)
{
	struct smap *smap = &p->to->items[p->to->n - 1];
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		n = strlen(fields[i].key);
		if (len < n || memcmp(line, fields[i].key, n))
			continue;
		p->has_rss |= i == 0;
		return parse_kib(line + n, len - n,
				 (uint64_t *)((char *)smap + fields[i].offset));
	}
	return memchr(line, ':', len);
}

/* Only a mapping that has its Rss may be followed by another, or by nothing. */
static bool mapping_complete(const struct parser *p)
{
	return !p->to->n || p->has_rss;
}

static struct hs_error *parse_line(struct parser *p, const char *line,
				   size_t len, bool *ret)
{
	struct smaps *s = p->to;

	*ret = true;
	if (!len || is_field(line, len)) {
		*ret = s->n && parse_field(p, line, len);
		return NULL;
	}
	*ret = mapping_complete(p);
	if (!ARRAY_GROW(s->items, s->cap, s->n + 1))
		return hs_error_nomem();
	s->items[s->n++] = (struct smap){ 0 };
	strbuf_add(&p->heads, line, len);
	strbuf_addc(&p->heads, '\n');
	p->has_rss = false;
	return NULL;
}

static struct hs_error *parse_all(struct parser *p, const char *text,
				  size_t len, const char *name)
{
	struct hs_error *err = NULL;
	size_t pos = 0, number = 1;
	bool fine = true;

	for (; !err && fine && pos < len; number++) {
		const char *nl = memchr(text + pos, '\n', len - pos);
		size_t n = nl ? (size_t)(nl - text) - pos : len - pos;

		err = parse_line(p, text + pos, n, &fine);
		pos += n + 1;
	}
	if (!err && !(fine && mapping_complete(p)))
		err = hs_error_new(HS_ERROR_INPUT,
				   "%s:%zu: not a line of smaps", name,
				   number - 1);
	return err ? err : strbuf_check(&p->heads);
}

struct hs_error *smaps_parse(const char *text, size_t len, const char *name,
			     struct smaps *ret)
{
	struct smaps s = { 0 };
	struct parser p = { .to = &s };
	struct hs_error *err;

	err = parse_all(&p, text, len, name);
	if (!err)
		err = maps_parse(strbuf_str(&p.heads), p.heads.len, name, 1,
				 &s.maps);
	strbuf_release(&p.heads);
	if (err) {
		smaps_release(&s);
		return err;
	}
	*ret = s;
	return NULL;
}

void smaps_release(struct smaps *s)
{
	maps_release(&s->maps);
	free(s->items);
	*s = (struct smaps){ 0 };
}
