#include "contents/surroundings.h"

#include <ctype.h>
#include <string.h>

enum {
	WORD = 8,
	STEP = 64, /* bytes of a string that are read at once, aligned */
};

/* The bss of a file is anonymous, and directly follows its data. */
static bool is_bss(const struct maps *maps, const struct mapping *m)
{
	return !m->path[0] && m > maps->items && m[-1].end == m->start &&
	       mapping_has_file(&m[-1]);
}

bool surroundings_in_file(const struct surroundings *a, uint64_t address)
{
	const struct mapping *m = maps_find(a->maps, address);

	return m && m->read && (mapping_has_file(m) || is_bss(a->maps, m));
}

bool surroundings_is_code(const struct surroundings *a, uint64_t address)
{
	const struct mapping *m = maps_find(a->maps, address);

	return m && m->exec;
}

bool surroundings_is_pointer(const struct surroundings *a, uint64_t word)
{
	const struct mapping *m = maps_find(a->maps, word);

	return m && (m->read || m->exec);
}

bool surroundings_word(const struct memory_source *memory, uint64_t address,
		       uint64_t *ret)
{
	return address % WORD == 0 &&
	       memory->read(memory->arg, address, ret, WORD);
}

static bool is_in_name(char c, const char *others)
{
	return isalnum((unsigned char)c) || strchr(others, c);
}

bool surroundings_name(const struct memory_source *memory, uint64_t address,
		       const char *others, char *ret)
{
	size_t n = 0, now, i;

	/* No piece reaches over the end of a page. */
	for (; n < SURROUNDINGS_NAME; n += now, address += now) {
		now = STEP - address % STEP;
		now = now < SURROUNDINGS_NAME - n ? now : SURROUNDINGS_NAME - n;
		if (!memory->read(memory->arg, address, ret + n, now))
			return false;
		for (i = 0; i < now; i++) {
			if (!ret[n + i])
				return n + i > 0;
			if (!is_in_name(ret[n + i], others))
				return false;
		}
	}
	return false;
}
