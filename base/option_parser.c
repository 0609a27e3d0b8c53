#include "base/option_parser.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/parse.h"

static const struct option_row *find_long(const struct option_row *row,
					  const char *name, size_t len)
{
	for (; row->name; row++)
		if (strlen(row->name) == len &&
		    memcmp(row->name, name, len) == 0)
			return row;
	return NULL;
}

/* The row that @p's command has; else that of another command. */
static const struct option_row *find_for(const struct option_parser *p,
					 const char *name, size_t len)
{
	const struct option_row *found = NULL, *row = p->table;

	while ((row = find_long(row, name, len))) {
		if (row->commands & p->command)
			return row;
		found = row++;
	}
	return found;
}

static const struct option_row *find_letter(const struct option_row *row,
					    char letter)
{
	for (; row->name; row++)
		if (row->letter == letter)
			return row;
	return NULL;
}

struct hs_error *text_list_add(struct text_list *list, const char *value)
{
	if (!ARRAY_GROW(list->items, list->cap, list->n + 1))
		return hs_error_nomem();
	list->items[list->n++] = value;
	return NULL;
}

struct hs_error *number_list_add(struct number_list *list, uint64_t value)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->items[i] == value)
			return NULL;
	if (!ARRAY_GROW(list->items, list->cap, list->n + 1))
		return hs_error_nomem();
	list->items[list->n++] = value;
	return NULL;
}

static bool choose(const struct option_row *row, const char *value,
		   unsigned *ret)
{
	unsigned i;

	for (i = 0; *value && row->choices[i]; i++)
		if (strcmp(row->choices[i], value) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

static bool parse_address(const char *value, uint64_t *ret)
{
	if (strncmp(value, "0x", 2) == 0)
		value += 2;
	return parse_hex(value, strlen(value), ret) && *ret;
}

static struct hs_error *invalid(const struct option_row *row, const char *value)
{
	struct hs_error *err = hs_error_new(HS_ERROR_USAGE,
					    "invalid --%s '%s': %s", row->name,
					    value, row->want);
	struct nearest nearest = { .word = value };
	const char *const *choice;

	for (choice = row->choices; choice && *choice; choice++)
		if (**choice)
			nearest_consider(&nearest, *choice);
	return nearest_hint(err, &nearest, "");
}

/* Stores @value, which is NULL for options that take none. */
static struct hs_error *store(void *options, const struct option_row *row,
			      const char *value)
{
	void *at = (char *)options + row->offset;
	uint64_t size = 0;
	bool ok = true;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		break;
	case OPTION_ACTION:
		*(unsigned *)at = row->action;
		break;
	case OPTION_TEXT:
		*(const char **)at = value;
		break;
	case OPTION_LIST:
		return text_list_add(at, value);
	case OPTION_NUMBER:
		ok = parse_range(value, row->min, row->max, at);
		break;
	case OPTION_DURATION:
		ok = parse_duration(value, at) &&
		     *(int64_t *)at >= (int64_t)row->min;
		break;
	case OPTION_SIZE:
		ok = parse_size(value, &size) && size >= row->min &&
		     size <= INT64_MAX;
		*(int64_t *)at = ok ? (int64_t)size : 0;
		break;
	case OPTION_ADDRESS:
		ok = parse_address(value, at);
		break;
	case OPTION_CHOICE:
		ok = choose(row, value, at);
		break;
	}
	return ok ? NULL : invalid(row, value);
}

static struct hs_error *check_command(const struct option_parser *p,
				      const struct option_row *row)
{
	if (row->commands & p->command)
		return NULL;
	return hs_error_new(HS_ERROR_USAGE, "--%s is not an option of '%s'",
			    row->name, p->command_name);
}

static struct hs_error *unknown_long(const struct option_parser *p,
				     const char *text, size_t len)
{
	_cleanup_free_ char *name = strndup(text, len);
	struct nearest nearest = { .word = name };
	const struct option_row *row;

	for (row = p->table; name && row->name; row++)
		if (row->commands & p->command)
			nearest_consider(&nearest, row->name);
	return nearest_hint(hs_error_new(HS_ERROR_USAGE,
					 "unknown option '--%.*s'", (int)len,
					 text),
			    &nearest, "--");
}

/* "--name", "--name value" or "--name=value"; *next: the word behind it. */
static struct hs_error *parse_long(const struct option_parser *p, int *next,
				   const char *text)
{
	size_t len = strcspn(text, "=");
	const struct option_row *row = find_for(p, text, len);
	const char *value = text[len] ? text + len + 1 : NULL;
	struct hs_error *err;

	if (!row)
		return unknown_long(p, text, len);
	err = check_command(p, row);
	if (err)
		return err;
	if (!row->arg && value)
		return hs_error_new(HS_ERROR_USAGE, "--%s takes no argument",
				    row->name);
	if (row->arg && !value) {
		if (*next >= p->argc)
			return hs_error_new(HS_ERROR_USAGE, "--%s needs a %s",
					    row->name, row->arg);
		value = p->argv[(*next)++];
	}
	return store(p->options, row, value);
}

/* "-q", "-qv", "-n1" or "-n 1". */
static struct hs_error *parse_letters(const struct option_parser *p, int *next,
				      const char *text)
{
	const size_t len = strcspn(text, "=");
	const struct option_row *row;
	const char *value;
	struct hs_error *err;

	if (len > 1 && find_long(p->table, text, len))
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "unknown option '-%s'", text),
				     "did you mean '--%s'?", text);
	for (; *text; text++) {
		row = find_letter(p->table, *text);
		if (row)
			row = find_for(p, row->name, strlen(row->name));
		if (!row)
			return hs_error_new(HS_ERROR_USAGE,
					    "unknown option '-%c'", *text);
		err = check_command(p, row);
		if (err)
			return err;
		if (!row->arg) {
			err = store(p->options, row, NULL);
			if (err)
				return err;
			continue;
		}
		value = text + 1;
		if (!*value && *next < p->argc)
			value = p->argv[(*next)++];
		if (!*value)
			return hs_error_new(HS_ERROR_USAGE, "-%c needs a %s",
					    *text, row->arg);
		if (text[1] == '=')
			return hs_error_hint(
				hs_error_new(HS_ERROR_USAGE,
					     "unexpected '=' in '-%s'", text),
				"did you mean '-%c %s'?", *text, value + 1);
		return store(p->options, row, value);
	}
	return NULL;
}

struct hs_error *option_parser_run(const struct option_parser *p)
{
	struct hs_error *err = NULL;
	bool only_operands = false;
	const char *text;
	int next = 1;

	while (!err && next < p->argc) {
		text = p->argv[next++];
		if (next - 1 == p->command_word)
			continue;
		if (only_operands || text[0] != '-' || !text[1] ||
		    (p->before_command && p->operands->n))
			err = text_list_add(p->operands, text);
		else if (strcmp(text, "--") == 0)
			only_operands = true;
		else if (text[1] == '-')
			err = parse_long(p, &next, text + 2);
		else
			err = parse_letters(p, &next, text + 1);
	}
	return err;
}

bool option_parser_takes_next(const struct option_row *table, const char *text)
{
	const struct option_row *row;
	size_t len;

	if (text[1] == '-') {
		len = strcspn(text + 2, "=");
		row = find_long(table, text + 2, len);
		return row && row->arg && !text[2 + len];
	}
	for (text++; *text; text++) {
		row = find_letter(table, *text);
		if (row && row->arg)
			return !text[1];
	}
	return false;
}

int option_parser_next_word(const struct option_row *table, int argc,
			    char *const *argv, int from)
{
	bool only_operands = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (only_operands || argv[i][0] != '-' || !argv[i][1]) {
			if (i >= from)
				return i;
		} else if (strcmp(argv[i], "--") == 0) {
			only_operands = true;
		} else if (option_parser_takes_next(table, argv[i])) {
			i++;
		}
	}
	return argc;
}
