"""measure.py PID [ARGUMENT...]: `heapsnap check' and $TIMES snapshots of a
process that is busy; JSON of what they cost and what they changed.
measure.py PID --alone FILE: what changes in it in the time that those of FILE
took, without heapsnap."""
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter

HEAPSNAP = os.environ["HEAPSNAP"]
TIMES = int(os.environ["TIMES"])


def heapsnap(*args):
    begin = time.monotonic()
    done = subprocess.run([HEAPSNAP, *args], capture_output=True, text=True,
                          timeout=120)
    return done, time.monotonic() - begin


def family(pid):
    """A process and what it has forked, and so on."""
    pids = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as f:
            for child in f.read().split():
                pids += family(int(child))
    return pids


def count(pid):
    """What a snapshot must leave as it is."""
    with open(f"/proc/{pid}/smaps_rollup") as f:
        rss = next(int(line.split()[1]) for line in f if line.startswith("Rss"))
    with open(f"/proc/{pid}/maps") as f:
        maps = len(f.readlines())
    threads = [open(f"/proc/{pid}/task/{t}/comm").read().strip()
               for t in os.listdir(f"/proc/{pid}/task")]
    return {"threads": len(threads), "names": Counter(threads),
            "fds": len(os.listdir(f"/proc/{pid}/fd")),
            "maps": maps, "rss": rss * 1024}


def start_time(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rpartition(")")[2].split()[19]


def first_line(text):
    lines = [l for l in text.splitlines() if "hint:" not in l]
    return lines[0] if lines else ""


def ledger_error(snapshot):
    """How far the parts are from RSS, or from PSS where several processes are
    counted together, in percent."""
    ledger = snapshot.get("ledger") or {}
    parts = ledger.get("parts")
    total = ledger.get("pss") or ledger.get("rss")
    if not parts or not total:
        return None
    numbers = [v for v in parts.values() if isinstance(v, (int, float))]
    return 100 * abs(sum(numbers) - total) / total


def measure(pid, extra):
    check, _ = heapsnap("check", "-p", str(pid))
    row = {"check": check.returncode, "refused": [], "pauses": [], "walls": [],
           "ledger": []}
    if check.returncode:
        row["why"] = first_line(check.stderr) or first_line(check.stdout)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        for _ in range(TIMES):
            done, wall = heapsnap("-p", str(pid), "-n", "1", "--no-save", "-o",
                                  out, *extra)
            if done.returncode:
                row["refused"].append(
                    f"{done.returncode}: {first_line(done.stderr)}")
                continue
            with open(out) as f:
                snapshot = json.load(f)["snapshot"]
            row["walls"].append(wall)
            row["pauses"].append(snapshot["capture"]["pause_us"])
            row["ledger"].append(ledger_error(snapshot))
    done, _ = heapsnap("-p", str(pid), "-i", "2s", "--no-save", *extra)
    row["report"] = done.stdout
    return row


def wait_as_long(file):
    with open(file) as f:
        time.sleep(json.load(f)["seconds"])
    return {}


def main():
    pid, extra = int(sys.argv[1]), sys.argv[2:]
    born = start_time(pid)
    before = count(pid)
    begin = time.monotonic()
    if extra[:1] == ["--alone"]:
        row = wait_as_long(extra[1])
    else:
        row = measure(pid, extra)
    row["seconds"] = time.monotonic() - begin
    row["before"] = before
    row["alive"] = os.path.exists(f"/proc/{pid}") and start_time(pid) == born
    row["after"] = count(pid) if row["alive"] else None
    json.dump(row, sys.stdout)


main()
