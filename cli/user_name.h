/**
 * @file user_name.h - users by name.
 */
#ifndef CLI_USER_NAME_H
#define CLI_USER_NAME_H

#include <sys/types.h>

#include "base/error.h"

/** Where this program has the names from, for `--version -v'. */
extern const char user_names_source[];

/** *ret (the caller's): the name of the user @uid, or its number in decimal
 *  where it has none. HS_ERROR_SYSTEM: no memory. */
struct hs_error *user_name(uid_t uid, char **ret) hs_must_check;

#endif
