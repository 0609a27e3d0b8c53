#include "report/source_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular_file.h"

static FILE *open_source(const char *path, int64_t before_us)
{
	int fd = regular_file_open(path);
	struct stat st;
	FILE *f = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 &&
	    (before_us < 0 || st.st_mtime < before_us / 1000000))
		f = fdopen(fd, "r");
	if (!f)
		close(fd);
	return f;
}

static char *read_line(void *arg, const char *path, uint32_t line,
		       int64_t before_us)
{
	FILE *f = *path == '/' ? open_source(path, before_us) : NULL;
	char *text = NULL;
	size_t cap = 0;
	ssize_t len = -1;

	(void)arg;
	if (!f)
		return NULL;
	while (line-- && (len = getline(&text, &cap, f)) >= 0)
		;
	fclose(f);
	if (len < 0) {
		free(text);
		return NULL;
	}
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

const struct source_reader disk_source_reader = { .line = read_line };
