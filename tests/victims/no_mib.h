/**
 * @file no_mib.h - the rest of a jemalloc that knows no name: what a victim
 * which plays one with a mallctl() of its own is asked besides.
 */
#ifndef TESTS_VICTIMS_NO_MIB_H
#define TESTS_VICTIMS_NO_MIB_H

#include <errno.h>
#include <stddef.h>

int mallctl(const char *name, void *old, size_t *old_len, void *value,
	    size_t len);
int mallctlnametomib(const char *name, size_t *mib, size_t *len);
int mallctlbymib(const size_t *mib, size_t n, void *old, size_t *old_len,
		 void *value, size_t len);

int mallctlnametomib(const char *name, size_t *mib, size_t *len)
{
	(void)name;
	(void)mib;
	(void)len;
	return ENOENT;
}

int mallctlbymib(const size_t *mib, size_t n, void *old, size_t *old_len,
		 void *value, size_t len)
{
	(void)mib;
	(void)n;
	(void)old;
	(void)old_len;
	(void)value;
	(void)len;
	return ENOENT;
}

#endif
