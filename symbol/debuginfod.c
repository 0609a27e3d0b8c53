#include "symbol/debuginfod.h"

#include <dlfcn.h>
#include <elfutils/debuginfod.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

const char debuginfod_support[] = "by " DEBUGINFOD_SONAME ", with --debuginfod";

struct debuginfod {
	const volatile sig_atomic_t *stop; /* borrowed, or NULL */
	void *library; /* of dlopen(3); stays: its HTTP client has state for
			  the whole process, which an unloading would break */
	__typeof__(&debuginfod_begin) begin;
	__typeof__(&debuginfod_end) end;
	__typeof__(&debuginfod_set_user_data) set_user_data;
	__typeof__(&debuginfod_set_progressfn) set_progress;
	__typeof__(&debuginfod_find_executable) find_executable;
	__typeof__(&debuginfod_find_debuginfo) find_debuginfo;
	pthread_mutex_t mutex; /* for what is below */
	struct hs_error *problem;
};

static struct hs_error *no_client(const char *why)
{
	return hs_error_hint(hs_error_new(HS_ERROR_SYSTEM,
					  "--debuginfod: no client: %s",
					  why ? why : "unknown error"),
			     "install libdebuginfod1 (elfutils)");
}

static struct hs_error *load(struct debuginfod *d)
{
	const struct {
		const char *name;
		void **at;
	} functions[] = {
		{ "debuginfod_begin", (void **)&d->begin },
		{ "debuginfod_end", (void **)&d->end },
		{ "debuginfod_set_user_data", (void **)&d->set_user_data },
		{ "debuginfod_set_progressfn", (void **)&d->set_progress },
		{ "debuginfod_find_executable", (void **)&d->find_executable },
		{ "debuginfod_find_debuginfo", (void **)&d->find_debuginfo },
	};
	size_t i;

	d->library = dlopen(DEBUGINFOD_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!d->library)
		return no_client(dlerror());
	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		*functions[i].at = dlsym(d->library, functions[i].name);
		if (!*functions[i].at)
			return no_client(dlerror());
	}
	return NULL;
}

struct hs_error *debuginfod_create(const volatile sig_atomic_t *stop,
				   struct debuginfod **ret)
{
	const char *urls = getenv(DEBUGINFOD_URLS_ENV_VAR);
	struct debuginfod *d;
	struct hs_error *err;

	if (!urls || !urls[strspn(urls, " ")])
		return hs_error_hint(hs_error_new(HS_ERROR_USAGE,
						  "--debuginfod: no servers to "
						  "ask"),
				     "name them in DEBUGINFOD_URLS, such as "
				     "https://debuginfod.debian.net");
	d = calloc(1, sizeof(*d));
	if (!d)
		return hs_error_nomem();
	d->stop = stop;
	pthread_mutex_init(&d->mutex, NULL);
	err = load(d);
	if (err) {
		debuginfod_destroy(d);
		return err;
	}
	*ret = d;
	return NULL;
}

void debuginfod_destroy(struct debuginfod *d)
{
	if (!d)
		return;
	pthread_mutex_destroy(&d->mutex);
	hs_error_free(d->problem);
	free(d);
}

static void note_problem(struct debuginfod *d, struct hs_error *err)
{
	pthread_mutex_lock(&d->mutex);
	if (d->problem)
		hs_error_free(err);
	else
		d->problem = err;
	pthread_mutex_unlock(&d->mutex);
}

/* Called some times a second; other than 0 ends the transfer. */
static int stop_when_told(debuginfod_client *client, long a, long b)
{
	void *library = dlopen(DEBUGINFOD_SONAME, RTLD_NOW | RTLD_NOLOAD);
	__typeof__(&debuginfod_get_user_data) get_user_data;
	const volatile sig_atomic_t *stop = NULL;

	(void)a;
	(void)b;
	*(void **)&get_user_data = dlsym(library, "debuginfod_get_user_data");
	if (get_user_data)
		stop = get_user_data(client);
	return stop && *stop;
}

/* A descriptor, or -errno. */
static int fetch(const struct debuginfod *d, enum debuginfod_kind kind,
		 const char *build_id)
{
	/* With length 0 it is taken for hex digits. */
	const unsigned char *id = (const unsigned char *)build_id;
	_cleanup_free_ char *path = NULL;
	debuginfod_client *client = d->begin();
	int fd;

	if (!client)
		return -ENOMEM;
	if (d->stop) {
		d->set_user_data(client, (void *)(uintptr_t)d->stop);
		d->set_progress(client, stop_when_told);
	}
	if (kind == DEBUGINFOD_EXECUTABLE)
		fd = d->find_executable(client, id, 0, &path);
	else
		fd = d->find_debuginfo(client, id, 0, &path);
	d->end(client);
	return fd;
}

struct hs_error *debuginfod_find(struct debuginfod *d,
				 enum debuginfod_kind kind,
				 const char *build_id, const char *name,
				 struct elf_file **ret)
{
	struct hs_error *err;
	int fd;

	*ret = NULL;
	fd = fetch(d, kind, build_id);
	if (fd < 0) {
		if (fd != -ENOENT)
			note_problem(d, hs_error_sys(HS_ERROR_NOT_FOUND, -fd,
						     "debuginfod: cannot get "
						     "names of '%s'",
						     name));
		return NULL;
	}
	err = elf_file_open(fd, name, ret);
	if (err && hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	if (!err && (*ret)->build_id && !strcmp((*ret)->build_id, build_id))
		return NULL;
	if (!err)
		err = hs_error_new(HS_ERROR_NOT_FOUND,
				   "debuginfod: what came for '%s' is another "
				   "build",
				   name);
	elf_file_close(*ret);
	*ret = NULL;
	note_problem(d, err);
	return NULL;
}

struct hs_error *debuginfod_problem(struct debuginfod *d)
{
	struct hs_error *err;

	pthread_mutex_lock(&d->mutex);
	err = take_ptr(d->problem);
	pthread_mutex_unlock(&d->mutex);
	return err;
}
