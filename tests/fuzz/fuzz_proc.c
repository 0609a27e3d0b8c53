/*
 * Files of /proc of any content, which a process in a namespace of its own can
 * choose in part, and a kernel of another version in whole: read or refused,
 *and maps that are taken are in order.
 *
 * An input is a byte that chooses the file, and its text.
 *
 *	tests/fuzz/run proc 60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proc/limits.h"
#include "proc/maps.h"
#include "proc/pss.h"
#include "proc/status.h"
#include "proc/task.h"
#include "tests/fuzz/fuzz.h"

static void check_maps(const char *text, size_t len)
{
	struct maps maps;
	struct hs_error *err = maps_parse(text, len, "maps", 1, &maps);
	size_t i;

	for (i = 0; !err && i < maps.n; i++) {
		const struct mapping *m = &maps.items[i];

		must(m->start < m->end);
		must(!i || m[-1].end <= m->start);
		must(maps_find(&maps, m->start) == m);
		must(maps_find(&maps, m->end - 1) == m);
		must(mapping_same_file(m, m) || !mapping_has_file(m));
	}
	if (!err)
		maps_release(&maps);
	hs_error_free(err);
}

static struct hs_error *parse(unsigned which, const char *text, size_t len)
{
	struct task_syscall call;
	struct status status;
	struct limits limits;
	struct pss pss;

	switch (which) {
	case 0:
		check_maps(text, len);
		return NULL;
	case 1:
		return limits_parse(text, len, "limits", &limits);
	case 2:
		return pss_parse(text, len, "smaps_rollup", &pss);
	case 3:
		return status_parse(text, len, "status", &status);
	default:
		return task_syscall_parse(text, len, "syscall", &call);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	/* As they are read: with a NUL behind them. */
	text = malloc(size);
	must(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	hs_error_free(parse(data[0] % 5, text, size - 1));
	free(text);
	return 0;
}
