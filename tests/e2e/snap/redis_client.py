"""Two kinds of clients of a redis server on a unix socket, without a library.

    load SOCKET      adds keys without pause, 50 in a row, until SIGTERM
    ping SOCKET      one PING after the other until SIGTERM

Both print "ready" when the server has answered once, and at their end a line
"replies N max_us N": max_us is the longest time that an answer took.
"""
import signal
import socket
import sys
import time

ended = False


def end(*_):
    global ended
    ended = True


def ask(server, answers, requests):
    """Sends the requests in one piece and reads as many answers."""
    server.sendall(b"".join(requests))
    for request in requests:
        answer = answers.readline()
        if answer not in (b"+PONG\r\n", b"+OK\r\n"):
            sys.exit("%r was answered by %r" % (request, answer))
    return len(requests)


def main(kind, path):
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    answers = server.makefile("rb")
    ask(server, answers, [b"PING\r\n"])
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    replies = 0
    longest = 0
    while not ended:
        requests = [b"PING\r\n"]
        if kind == "load":
            requests = [
                b"SET key:%d %0100d\r\n" % (replies + i, i) for i in range(50)
            ]
        start = time.monotonic()
        replies += ask(server, answers, requests)
        longest = max(longest, time.monotonic() - start)
    print("replies %d max_us %d" % (replies, longest * 1000000))


main(*sys.argv[1:])
