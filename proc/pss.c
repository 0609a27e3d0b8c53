#include "proc/pss.h"

#include <stdbool.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/words.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"

static const struct {
	const char *key;
	size_t offset; /* in struct pss */
} rows[] = {
	{ "Pss_Anon:", offsetof(struct pss, anon) },
	{ "Pss_File:", offsetof(struct pss, file) },
	{ "Pss_Shmem:", offsetof(struct pss, shmem) },
};

/* "    3060 kB" */
static bool parse_kib(struct word v, uint64_t *ret)
{
	struct word number = words_next(&v);

	if (!parse_u64(number.s, number.len, ret) || *ret > UINT64_MAX / 1024 ||
	    !word_is(words_next(&v), "kB"))
		return false;
	*ret *= 1024;
	return true;
}

struct hs_error *pss_parse(const char *text, size_t len, const char *name,
			   struct pss *ret)
{
	struct word rest = { text, len }, line;
	size_t i, seen = 0;
	uint64_t value;

	*ret = (struct pss){ 0 };
	while (words_line(&rest, &line)) {
		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			if (!words_step_over(&line, rows[i].key) ||
			    !parse_kib(line, &value))
				continue;
			*(uint64_t *)((char *)ret + rows[i].offset) = value;
			seen++;
		}
	}
	if (seen == ARRAY_SIZE(rows))
		return NULL;
	return hs_error_new(HS_ERROR_INPUT,
			    "'%s' does not say whose share of "
			    "memory is how large",
			    name);
}

struct hs_error *pss_read(pid_t pid, struct pss *ret)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *err =
		proc_text_read(proc_path(pid, "smaps_rollup"), &t);

	return err ? err : pss_parse(t.s, t.len, t.path.text, ret);
}
