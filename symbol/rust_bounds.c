#include "symbol/rust_bounds.h"

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	/* Of 27,000 real names, of rustc, Chromium's driver and a program full
	 * of generics, none nests deeper than 36 or takes more than 700
	 * steps, one a letter. */
	DEPTH_MAX = 500,
	STEPS_FREE = 16 << 10,
	STEPS_PER_LETTER = 16,
};

/* What may be read again: a path as a type, too, whose tags are others. */
enum part {
	PATH,
	TYPE,
	CONSTANT,
	PARTS,
};

/* A part that has been read: what it takes to read it again. */
struct extent {
	uint32_t steps; /* 0: no such part begins there, or it has not ended */
	uint32_t depth; /* parts within parts, itself being one */
};

struct walk {
	const char *text; /* from behind the "_R", from where places count */
	uint32_t len, at;
	uint32_t steps, steps_max;
	uint32_t level, deepest;
	struct extent (*extents)[PARTS]; /* for each letter */
};

static bool walk_path(struct walk *w);
static bool walk_type(struct walk *w);
static bool walk_constant(struct walk *w);

/* '\0' at the end. */
static char peek(const struct walk *w)
{
	return w->at < w->len ? w->text[w->at] : '\0';
}

static bool eat(struct walk *w, char c)
{
	if (w->at == w->len || w->text[w->at] != c)
		return false;
	w->at++;
	return true;
}

static bool spend(struct walk *w, uint64_t steps)
{
	if (steps > w->steps_max - w->steps)
		return false;
	w->steps += (uint32_t)steps;
	return true;
}

static bool nested(struct walk *w, uint32_t depth)
{
	if (w->level + depth > w->deepest)
		w->deepest = w->level + depth;
	return w->deepest <= DEPTH_MAX;
}

/* "_" is 0, "0_" is 1, and so on by base 62; beyond 2^32: UINT32_MAX. */
static bool walk_base_62(struct walk *w, uint32_t *ret)
{
	uint64_t value = 0;

	if (eat(w, '_')) {
		*ret = 0;
		return true;
	}
	while (!eat(w, '_')) {
		char c = peek(w);
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'z')
			digit = (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'Z')
			digit = (uint32_t)(c - 'A') + 36;
		else
			return false;
		w->at++;
		value = value * 62 + digit;
		if (value >= UINT32_MAX)
			value = UINT32_MAX - 1;
	}
	*ret = (uint32_t)value + 1;
	return true;
}

static bool walk_optional_base_62(struct walk *w, char tag, uint32_t *ret)
{
	*ret = 0;
	return !eat(w, tag) || walk_base_62(w, ret);
}

static bool walk_disambiguator(struct walk *w)
{
	uint32_t ignored;

	return walk_optional_base_62(w, 's', &ignored);
}

static bool walk_lifetime(struct walk *w)
{
	uint32_t ignored;

	return walk_base_62(w, &ignored);
}

/* Each lifetime that it binds is printed. */
static bool walk_binder(struct walk *w)
{
	uint32_t n;

	return walk_optional_base_62(w, 'G', &n) && spend(w, n);
}

static bool walk_identifier(struct walk *w)
{
	uint32_t n = 0;

	eat(w, 'u');
	if (!isdigit((unsigned char)peek(w)))
		return false;
	if (!eat(w, '0'))
		while (isdigit((unsigned char)peek(w))) {
			n = n * 10 + (uint32_t)(w->text[w->at++] - '0');
			if (n > w->len)
				return false;
		}
	eat(w, '_');
	if (n > w->len - w->at)
		return false;
	w->at += n;
	return true;
}

/* "B" has been read; its place is the letter's. */
static bool walk_back_reference(struct walk *w, enum part part)
{
	uint32_t from = w->at - 1, to;
	const struct extent *there;

	if (!walk_base_62(w, &to) || to >= from)
		return false;
	there = &w->extents[to][part];
	return there->steps && nested(w, there->depth) &&
	       spend(w, there->steps);
}

static bool walk_argument(struct walk *w)
{
	if (eat(w, 'L'))
		return walk_lifetime(w);
	return eat(w, 'K') ? walk_constant(w) : walk_type(w);
}

/* Until "E". */
static bool walk_all(struct walk *w, bool (*one)(struct walk *))
{
	while (!eat(w, 'E'))
		if (!one(w))
			return false;
	return true;
}

static bool path(struct walk *w)
{
	if (eat(w, 'C'))
		return walk_disambiguator(w) && walk_identifier(w);
	if (eat(w, 'N')) {
		if (!isalpha((unsigned char)peek(w)))
			return false;
		w->at++;
		return walk_path(w) && walk_disambiguator(w) &&
		       walk_identifier(w);
	}
	if (eat(w, 'M'))
		return walk_disambiguator(w) && walk_path(w) && walk_type(w);
	if (eat(w, 'X'))
		return walk_disambiguator(w) && walk_path(w) && walk_type(w) &&
		       walk_path(w);
	if (eat(w, 'Y'))
		return walk_type(w) && walk_path(w);
	if (eat(w, 'I'))
		return walk_path(w) && walk_all(w, walk_argument);
	return eat(w, 'B') && walk_back_reference(w, PATH);
}

static bool walk_function(struct walk *w)
{
	if (!walk_binder(w))
		return false;
	eat(w, 'U');
	if (eat(w, 'K') && !eat(w, 'C') && !walk_identifier(w))
		return false;
	return walk_all(w, walk_type) && walk_type(w);
}

/* A trait, and the types that are bound to its names. */
static bool walk_trait(struct walk *w)
{
	if (!walk_path(w))
		return false;
	while (eat(w, 'p'))
		if (!walk_identifier(w) || !walk_type(w))
			return false;
	return true;
}

static bool type(struct walk *w)
{
	if (islower((unsigned char)peek(w))) {
		w->at++;
		return true;
	}
	if (eat(w, 'R') || eat(w, 'Q'))
		return (!eat(w, 'L') || walk_lifetime(w)) && walk_type(w);
	if (eat(w, 'P') || eat(w, 'O') || eat(w, 'S'))
		return walk_type(w);
	if (eat(w, 'A'))
		return walk_type(w) && walk_constant(w);
	if (eat(w, 'T'))
		return walk_all(w, walk_type);
	if (eat(w, 'F'))
		return walk_function(w);
	if (eat(w, 'D'))
		return walk_binder(w) && walk_all(w, walk_trait) &&
		       eat(w, 'L') && walk_lifetime(w);
	return eat(w, 'B') ? walk_back_reference(w, TYPE) : walk_path(w);
}

static bool constant(struct walk *w)
{
	if (eat(w, 'B'))
		return walk_back_reference(w, CONSTANT);
	if (eat(w, 'p'))
		return true;
	if (!islower((unsigned char)peek(w)))
		return false;
	w->at++;
	eat(w, 'n');
	while (isxdigit((unsigned char)peek(w)))
		w->at++;
	return eat(w, '_');
}

/* Reads @part by @read and keeps what that took. */
static bool walk_part(struct walk *w, enum part part,
		      bool (*read)(struct walk *))
{
	uint32_t start = w->at, steps = w->steps, outer = w->deepest;
	struct extent *kept = w->extents[start];

	w->deepest = w->level;
	if (!nested(w, 1) || !spend(w, 1))
		return false;
	w->level++;
	if (!read(w))
		return false;
	w->level--;
	kept[part].steps = w->steps - steps;
	kept[part].depth = w->deepest - w->level;
	if (part == PATH) {
		kept[TYPE].steps = kept[PATH].steps + 1;
		kept[TYPE].depth = kept[PATH].depth + 1;
	}
	if (w->deepest < outer)
		w->deepest = outer;
	return true;
}

static bool walk_path(struct walk *w)
{
	return walk_part(w, PATH, path);
}

static bool walk_type(struct walk *w)
{
	return walk_part(w, TYPE, type);
}

static bool walk_constant(struct walk *w)
{
	return walk_part(w, CONSTANT, constant);
}

struct hs_error *rust_name_is_bounded(const char *name, bool *ret)
{
	_cleanup_free_ struct extent(*extents)[PARTS] = NULL;
	size_t len = strcspn(name + 2, ".");
	struct walk w = { .text = name + 2 };

	*ret = false;
	if (!len || len > INT32_MAX / STEPS_PER_LETTER - STEPS_FREE)
		return NULL;
	w.len = (uint32_t)len;
	w.steps_max = STEPS_FREE + STEPS_PER_LETTER * w.len;
	/* Also for parts that would begin at the end, but are not there. */
	extents = calloc(len + 1, sizeof(*extents));
	if (!extents)
		return hs_error_nomem();
	w.extents = extents;
	/* What follows the path is where an instance of it was made. */
	*ret = walk_path(&w) && (w.at == w.len || walk_path(&w)) &&
	       w.at == w.len;
	return NULL;
}
