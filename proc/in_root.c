#include "proc/in_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/linux.h"

enum {
	MAX_FOLDERS = 64,
	MAX_LINKS = 40,		  /* MAXSYMLINKS of include/linux/namei.h */
	NAME_SIZE = NAME_MAX + 2, /* one more than a name may have: what is
				     longer is so for the kernel, too */
};

/* The kernel is never asked for "..", which leads out of a root that somebody
 * moves at that moment: we go back by the folders that we came through. */
struct walk {
	int folders[MAX_FOLDERS]; /* [0], the root, is the caller's; the others
				     are ours */
	int last;
	char path[PATH_MAX]; /* what is left of it */
	int links;	     /* followed so far */
};

static int folder(const struct walk *w)
{
	return w->folders[w->last];
}

static void go_up(struct walk *w, int to)
{
	while (w->last > to)
		close(w->folders[w->last--]);
}

/* The next part of the path, without the "." and the "/"; "": it has ended. */
static void take_name(struct walk *w, char name[NAME_SIZE])
{
	const char *p = w->path;
	size_t len;

	do {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len >= NAME_SIZE)
			len = NAME_SIZE - 1;
		memcpy(name, p, len);
		name[len] = '\0';
		p += len;
	} while (!strcmp(name, "."));
	p += strspn(p, "/");
	memmove(w->path, p, strlen(p) + 1);
}

/* Links of procfs lead to files of processes, not to where their text says. */
static bool is_in_procfs(int dirfd)
{
	struct statfs fs;

	return !fstatfs(dirfd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* Puts the @len bytes of link @text in front of what is left. 0, or errno. */
static int follow(struct walk *w, const char *text, size_t len)
{
	size_t left = strlen(w->path);

	if (is_in_procfs(folder(w)))
		return EXDEV;
	if (++w->links > MAX_LINKS)
		return ELOOP;
	if (len + 1 + left >= sizeof(w->path))
		return ENAMETOOLONG;
	memmove(w->path + len + 1, w->path, left + 1);
	memcpy(w->path, text, len);
	w->path[len] = '/';
	if (text[0] == '/')
		go_up(w, 0);
	return 0;
}

static int go_down(struct walk *w, const char *name)
{
	int fd;

	if (w->last + 1 == MAX_FOLDERS)
		return ENAMETOOLONG;
	fd = openat(folder(w), name,
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	w->folders[++w->last] = fd;
	return 0;
}

/* Of the last part open(2) itself follows a link, but when it is to make a new
 * file or to open the link. */
static bool follows_last(int flags)
{
	return !(flags & O_NOFOLLOW) &&
	       (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
}

/* Walks until @name, of which nothing is left to follow, is all that is left.
 * 0, or errno. */
static int walk_to_last(struct walk *w, int flags, char name[NAME_SIZE])
{
	char text[PATH_MAX];
	int err = 0;

	for (take_name(w, name); !err && name[0]; take_name(w, name)) {
		bool is_last = !w->path[0];
		ssize_t len;

		if (!strcmp(name, "..")) {
			go_up(w, w->last ? w->last - 1 : 0);
			continue;
		}
		len = -1;
		if (!is_last || follows_last(flags))
			len = readlinkat(folder(w), name, text, sizeof(text));
		if (len > 0)
			err = follow(w, text, (size_t)len);
		else if (is_last)
			return 0;
		else
			err = go_down(w, name);
	}
	return err;
}

/* Once more without following: it may have become a link. O_PATH opens the link
 * itself then. 0, or errno. */
static int open_last(int dirfd, const char *name, int flags, mode_t mode,
		     int *ret)
{
	int fd = openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	struct stat st;

	if (fd < 0)
		return errno;
	if (follows_last(flags) && (fstat(fd, &st) || S_ISLNK(st.st_mode))) {
		close(fd);
		return ELOOP;
	}
	*ret = fd;
	return 0;
}

int walk_in_root(int root, const char *path, int flags, mode_t mode)
{
	struct walk w = { .folders = { root } };
	char name[NAME_SIZE];
	int fd = -1, err = 0;

	if (!path[0])
		err = ENOENT;
	else if (strlen(path) >= sizeof(w.path))
		err = ENAMETOOLONG;
	if (!err) {
		memcpy(w.path, path, strlen(path) + 1);
		err = walk_to_last(&w, flags, name);
	}
	if (!err)
		err = open_last(folder(&w), name[0] ? name : ".", flags, mode,
				&fd);
	go_up(&w, 0);
	if (err)
		errno = err;
	return fd;
}

int open_in_root(int root, const char *path, int flags, mode_t mode)
{
	/* openat2(2) rejects a mode when it creates nothing */
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE
				? mode
				: 0,
		.resolve = RESOLVE_IN_ROOT,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	/* EPERM: filters that do not know the call, as Docker's before 20.10.
	 * EAGAIN: somebody renamed or mounted something, anywhere, before a
	 * ".." (openat2(2)); a busy machine always does. */
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAGAIN))
		return (int)fd;
	return walk_in_root(root, path, flags, mode);
}
