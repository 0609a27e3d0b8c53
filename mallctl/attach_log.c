/* Not by syslog(3), which waits when the log's socket is full. */
#include "mallctl/attach_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/parse.h"
#include "base/strbuf.h"
#include "proc/file.h"

/* "user 0, login 1000, sudo 1000": who became root, as far as it is known. */
static void add_who(struct strbuf *sb)
{
	_cleanup_free_ char *login = NULL;
	const char *sudo = getenv("SUDO_UID");
	struct hs_error *unread;
	uint64_t uid;
	size_t len;

	strbuf_addf(sb, "user %u", (unsigned)getuid());
	unread = file_read_proc("/proc/self/loginuid", &login, &len);
	if (!unread && parse_u64(login, strcspn(login, "\n"), &uid) &&
	    uid < UINT32_MAX)
		strbuf_addf(sb, ", login %" PRIu64, uid);
	hs_error_free(unread);
	if (sudo && parse_u64(sudo, strlen(sudo), &uid))
		strbuf_addf(sb, ", sudo %" PRIu64, uid);
}

/* As syslog(3) sends it: "<85>Nov 29 01:02:03 heapsnap[4711]: ..." */
static void add_head(struct strbuf *sb)
{
	time_t now = time(NULL);
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(text, sizeof(text), "%b %e %H:%M:%S", &tm);
	strbuf_addf(sb, "<%d>%s heapsnap[%d]: ", LOG_AUTHPRIV | LOG_NOTICE,
		    text, (int)getpid());
}

static void send_line(const struct strbuf *sb)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
				  .sun_path = "/dev/log" };
	_cleanup_close_ int fd = -1;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, strbuf_str(sb), sb->len, MSG_DONTWAIT | MSG_NOSIGNAL,
		      (struct sockaddr *)&to, sizeof(to));
}

void attach_log(const struct identity *id, int64_t us,
		const struct hs_error *err)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const char *outcome = err ? hs_error_message(err) : "put back";

	add_head(&sb);
	add_who(&sb);
	strbuf_addf(&sb, " attached to process %d ('", (int)id->pid);
	escape_terminal(&sb, id->command, strlen(id->command));
	strbuf_addf(&sb, "') for %.1f ms: ", (double)us / 1e3);
	escape_terminal(&sb, outcome, strlen(outcome));
	if (!sb.failed)
		send_line(&sb);
}
