/**
 * @file rust_bounds.h - how far a name of Rust's v0 scheme takes who reads it.
 *
 * libiberty reads such a name by recursion. A back reference in it makes it
 * read a part again, also the very part that it is in, and the number of
 * lifetimes of a "for<...>" makes it count so far. Before 2023 it had no limit
 * to the first, and has none to the second: thirty letters end the program, or
 * take it years.
 */
#ifndef SYMBOL_RUST_BOUNDS_H
#define SYMBOL_RUST_BOUNDS_H

#include <stdbool.h>

#include "base/error.h"

/** *ret: @name, which begins with "_R", follows the scheme's grammar to its end
 *  or first '.', nests some hundred deep at most, refers only to what ended
 *  before, and is read in a time that is linear in its length. Takes such a
 *  time, too. Fails only without memory. */
struct hs_error *rust_name_is_bounded(const char *name,
				      bool *ret) hs_must_check;

#endif
