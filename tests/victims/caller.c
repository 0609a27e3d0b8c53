/*
 * Its only thread never waits, and hardly ever runs code of its own: it is in
 * one system call of libc's after the other, as an event loop that always finds
 * something to do. What it has got is compared with what was sent.
 *
 * Start it with --beat no: the loop beats.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/victims/victim.h"

enum { BYTES = 128 << 10, CALLS = 64 };

static void check(const unsigned char *sent, unsigned char *got, int fd)
{
	ssize_t n = recv(fd, got, BYTES, MSG_PEEK);

	if (n != BYTES)
		victim_harmed("recv: %zd, %s", n, strerror(errno));
	else if (memcmp(sent, got, BYTES))
		victim_harmed("recv: other bytes");
	heartbeat->beats++;
}

int main(int argc, char **argv)
{
	unsigned char *sent, *got;
	int fds[2], i;

	victim_begin(argc, argv, NULL);
	sent = malloc(BYTES);
	got = calloc(1, BYTES);
	if (!sent || !got ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return 1;
	memset(sent, 'x', BYTES);
	if (send(fds[0], sent, BYTES, 0) != BYTES)
		return 1;
	victim_ready();
	do {
		for (i = 0; i < CALLS; i++)
			if (recv(fds[1], got, BYTES, MSG_PEEK) != BYTES)
				victim_harmed("recv: %s", strerror(errno));
		check(sent, got, fds[1]);
	} while (victim_obey_now(NULL));
	return 0;
}
