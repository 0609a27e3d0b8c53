"""honest.py [RUNS]: what 'heapsnap -p PID -i 2s' says of processes whose changes
are known, compared with what they say of themselves.

Prints for each kind of process, as rows in Markdown: the reports; those in which
a stack is significant that did not change, and those that '--fail-above 0'
failed though nothing grew; how many stacks of 10 samples and more there were,
and how many of them are within 2 printed errors of the truth, and the same of
the sums. RUNS is 50, of each kind.

Environment: HEAPSNAP, VICTIMS (the folder of the programs).
"""
import bisect
import json
import os
import subprocess
import sys
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
HEAPSNAP = os.environ.get("HEAPSNAP", os.path.join(ROOT, "heapsnap"))
VICTIMS = os.environ.get("VICTIMS", os.path.join(ROOT, "build", "victims"))
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
MIB = 1 << 20
SIDE_BY_SIDE = 3


class Victim:
    """A process that tells what it has, all the time."""

    def __init__(self, lg_sample, arguments):
        self.child = subprocess.Popen(
            [os.path.join(VICTIMS, "stock"), "--life", "7200"] + arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=dict(os.environ,
                     MALLOC_CONF=f"prof:true,lg_prof_sample:{lg_sample}"),
        )
        self.pid = self.child.pid
        self.child.stdout.readline()
        self.times, self.truths = [], []
        self.ended = False
        self.tell("begin")
        self.asking = threading.Thread(target=self.ask)
        self.asking.start()

    def tell(self, word):
        self.child.stdin.write(word + "\n")
        return self.child.stdout.readline()

    def ask(self):
        while not self.ended:
            before = time.time()
            words = self.tell("truth").split()[1:]
            self.times.append((before + time.time()) / 2)
            self.truths.append({k: int(v) for k, v in
                                (word.split("=") for word in words)})
            time.sleep(0.02)

    def at(self, when, what):
        """Between two answers it is taken to change steadily."""
        i = bisect.bisect(self.times, when)
        i = min(max(i, 1), len(self.times) - 1)
        a, b = self.times[i - 1], self.times[i]
        x, y = self.truths[i - 1][what], self.truths[i][what]
        return x + (y - x) * min(max((when - a) / (b - a), 0), 1)

    def change(self, start, end, what):
        return self.at(end, what) - self.at(start, what)

    def end(self):
        self.ended = True
        self.asking.join()
        self.child.stdin.write("quit\n")
        self.child.wait()


def capture_time(save, name):
    with open(os.path.join(save, name), "rb") as file:
        for line in file:
            if line.startswith(b"# heapsnap taken-at-us"):
                return int(line.split()[-1]) / 1e6
    raise ValueError(name)


def truth_of(row, victim, start, end, mixed):
    """What changed of a stack; None: of this one it is not known."""
    names = [frame["function"] for frame in row["frames"]]
    if "serve_burst" in names:
        return victim.change(start, end, "burst")
    if "fill_cache" in names:
        return victim.change(start, end, "cache")
    if "hold" not in names:
        return 0
    first = {n for n in names if n.startswith("stack_")} == {"stack_10"}
    if mixed:
        return None if not first else (
            victim.change(start, end, "stock") +
            victim.change(start, end, "leaked"))
    return victim.change(start, end, "leaked") if first else 0


class Kind:
    def __init__(self, name, lg_sample, options, *arguments):
        self.name, self.lg_sample = name, lg_sample
        self.options, self.arguments = options, list(arguments)
        self.reports = self.false = self.failed = 0
        self.stacks = self.within = self.sums = 0
        self.lock = threading.Lock()

    def count(self, report, status, victim, save):
        files = sorted(os.listdir(save))
        start = capture_time(save, files[0])
        end = capture_time(save, files[-1])
        while victim.times[-1] < end + 0.1:
            time.sleep(0.02)
        period = report["after"]["sample_period"]
        alone = "--stacks" not in self.arguments
        mixed = "--sizes" in self.arguments
        false, most = False, 0
        for row in report["stacks"]:
            if mixed and not alone:
                true = None
            else:
                true = truth_of(row, victim, start, end, mixed)
            if true is None:
                continue
            most = max(most, true)
            off = abs(row["bytes"] - true)
            false |= row["significant"] and abs(true) < MIB / 64
            size = max(row["before"]["bytes"], row["after"]["bytes"])
            if size >= 10 * period:
                self.stacks += 1
                self.within += off <= 2 * row["bytes_se"]
                if off > 2 * row["bytes_se"] and os.environ.get("SHOW"):
                    print(self.name, row["bytes"], row["bytes_se"], true,
                          row["before"], row["after"], file=sys.stderr)
        true = sum(victim.change(start, end, what)
                   for what in ("stock", "leaked", "burst", "cache"))
        totals = report["totals"]
        self.sums += abs(totals["bytes"] - true) <= 2 * totals["bytes_se"]
        self.reports += 1
        self.false += false
        self.failed += status == 1 and most < MIB / 64
        if status == 1 and most < MIB / 64 or false:
            if os.environ.get("KEEP"):
                with open(os.path.join(os.environ["KEEP"], "%s.%d.json" % (
                        self.name.replace(" ", "_"), self.reports)), "w") as f:
                    json.dump(report, f)

    def run(self, places):
        with places:
            victim = Victim(self.lg_sample, self.arguments)
            for _ in range(RUNS):
                save = subprocess.check_output(
                    ["mktemp", "-d"], text=True).strip()
                done = subprocess.run(
                    [HEAPSNAP, "-p", str(victim.pid), "--save", save, "-f",
                     "json", "--fail-above", "0"] + self.options,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    check=False)
                if done.returncode not in (0, 1):
                    sys.exit(done.stderr.decode())
                with self.lock:
                    self.count(json.loads(done.stdout), done.returncode,
                               victim, save)
                subprocess.run(["rm", "-r", save], check=True)
            victim.end()
        print(f"| {self.name} | {self.reports} | {self.false} | {self.failed}"
              f" | {self.stacks} | {self.share(self.within, self.stacks)}"
              f" | {self.share(self.sums, self.reports)} |", flush=True)

    @staticmethod
    def share(part, of):
        return f"{100 * part / of:.1f}%" if of else ""


def churn(stock, percent, seconds=2):
    return ["--stock", str(stock), "--churn",
            str(int(stock * percent / 100 / seconds))]


FORTY = ["--stacks", "40", "--classes", "4"]
LOOK = ["-i", "2s"]
SERIES = ["-i", "400ms", "-n", "6"]
PAIR = ["-i", "2s", "-n", "2"]
KINDS = [
    Kind(f"40 stacks, {p}% replaced", 16, LOOK, *churn(64 * MIB, p), *FORTY)
    for p in (0, 1, 20, 300)
] + [
    Kind(f"5,000 stacks, {p}% replaced", 12, LOOK, *churn(256 * MIB, p),
         "--stacks", "5000") for p in (0, 20)
] + [
    Kind("one leaks of 40, pair", 16, PAIR, *churn(64 * MIB, 5), *FORTY,
         "--rate", str(MIB)),
    Kind("one leaks of 40, 6 in 2 s", 16, LOOK, *churn(64 * MIB, 5), *FORTY,
         "--rate", str(MIB)),
    Kind("series, a burst and a cache", 16, SERIES, *churn(64 * MIB, 5),
         *FORTY, "--cache", str(8 * MIB), "--period", "1700"),
    Kind("one stack of mixed sizes", 16, LOOK, *churn(64 * MIB, 20),
         "--sizes", "mixed", "--rate", str(MIB)),
    Kind("one stack of mixed sizes, pair", 16, PAIR, *churn(64 * MIB, 20),
         "--sizes", "mixed", "--rate", str(MIB)),
]

ONLY = os.environ.get("ONLY", "")
print("| process | reports | false | failed | stacks | within | sums |")
print("|---|--:|--:|--:|--:|--:|--:|", flush=True)
running = threading.Semaphore(SIDE_BY_SIDE)
threads = [threading.Thread(target=kind.run, args=(running,))
           for kind in KINDS if ONLY in kind.name]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
