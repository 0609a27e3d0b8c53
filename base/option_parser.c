#include "base/option_parser.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
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

static const struct option_row *find_letter(const struct option_row *row,
					    char letter)
{
	for (; row->name; row++)
		if (row->letter == letter)
			return row;
	return NULL;
}

static struct hs_error *add_text(struct text_list *list, const char *value)
{
	if (!ARRAY_GROW(list->items, list->cap, list->n + 1))
		return hs_error_nomem();
	list->items[list->n++] = value;
	return NULL;
}

static struct hs_error *add_number(struct number_list *list, uint64_t value)
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

/* Stores @value, which is NULL for options that take none. */
static struct hs_error *store(void *options, const struct option_row *row,
			      const char *value)
{
	void *at = (char *)options + row->offset;
	uint64_t n = 0;
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
		return add_text(at, value);
	case OPTION_NUMBERS:
		ok = parse_range(value, row->min, row->max, &n);
		if (!ok)
			break;
		return add_number(at, n);
	case OPTION_NUMBER:
		ok = parse_range(value, row->min, row->max, at);
		break;
	case OPTION_DURATION:
		ok = parse_duration(value, at) &&
		     *(int64_t *)at >= (int64_t)row->min;
		break;
	case OPTION_ADDRESS:
		ok = parse_address(value, at);
		break;
	case OPTION_CHOICE:
		ok = choose(row, value, at);
		break;
	}
	if (!ok)
		return hs_error_new(HS_ERROR_USAGE, "invalid --%s '%s': %s",
				    row->name, value, row->want);
	return NULL;
}

static struct hs_error *check_command(const struct option_parser *p,
				      const struct option_row *row)
{
	if (row->commands & p->command)
		return NULL;
	return hs_error_new(HS_ERROR_USAGE, "--%s is not an option of '%s'",
			    row->name, p->command_name);
}

/* "--name", "--name value" or "--name=value"; *next: the word behind it. */
static struct hs_error *parse_long(const struct option_parser *p, int *next,
				   const char *text)
{
	size_t len = strcspn(text, "=");
	const struct option_row *row = find_long(p->table, text, len);
	const char *value = text[len] ? text + len + 1 : NULL;
	struct hs_error *err;

	if (!row)
		return hs_error_new(HS_ERROR_USAGE, "unknown option '--%.*s'",
				    (int)len, text);
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
	const struct option_row *row;
	const char *value;
	struct hs_error *err;

	for (; *text; text++) {
		row = find_letter(p->table, *text);
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
		if (only_operands || text[0] != '-' || !text[1])
			err = add_text(p->operands, text);
		else if (strcmp(text, "--") == 0)
			only_operands = true;
		else if (text[1] == '-')
			err = parse_long(p, &next, text + 2);
		else
			err = parse_letters(p, &next, text + 1);
	}
	return err;
}

/* Whether the option @text takes the word after it. */
static bool takes_next(const struct option_row *table, const char *text)
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

int option_parser_first_word(const struct option_row *table, int argc,
			     char *const *argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return argc;
		if (argv[i][0] != '-' || !argv[i][1])
			return i;
		if (takes_next(table, argv[i]))
			i++;
	}
	return argc;
}
