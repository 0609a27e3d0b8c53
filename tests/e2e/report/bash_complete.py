#!/usr/bin/env python3
"""Prints what bash makes of a command line when a person types it and a tab.

    bash_complete.py COMPLETION-SCRIPT LINE

bash reads no settings. It is told to print its line by a key of its own, which it
comes to when the tab is answered.
"""
import os
import pty
import select
import signal
import sys
import time


def read_until(fd, text):
    seen, end = b"", time.time() + 60
    while text not in seen:
        if time.time() > end:
            sys.exit("bash does not answer: %r" % seen)
        if select.select([fd], [], [], 1)[0]:
            seen += os.read(fd, 65536)
    return seen


def main():
    script, line = sys.argv[1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="dumb", PS1="", HISTFILE="")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    setup = ("source %s; bind 'set bell-style none'; "
             "bind -x '\"\\C-t\": printf \"LI\"\"NE<%%s>EN\"\"D\" \"$READLINE_LINE\"'; "
             "echo REA''DY\n")
    os.write(fd, (setup % script).encode())
    read_until(fd, b"READY\r\n")
    os.write(fd, line.encode() + b"\t\x14")
    seen = read_until(fd, b">END").decode()
    print(seen[seen.rindex("LINE<") + 5:seen.rindex(">END")])
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


main()
