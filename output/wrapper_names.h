/**
 * @file wrapper_names.h - tells by their names which functions programs
 * allocate through. What else tells is in wrappers.h.
 */
#ifndef OUTPUT_WRAPPER_NAMES_H
#define OUTPUT_WRAPPER_NAMES_H

/** What the name of a function says. */
enum wrapper_name {
	WRAPPER_UNNAMED, /* nothing */
	WRAPPER_LIKE,	 /* it is like malloc's */
	WRAPPER_KNOWN,	 /* it is that of a wrapper */
};

/** @function: the linkage name; @shown: without parameters and template
 *  arguments. Either may be NULL: unknown. */
enum wrapper_name wrapper_name_of(const char *function, const char *shown);

#endif
