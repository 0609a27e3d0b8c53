"""measure.py RUNS COMMAND...: the least wall time and the least CPU of the runs,
which other programs disturb least, and the peak memory of all, as the end of a
row in Markdown."""
import os
import subprocess
import sys
import time


def run(command):
    start = time.monotonic()
    with open(os.devnull, "w") as null:
        child = subprocess.Popen(command, stdout=null, stderr=null)
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit(f"{command}: status {status}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024


cpu, wall, peak = zip(*(run(sys.argv[2:]) for _ in range(int(sys.argv[1]))))
print(f"{min(wall):.2f} | {min(cpu):.2f} | {max(peak) / 1e6:.1f} |")
