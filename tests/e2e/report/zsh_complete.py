#!/usr/bin/env python3
"""Prints what zsh offers for a command line, as a person sees it on a terminal.

    zsh_complete.py COMPLETION-SCRIPT LINE

zsh reads no settings. Keys are typed when its editor is ready for them, one to
list what there is for the end of LINE, and one that it answers after that.
"""
import os
import pty
import re
import select
import signal
import sys
import time

SETUP = """stty cols 200 rows 200; PS1=; PS2=
autoload -Uz compinit && compinit -D -u; source %s
unsetopt autolist zle_bracketed_paste 2>/dev/null; LISTMAX=0
listed() { zle -I; print LIS''TED }; zle -N listed
bindkey '^T' list-choices; bindkey '^X' listed
zle-line-init() { print -n 'REA''DY' >/dev/tty }; zle -N zle-line-init
"""


def read_until(fd, text):
    seen, end = b"", time.time() + 60
    while text not in seen:
        if time.time() > end:
            sys.exit("zsh does not answer: %r" % seen)
        if select.select([fd], [], [], 1)[0]:
            seen += os.read(fd, 65536)
    return seen


def main():
    script, line = sys.argv[1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execvp("zsh", ["zsh", "-f", "-i"])
    os.write(fd, (SETUP % script).encode())
    read_until(fd, b"READY")
    os.write(fd, line.encode() + b"\x14\x18")
    seen = read_until(fd, b"LISTED\r\n")
    seen = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]|\r", b"", seen).decode()
    print(seen[:seen.rindex("LISTED")].replace(line.strip(), "\n"))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


main()
