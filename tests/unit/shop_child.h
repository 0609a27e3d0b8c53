/**
 * @file shop_child.h - what tests of the victim shop share: what it has said,
 * and what of a process is in memory.
 */
#ifndef TESTS_UNIT_SHOP_CHILD_H
#define TESTS_UNIT_SHOP_CHILD_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "proc/resident.h"
#include "tests/unit/hs_check.h"
#include "tests/unit/victim_child.h"

static inline void shop_start(struct victim *v)
{
	victim_start(v, "shop", VICTIM_PLAIN, "--sessions", "20000");
}

/** Goes to the next line "@word SIZE COUNT" of what it said, from *text on. */
static inline bool shop_line(const char **text, const char *word,
			     uint64_t *size, uint64_t *count)
{
	const size_t len = strlen(word);

	while (**text) {
		const char *line = *text;

		*text += strcspn(line, "\n");
		*text += **text == '\n';
		if (!strncmp(line, word, len) &&
		    sscanf(line + len, " %" SCNu64 " %" SCNu64, size, count) ==
			    2)
			return true;
	}
	return false;
}

/** How many objects of class @name there are, as it says. */
static inline uint64_t shop_objects(const struct victim *v, const char *name)
{
	const char *at = strstr(v->said, name);
	uint64_t n;

	if (!at || sscanf(at + strlen(name), " %" SCNu64, &n) != 1)
		ck_abort_msg("no '%s' in: %s", name, v->said);
	return n;
}

/** Pages of @pid that are in memory. */
static inline uint64_t resident_pages(pid_t pid)
{
	struct smaps smaps;
	uint64_t pages = 0;
	size_t i;

	hs_ck_ok(resident_read(pid, &smaps));
	for (i = 0; i < smaps.n; i++)
		pages += smaps.items[i].n_set;
	smaps_release(&smaps);
	return pages;
}

#endif
