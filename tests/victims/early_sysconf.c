/*
 * sysconf(3) for victims that are static: jemalloc asks it for the number of
 * CPUs when libc allocates first, in _dl_non_dynamic_init(), and glibc
 * before 2.35 answers by isspace(3), whose tables are made later
 * (csu/init-first.c).
 */
#include <unistd.h>

long __sysconf(int name);

long sysconf(int name)
{
	return name == _SC_NPROCESSORS_ONLN ? 1 : __sysconf(name);
}
