#!/usr/bin/env python3
"""Runs the examples of pages and says whether they print what the page says.

    examples.py [--update] FOLDER PAGE...

An example is a literal display of a manual page (.Bd -literal, .Dl), or a
fenced or indented block of a Markdown file, with lines "$ COMMAND". What is
between one command and the next is what it prints, on stdout or stderr:

- nothing: it ends with status 0, whatever it prints;
- a line "...": any lines, or none;
- all else: as it stands.

The line before the block may say how it is run: '.\\" example: WORD...' in a
manual page, '<!-- example: WORD... -->' in Markdown:

    recorded   "heapsnap -p PID" stands for a diff of the snapshots that such a
               run kept: what it prints but for the names of the files
    service    PID is that of a service that leaks; $SERVICE is its own
    plain      the same of one without profiling, $PLAIN
               (both are said to be on web3)
    varies     numbers and blanks are not compared, but that there is a number
    processes  a line for each process, and a head: the two services' alone are
               compared, in any order, since which is larger varies
    list       each line is a command, what stands behind two blanks is not
    not        no example: a form to fill in, or what is tested elsewhere

Each block starts in a folder of its own, FOLDER/block, a copy of FOLDER/files.
Waits are cut to a second. A block that names heapsnap and has no command is an
error, so that none is forgotten. --update writes what is printed into the page
where that is compared as it stands.
"""
import difflib
import os
import re
import shutil
import socket
import subprocess
import sys

PID = "3932"
ROFF = [("\\(+-", "±"), ("\\-", "-"), ("\\&", ""), ("\\e", "\\")]


def from_roff(line):
    line = re.sub(r"\\\[u([0-9A-F]{4})\]",
                  lambda m: chr(int(m.group(1), 16)), line)
    for roff, text in ROFF:
        line = line.replace(roff, text)
    return line


def to_roff(line):
    line = line.replace("\\", "\\e").replace("±", "\\(+-")
    line = "".join(c if ord(c) < 128 else "\\[u%04X]" % ord(c) for c in line)
    return "\\&" + line if line[:1] in (".", "'") else line


class Block:
    def __init__(self, page, start, words):
        self.page, self.start, self.words = page, start, words
        self.lines = []

    def __str__(self):
        return "%s:%d" % (self.page, self.start + 1)


def man_blocks(page, lines):
    words, block = [], None
    for i, line in enumerate(lines):
        if block:
            if line == ".Ed":
                yield block
                block = None
            else:
                block.lines.append(from_roff(line))
        elif line.startswith('.\\" example: '):
            words = line.split()[2:]
            continue
        elif line.startswith(".Bd -literal"):
            block = Block(page, i + 1, words)
        elif line.startswith(".Dl "):
            one = Block(page, i, words)
            one.lines = [from_roff(line[4:])]
            yield one
        words = []


def markdown_blocks(page, lines):
    words, block = [], None
    for i, line in enumerate(lines):
        fence = line.startswith("```")
        indented = line.startswith("    ")
        if block and (fence if block.fenced else not indented):
            yield block
            block = None
            if fence:
                continue
        if block:
            block.lines.append(line if block.fenced else line[4:])
        elif line.startswith("<!-- example: "):
            words = line.split()[2:-1]
            continue
        elif fence or indented:
            block = Block(page, i + fence, words)
            block.fenced = fence
            block.lines = [] if fence else [line[4:]]
        if not line == "":
            words = []
    if block:
        yield block


def commands(block):
    """(command, what it prints), in their order."""
    if "list" in block.words:
        return [(re.split(r"  +", line)[0], [])
                for line in block.lines if not line.startswith(" ")]
    found = []
    for line in block.lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (found[-1][0][:-1] + line.strip(), [])
        elif found:
            found[-1][1].append(line)
    return found


def command_to_run(command, words):
    if "recorded" in words:
        command = re.sub(r"heapsnap -p %s( --no-save)?" % PID,
                         "heapsnap diff before.heap after.heap", command)
    if "service" in words:
        command = re.sub(r"\b(%s|PID|NAME)\b" % PID, os.environ["SERVICE"], command)
    if "plain" in words:
        command = re.sub(r"\b(%s|PID)\b" % PID, os.environ["PLAIN"], command)
    return re.sub(r"(-i|--interval) \w+", r"\1 1s", command)


def printed(command, block):
    """What it prints, in lines, and its exit status."""
    done = subprocess.run(
        ["bash", "-c", command_to_run(command, block.words)],
        cwd=block.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=120, check=False)
    text = done.stdout.decode("utf-8", "backslashreplace")
    if "recorded" in block.words:
        text = re.sub(r"  (before|after)\.heap$", "", text, flags=re.M)
    for name in ("SERVICE", "PLAIN"):
        text = re.sub(r"\b%s\b" % os.environ[name], PID, text)
    text = text.replace(") on %s" % socket.gethostname(), ") on web3")
    lines = text.rstrip("\n").split("\n") if text else []
    return [line.rstrip() for line in lines], done.returncode


def without_numbers(line):
    line = re.sub(r"[-+]?\d[\d,]*(\.\d+)?( ([KMG]i)?B\b| [um]?s\b)?", "#", line)
    line = re.sub(r"# object\b", "# objects", line)
    return re.sub(r"\s+", " ", line).strip()


def same(wanted, got):
    """Whether lines are the same, a wanted "..." being any."""
    pattern = "".join("(?:.*\n)*" if line.strip() == "..." else
                      re.escape(line) + "\n" for line in wanted)
    return re.fullmatch(pattern, "".join(line + "\n" for line in got))


def trimmed(lines):
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return [line.rstrip() for line in lines]


def check(block, command, wanted):
    """Lines that explain why it is wrong; none: it is right."""
    got, status = printed(command, block)
    block.got = got
    wanted = trimmed(wanted)
    if not wanted:
        return [] if status == 0 else ["it ended with %d:" % status] + got
    if "processes" in block.words:
        got = got[:1] + [x for x in got[1:] if x.split()[:1] == [PID]]
    if "varies" in block.words:
        wanted = [without_numbers(line) for line in wanted]
        got = [without_numbers(line) for line in got]
    if "processes" in block.words:
        # This column is there while anything on the machine is watched.
        got = [line.replace("watched by ", "") for line in got]
        got, wanted = sorted(got), sorted(wanted)
    if same(wanted, got):
        return []
    return list(difflib.unified_diff(wanted, got, "the page", "printed",
                                     lineterm=""))


def update(block, lines):
    """@lines of the page, with what was printed in the place of the block."""
    encode = to_roff if block.page.endswith(tuple("12345678")) else str
    text = []
    for command, got in block.printed:
        text += ["$ " + command] + [encode(line) for line in got]
    end = block.start + len(block.lines)
    return lines[:block.start] + text + lines[end:]


def run(block, folder):
    """Whether all of it is right."""
    block.folder = os.path.join(folder, "block")
    shutil.rmtree(block.folder, ignore_errors=True)
    shutil.copytree(os.path.join(folder, "files"), block.folder)
    block.printed, right = [], True
    for command, wanted in commands(block):
        wrong = check(block, command, wanted)
        block.printed.append((command, block.got if wanted else []))
        print("%s %s: %s" % ("not ok" if wrong else "ok", block, command))
        for line in wrong:
            print("# " + line)
        right = right and not wrong
    return right


def run_page(page, folder, updating):
    with open(page, encoding="utf-8") as f:
        lines = f.read().split("\n")
    markdown = page.endswith(".md")
    blocks = list((markdown_blocks if markdown else man_blocks)(page, lines))
    # From the last on: what is written does not move those before.
    for block in reversed(blocks):
        if "not" in block.words:
            continue
        if not commands(block):
            if any(re.search(r"(^|[ /])heapsnap ", x) for x in block.lines):
                print("not ok %s: is run" % block)
            continue
        right = run(block, folder)
        fixed = not {"varies", "list"} & set(block.words) and not any(
            line.strip() == "..." for line in block.lines)
        if updating and not right and fixed:
            lines = update(block, lines)
    if updating:
        with open(page, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))


def main():
    args = sys.argv[1:]
    updating = args[0] == "--update"
    folder, *pages = args[updating:]
    for page in pages:
        run_page(page, folder, updating)
    print("done")


main()
