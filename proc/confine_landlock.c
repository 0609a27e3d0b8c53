/*
 * Landlock: include/uapi/linux/landlock.h of Linux 6.12. Its values stand here,
 * since the header of an older system has not all of them.
 */
#include "proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

enum {
	CREATE_RULESET = 444, /* the same on every machine */
	ADD_RULE = 445,
	RESTRICT_SELF = 446,
	CREATE_RULESET_VERSION = 1 << 0,
	RULE_PATH_BENEATH = 1,
};

enum {
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_TRUNCATE = 1 << 14,
	/* Those that a rule for a file may have. */
	FS_OF_FILE = FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
	FS_READ = FS_READ_FILE | FS_READ_DIR,
	FS_WRITE = FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_DIR | FS_MAKE_REG |
		   FS_REMOVE_FILE,
};

/* struct landlock_ruleset_attr. A kernel that has fewer members takes it as
 * long as the others are 0. */
struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct __attribute__((packed)) path_beneath_attr {
	uint64_t allowed;
	int32_t parent_fd;
};

/* What each version of the interface can refuse: the first that has it. */
static const struct {
	int version;
	struct ruleset_attr adds;
} abis[] = {
	{ 1, { .fs = (1 << 13) - 1 } },
	{ 2, { .fs = 1 << 13 /* REFER */ } },
	{ 3, { .fs = FS_TRUNCATE } },
	{ 4, { .net = 3 /* BIND_TCP, CONNECT_TCP */ } },
	{ 5, { .fs = 1 << 15 /* IOCTL_DEV */ } },
	{ 6, { .scoped = 3 /* ABSTRACT_UNIX_SOCKET, SIGNAL */ } },
};

static struct ruleset_attr handled(int version, bool network)
{
	struct ruleset_attr all = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(abis) && abis[i].version <= version; i++) {
		all.fs |= abis[i].adds.fs;
		if (!network)
			all.net |= abis[i].adds.net;
		all.scoped |= abis[i].adds.scoped;
	}
	return all;
}

/* A path that is not there, or not to be looked at, needs no rule. */
static struct hs_error *allow(int ruleset, const char *path, uint64_t access)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct path_beneath_attr rule = { .allowed = access, .parent_fd = fd };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISDIR(st.st_mode))
		rule.allowed &= FS_OF_FILE;
	/* A pipe or socket has no path to be limited by: EBADFD, and no need. */
	if (!syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) ||
	    errno == EBADFD)
		return NULL;
	return hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot limit paths to %s",
			    path);
}

static struct hs_error *allow_all(int ruleset, const char *const *paths,
				  size_t n, uint64_t access)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < n && !err; i++)
		err = allow(ruleset, paths[i], access);
	return err;
}

struct hs_error *confine_paths(const struct confine_rules *rules, bool *ret)
{
	const long version =
		syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
	struct ruleset_attr attr;
	_cleanup_close_ int ruleset = -1;
	struct hs_error *err;

	*ret = version > 0;
	if (!*ret)
		return NULL;
	attr = handled((int)version, rules->network);
	ruleset = (int)syscall(CREATE_RULESET, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot limit paths");
	err = allow_all(ruleset, rules->readable, rules->n_readable,
			FS_READ & attr.fs);
	if (!err)
		err = allow_all(ruleset, rules->writable, rules->n_writable,
				(FS_READ | FS_WRITE) & attr.fs);
	if (!err && syscall(RESTRICT_SELF, ruleset, 0) < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot limit paths");
	return err;
}
