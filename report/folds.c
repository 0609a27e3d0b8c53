#include "report/folds.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

static const char project_file[] = ".heapsnap";

static void add_alternative(struct strbuf *pattern, const char *regex,
			    size_t len)
{
	if (pattern->len)
		strbuf_addc(pattern, '|');
	strbuf_addc(pattern, '(');
	strbuf_add(pattern, regex, len);
	strbuf_addc(pattern, ')');
}

/* Alone, so that an error is about this one and a "(" ends where it began. */
static struct hs_error *check_regex(const char *regex, size_t len)
{
	_cleanup_free_ char *text = strndup(regex, len);
	struct pattern p = { .text = text };
	struct hs_error *err;

	if (!text)
		return hs_error_nomem();
	err = pattern_compile(&p, "fold");
	pattern_release(&p);
	return err;
}

static struct hs_error *parse_line(const char *at, size_t len,
				   struct strbuf *pattern)
{
	static const char key[] = "fold ";
	const size_t n = sizeof(key) - 1;
	struct hs_error *err;

	while (len && strchr(" \t\r", at[len - 1]))
		len--;
	while (len && strchr(" \t", *at)) {
		at++;
		len--;
	}
	if (!len || *at == '#')
		return NULL;
	if (len <= n || memcmp(at, key, n) || memchr(at, '\0', len))
		return hs_error_new(HS_ERROR_INPUT, "expected 'fold REGEX'");
	err = check_regex(at + n, len - n);
	if (!err)
		add_alternative(pattern, at + n, len - n);
	return err;
}

struct hs_error *folds_parse(const char *text, size_t len, const char *name,
			     struct strbuf *pattern)
{
	const char *end = text + len, *stop;
	struct hs_error *err = NULL;
	size_t line = 0;

	while (!err && text < end) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		line++;
		err = parse_line(text, (size_t)(stop - text), pattern);
		text = stop < end ? stop + 1 : end;
	}
	return hs_error_recode(hs_error_wrap(err, "%s:%zu", name, line),
			       HS_ERROR_INPUT);
}

/* Somebody else's file could keep us busy with a pattern. */
static bool is_trusted(const struct stat *st)
{
	return S_ISREG(st->st_mode) && !(st->st_mode & S_IWOTH) &&
	       (st->st_uid == geteuid() || st->st_uid == 0);
}

/* A file that is not there is none. */
static struct hs_error *read_file(const struct cli_options *o, const char *path,
				  struct strbuf *pattern)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_strbuf_ struct strbuf text = { 0 };
	struct hs_error *err;
	struct stat st;
	int errnum;

	if (fd < 0 || fstat(fd, &st) || S_ISDIR(st.st_mode))
		return NULL;
	if (!is_trusted(&st)) {
		monitor_note(&o->monitor,
			     "'%s' is not read: others than you and root may "
			     "write to it",
			     path);
		return NULL;
	}
	errnum = io_read(fd, &text);
	if (errnum)
		return hs_error_sys(HS_ERROR_INPUT, errnum, "cannot read '%s'",
				    path);
	err = strbuf_check(&text);
	return err ? err
		   : folds_parse(strbuf_str(&text), text.len, path, pattern);
}

static struct hs_error *read_user_file(const struct cli_options *o,
				       struct strbuf *pattern)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err;

	if (config && *config == '/')
		strbuf_addf(&path, "%s/heapsnap/config", config);
	else if (home && *home == '/')
		strbuf_addf(&path, "%s/.config/heapsnap/config", home);
	else
		return NULL;
	err = strbuf_check(&path);
	return err ? err : read_file(o, strbuf_str(&path), pattern);
}

static struct hs_error *read_project_file(const struct cli_options *o,
					  struct strbuf *pattern)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	char folder[PATH_MAX];
	struct hs_error *err;
	char *slash;

	if (!getcwd(folder, sizeof(folder)))
		return NULL;
	do {
		strbuf_clear(&path);
		strbuf_addf(&path, "%s/%s", folder, project_file);
		err = strbuf_check(&path);
		if (err)
			return err;
		if (!access(strbuf_str(&path), F_OK))
			return read_file(o, strbuf_str(&path), pattern);
		slash = strrchr(folder, '/');
		if (slash)
			*slash = '\0';
	} while (slash);
	return NULL;
}

/* A word of --fold; what is none of the three is a regular expression. */
static struct hs_error *take_word(struct cli_options *o, const char *word)
{
	struct hs_error *err;

	if (strcmp(word, "none") == 0)
		o->fold = ROWS_FOLD_NONE;
	else if (strcmp(word, "allocator") == 0)
		o->fold = ROWS_FOLD_ALLOCATOR;
	else if (strcmp(word, "std") == 0)
		o->fold = ROWS_FOLD_STD;
	else {
		err = check_regex(word, strlen(word));
		if (err)
			return err;
		add_alternative(&o->wrapper_text, word, strlen(word));
	}
	return NULL;
}

struct hs_error *folds_finish(struct cli_options *o)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < o->folds.n && !err; i++)
		err = take_word(o, o->folds.items[i]);
	if (!err)
		err = read_project_file(o, &o->wrapper_text);
	if (!err)
		err = read_user_file(o, &o->wrapper_text);
	if (!err)
		err = strbuf_check(&o->wrapper_text);
	if (err || !o->wrapper_text.len)
		return err;
	o->wrapper.text = strbuf_str(&o->wrapper_text);
	return pattern_compile(&o->wrapper, "fold");
}
