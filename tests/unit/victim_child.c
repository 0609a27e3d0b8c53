#include "tests/unit/victim_child.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	char buf[65536];
	ssize_t n;

	ck_assert_int_ge(in, 0);
	ck_assert_int_ge(out, 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		ck_assert_int_eq(write(out, buf, (size_t)n), n);
	ck_assert_int_eq(n, 0);
	close(in);
	close(out);
}

static void run(const char *path, const char *root, int input, int output,
		const char *option, const char *value)
{
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	if (root && (chroot(root) || chdir("/")))
		_exit(126);
	execl(path, path, option, value, (char *)NULL);
	_exit(127);
}

/* Until the line "ready PID". */
static char *read_until_ready(int fd)
{
	static char said[8192];
	size_t len = 0;
	char *ready;

	for (;;) {
		ssize_t n = read(fd, said + len, sizeof(said) - 1 - len);

		if (n <= 0)
			ck_abort_msg("the victim ended, it said: %s", said);
		len += (size_t)n;
		said[len] = '\0';
		ready = strstr(said, "ready ");
		if (ready && strchr(ready, '\n'))
			return strdup(said);
	}
}

static void victim_run(struct victim *v, const char *root, const char *path,
		       const char *option, const char *value)
{
	int in[2], out[2];

	ck_assert_int_eq(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	v->pid = fork();
	if (!v->pid)
		run(path, root, in[0], out[1], option, value);
	close(in[0]);
	close(out[1]);
	v->input = in[1];
	v->said = read_until_ready(out[0]);
	v->output = out[0];
}

void victim_start(struct victim *v, const char *name, enum victim_way way,
		  const char *option, const char *value)
{
	char dir[] = "/tmp/hs-victim-XXXXXX", program[4096];
	const char *victims = getenv("VICTIMS");

	snprintf(program, sizeof(program), "%s/%s",
		 victims ? victims : "build/victims", name);
	snprintf(v->path, sizeof(v->path), "%s", program);
	if (way == VICTIM_PLAIN) {
		victim_run(v, NULL, program, option, value);
		return;
	}
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(v->path, sizeof(v->path), "%s/victim", dir);
	copy_file(program, v->path);
	if (way == VICTIM_CHROOT)
		victim_run(v, dir, "/victim", option, value);
	else
		victim_run(v, NULL, v->path, option, value);
	/* In the chroot too: then only map_files or exe lead to it. */
	unlink(v->path);
	rmdir(dir);
}

uint64_t victim_address(const struct victim *v, const char *name)
{
	size_t len = strlen(name);
	const char *line = v->said;

	while (line && (strncmp(line, name, len) || line[len] != ' ')) {
		line = strchr(line, '\n');
		line += line != NULL;
	}
	if (!line)
		ck_abort_msg("the victim did not say where '%s' is", name);
	return strtoull(line + len, NULL, 16);
}

void victim_end(struct victim *v)
{
	kill(v->pid, SIGKILL);
	waitpid(v->pid, NULL, 0);
	close(v->input);
	close(v->output);
	free(v->said);
}
