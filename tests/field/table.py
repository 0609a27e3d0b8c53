"""table.py head; table.py row NAME HOW: lines of a table, a row from the files in
with/ and without/. Its exit status is 3 when the service was refused, 1 when it was
harmed or its memory does not add up. Descriptor 3 gets what the report begins
with."""
import json
import os
import platform
import statistics
import sys
from collections import Counter

COLUMNS = ["service", "how", "check", "refused", "stop ms, median", "max",
           "wall s, median", "threads", "fds", "maps", "RSS MiB",
           "ledger off by", "clients' errors"]


def line(cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def read(file):
    with open(file) as f:
        return json.load(f)


def step(row, key, show):
    if not row["after"]:
        return "gone"
    before, after = show(row["before"][key]), show(row["after"][key])
    return f"{before} -> {after}" if before != after else before


def change(row, alone, key, show=str):
    """The same of the one without heapsnap in brackets, where it differs."""
    here, there = step(row, key, show), step(alone, key, show)
    return f"{here} ({there})" if here != there else here


def new_threads(row):
    """The threads that came, by name."""
    if not row["after"]:
        return Counter()
    return Counter(row["after"]["names"]) - Counter(row["before"]["names"])


def mib(n):
    return f"{n / (1 << 20):.1f}"


def write_row(name, how):
    row, alone = read("with/row.json"), read("without/row.json")
    with open("with/errors") as f:
        errors = f.read().strip()
    tries = len(row["refused"]) + len(row["walls"])
    ledger = [x for x in row["ledger"] if x is not None]
    line([name, how, "yes" if row["check"] == 0 else f"no ({row['check']})",
          f"{len(row['refused'])} of {tries}",
          f"{statistics.median(row['pauses']) / 1000:.2f}" if row["pauses"]
          else "-",
          f"{max(row['pauses']) / 1000:.2f}" if row["pauses"] else "-",
          f"{statistics.median(row['walls']):.2f}" if row["walls"] else "-",
          *(change(row, alone, key) for key in ("threads", "fds", "maps")),
          change(row, alone, "rss", mib),
          f"{max(ledger):.1f}%" if ledger else "-", errors])
    for why in sorted(set(row["refused"])):
        print(f"{name}: {row['refused'].count(why)} x {why}", file=sys.stderr)
    if row.get("why"):
        print(f"{name}: check: {row['why']}", file=sys.stderr)
    with os.fdopen(3, "w") as f:
        print(f"- {name}: {sentence(row['report'])}", file=f)
        more = new_threads(row) - new_threads(alone)
        if more:
            print("  (threads that came with heapsnap: " + ", ".join(
                f"{n} {thread}" for thread, n in more.items()) + ")", file=f)
    if not row["alive"] or int(errors) or max(ledger, default=0) > 1:
        return 1
    return 3 if row["refused"] or row["check"] else 0


def sentence(report):
    """What a report says before its numbers, but for the growth that it names
    first, in one line."""
    head = [line for line in report.split("\n\n")[0].split("\n")
            if not line.startswith(" ")]
    # It ends where a line ends in a full stop, which "..." of a long name is not;
    # what follows has lines of its own.
    ends = (i for i, line in enumerate(head)
            if line.endswith(".") and not line.endswith("..."))
    if head[0].startswith("heap growth of "):
        head = head[next(ends, len(head) - 1) + 1:]
    return " ".join(" ".join(head).split()) or "-"


def write_head():
    with open("/etc/debian_version") as f:
        debian = f.read().strip()
    print("# Real services\n\n`make check-field`: Debian", debian + ", Linux",
          platform.release() + ",", os.cpu_count(), "CPUs, shared by the service, "
          "its load and heapsnap.\n25 snapshots each. In brackets, where that "
          "differs: a second one that was left alone for\nas long.\n")
    line(COLUMNS)
    line(["---"] * 2 + ["--:"] * (len(COLUMNS) - 2))


if sys.argv[1] == "head":
    write_head()
else:
    sys.exit(write_row(*sys.argv[2:4]))
