/**
 * @file option_parser.h - parses a command line by a table of options.
 *
 * "--name", "--name value" and "--name=value"; "-q", "-qv", "-n1" and "-n 1";
 * "--" ends the options. No abbreviations: scripts that use them break when an
 * option is added.
 */
#ifndef BASE_OPTION_PARSER_H
#define BASE_OPTION_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Strings of argv. Zero-initialised is an empty one. */
struct text_list {
	const char **items; /* owned array */
	size_t n, cap;
};

/** Numbers, each once, in the order they were given. */
struct number_list {
	uint64_t *items; /* owned */
	size_t n, cap;
};

/** Adds @value, unless it is there. */
struct hs_error *number_list_add(struct number_list *list,
				 uint64_t value) hs_must_check;

struct hs_error *text_list_add(struct text_list *list,
			       const char *value) hs_must_check;

/** The type of the field at option_row.offset in the struct of the options. */
enum option_kind {
	OPTION_FLAG,	 /* bool: becomes true */
	OPTION_TEXT,	 /* const char * */
	OPTION_LIST,	 /* struct text_list: adds */
	OPTION_NUMBER,	 /* uint64_t, from min to max */
	OPTION_DURATION, /* int64_t, microseconds, at least min */
	OPTION_SIZE,	 /* int64_t, bytes, at least min */
	OPTION_ADDRESS,	 /* uint64_t, hexadecimal, not 0 */
	OPTION_CHOICE,	 /* an enum, as unsigned: index in choices */
	OPTION_ACTION,	 /* the same: becomes action */
};

/** Several rows may have one name: each command takes the row of its own. */
struct option_row {
	const char *name;  /* without "--" */
	char letter;	   /* 0: none */
	unsigned commands; /* bits: those that take it */
	int group;	   /* a heading in --help */
	const char *arg;   /* what --help calls it; NULL: takes none */
	const char *help;
	enum option_kind kind;
	size_t offset;
	uint64_t min, max;
	const char *const *choices; /* ends with NULL */
	unsigned action;
	const char *want; /* "want a time such as 10s": when it is invalid */
};

struct option_parser {
	const struct option_row *table; /* ends with a row without a name */
	char *const *argv;
	int argc;
	int command_word;	  /* index in argv that is skipped; 0: none */
	unsigned command;	  /* its bit */
	const char *command_name; /* for errors */
	bool before_command;	  /* the first operand is another command, whose
				     options are none of ours */
	void *options;		  /* the struct of the options */
	struct text_list *operands;
};

/** Parses argv[1..argc), which must outlive what is stored. HS_ERROR_USAGE when
 *  something is wrong with it. */
struct hs_error *option_parser_run(const struct option_parser *p) hs_must_check;

/** Index, @from or more, of the first word of argv[1..argc) that is no option
 *  and no option's argument; @argc when there is none. */
int option_parser_next_word(const struct option_row *table, int argc,
			    char *const *argv, int from);

/** Whether the option @text, of one dash or two, takes the word after it. */
bool option_parser_takes_next(const struct option_row *table, const char *text);

#endif
